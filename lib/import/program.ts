import type { Data } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";
import type { IstioKind } from "../istio/catalogue";
import type { Patch } from "./patched-data";

/** A class that a program makes objects with. */
export type ImportedClass = IstioKind | "ApiObject" | "CanaryService";

/** A construct of a program. */
export interface ImportedConstruct {
  readonly class: ImportedClass;
  /** Name in its chart. */
  readonly id: string;
  /** Variable that holds it, where something names it again. Of a chart no two are alike. */
  readonly variable: string;
  /** Whether another construct names it. */
  readonly isNamed?: boolean;
  /** Plain data, with an `Expression` where it is none. */
  readonly props: Data;
  /** What is put right after it is made. */
  readonly patches: readonly Patch[];
  /** What a reader of the program should know. One sentence each. */
  readonly remarks: readonly string[];
  /** Codes that it accepts, each with the reason. */
  readonly accepted: readonly Acceptance[];
  /** The objects that it stands for. */
  readonly objects: readonly MeshObject[];
}

/** A code that is accepted, and why. */
export interface Acceptance {
  readonly code: string;
  readonly reason: string;
}

/** The objects of one namespace. */
export interface ImportedChart {
  /** Id of the chart. */
  readonly id: string;
  /** Undefined for objects without one: those of the whole cluster, and those whose files leave it to whoever applies them. */
  readonly namespace: string | undefined;
  readonly constructs: readonly ImportedConstruct[];
}

/** What a program is made for. */
export interface ImportReleases {
  readonly istio: string;
  readonly kubernetes: string;
  /** Set where Istio does not support the pair. */
  readonly allowUnsupported?: { readonly reason: string };
}

/** A program as data: what is printed as TypeScript, and what is built to see whether it gives the same objects. */
export interface ImportedProgram {
  readonly releases: ImportReleases;
  /** Objects that the checks shall take to be there, though the program does not make them. */
  readonly externals: readonly string[];
  /** Codes that are accepted wherever they are, each with the reason: findings that are at no construct. */
  readonly ignore: Readonly<Record<string, string>>;
  readonly charts: readonly ImportedChart[];
}
