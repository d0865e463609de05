import { App, Chart } from "cdk8s";
import { meshObject } from "../../lib/checks/mesh-object";
import { ObjectGraph } from "../../lib/checks/object-graph";
import { schemaRules } from "../../lib/checks/rules/schema-rules";
import { runRules } from "../../lib/checks/run-rules";
import { InvalidInput, type Problem } from "../../lib/core/problem";
import { type CheckedKind, specProblems } from "../../lib/istio/kinds";
import { resolveReleases, useReleases } from "../../lib/istio/release";
import { samples } from "../istio/samples";
import type { Manifest } from "../support/examples";

const newest = { istio: "1.31", kubernetes: "1.36" } as const;
const releases = resolveReleases("differential", newest);
const classes = new Map(samples.map((sample) => [sample.kind as string, sample]));

/** What is wrong with an object by the class that makes its kind; where no class does, by the same check. */
export function refusedByClass({ kind, metadata, spec }: Manifest): readonly Problem[] {
  const sample = classes.get(kind);
  if (sample === undefined) return specProblems(kind as CheckedKind, { metadata, spec }, releases.istio);
  const app = new App();
  useReleases(app, newest);
  try {
    sample.make(new Chart(app, "chart", { namespace: metadata.namespace ?? "default" }), spec as object);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}

/** What the check of files says that Istio or the API server refuses in an object. */
export function refusedByCheck(object: Manifest): readonly Problem[] {
  const graph = new ObjectGraph(
    [meshObject(object, {})].flatMap((found) => found ?? []),
    { releases },
  );
  return runRules(graph, schemaRules)
    .filter(({ severity }) => severity === "error")
    .map(({ field = "", message }) => ({ path: field, message }));
}

/** A problem without what differs from one object to another: `http[].timeout: got …, expected a duration`. */
export function shapeOf(kind: string, { path, message }: Problem): string {
  return `${kind} ${path.replaceAll(/\[\d+\]/g, "[]").replaceAll(/\["(?:[^"\\]|\\.)*"\]/g, "{}")}: ${message}`;
}
