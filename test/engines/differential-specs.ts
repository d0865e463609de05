import { type DataSample, dataSamples } from "../istio/data-samples";
import type { Manifest } from "../support/examples";
import type { ApiServer } from "./api-server";
import { edited, type Schema } from "./differential-edits";
import { refusedByClass } from "./differential-judgement";
import { oneOf, type Random } from "./differential-random";

/** A kind of Istio as an API server serves it. */
interface ServedKind {
  readonly apiVersion: string;
  readonly schema: Schema;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: Schema } } };
    }[];
  };
}

/** An object that differs from a sound one in one place. */
export interface Broken {
  readonly object: Manifest;
  readonly change: string;
}

/** Random objects of every kind that the library can check, by the schemas of an API server. */
export class RandomSpecs {
  readonly #kinds: ReadonlyMap<string, ServedKind>;
  readonly #random: Random;
  readonly #starts = dataSamples.flatMap((sample) => [sample, ...newer(sample)]);

  constructor(server: ApiServer, random: Random) {
    const { stdout } = server.kubectl("get", "crd", "--output=json");
    this.#kinds = new Map((JSON.parse(stdout) as { items: readonly Crd[] }).items.map(({ spec }) => [spec.names.kind, served(spec)]));
    this.#random = random;
  }

  /** How many kinds there are. */
  get kinds(): number {
    return new Set(this.#starts.map(({ kind }) => kind)).size;
  }

  /** An object that the library takes, up to ten steps away from a sample. */
  sound(): Manifest {
    const { kind, spec } = oneOf(this.#random, this.#starts);
    let object = this.#object(kind, spec);
    for (let step = 2 + this.#random(9); step > 0; step--) {
      const next = this.#changed(object, "likely").object;
      if (refusedByClass(next).length === 0) object = next;
    }
    return object;
  }

  /** An object that differs from a sound one in one place, most often by a mistake. */
  broken(): Broken {
    return this.#changed(this.sound(), "any");
  }

  #changed({ kind, spec = {} }: Manifest, care: "likely" | "any"): Broken {
    const { spec: next, change } = edited(spec, this.#served(kind).schema, { random: this.#random, care });
    return { object: this.#object(kind, next), change };
  }

  #object(kind: string, spec: unknown): Manifest {
    return {
      apiVersion: this.#served(kind).apiVersion,
      kind,
      metadata: { name: "random", namespace: "default" },
      spec: spec as Readonly<Record<string, unknown>>,
    };
  }

  #served(kind: string): ServedKind {
    const found = this.#kinds.get(kind);
    if (found === undefined) throw new Error(`no ${kind} is served`);
    return found;
  }
}

function newer({ kind, newer }: DataSample): readonly DataSample[] {
  return newer === undefined ? [] : [{ kind, spec: newer }];
}

function served({ group, versions }: Crd["spec"]): ServedKind {
  const { name, schema } = (versions.find(({ name }) => name === "v1") ??
    versions.find(({ served }) => served)) as Crd["spec"]["versions"][number];
  return { apiVersion: `${group}/${name}`, schema: schema.openAPIV3Schema.properties.spec };
}
