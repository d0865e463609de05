import { type Check, isRecord } from "../core/check";
import { type Problem, problem } from "../core/problem";
import type { IstioRelease } from "./release";
import { type Since, tooNew } from "./since";
import { isTolerated } from "./tolerated";

/** An object of a kind as found: its parts may be anything. */
export interface KindData {
  readonly metadata?: unknown;
  readonly spec?: unknown;
}

/** What is to know of a kind to check its objects. */
export interface Kind<Name extends string = string> {
  readonly kind: Name;
  /** What Istio's own validation would refuse in a spec whatever the release, looking at nothing else in the mesh. */
  readonly spec: Check;
  /** What it would refuse in the metadata, for a spec that is an object. @default - nothing */
  readonly metadata?: (metadata: Readonly<Record<string, unknown>>, spec: Readonly<Record<string, unknown>>) => readonly Problem[];
  /** What came with which release. */
  readonly since: Since;
}

/** What is wrong with an object whatever the release; when nothing is, what is too new for the release. */
export function problemsOf(
  { spec: check, metadata: judge, since }: Kind,
  { metadata, spec }: KindData,
  release: IstioRelease,
): readonly Problem[] {
  if (!isRecord(spec)) return [problem("spec", spec, "an object")];
  const outside = judge !== undefined && isRecord(metadata) ? judge(metadata, spec) : [];
  const inside = check("spec", spec);
  const problems = outside.length === 0 ? inside : [...outside, ...inside];
  return problems.every(isTolerated) ? [...problems, ...tooNew(spec, "spec", since, release)] : problems;
}
