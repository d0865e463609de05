import { parse, parseAllDocuments } from "yaml";
import { meshObject } from "../../lib/checks/mesh-object";
import { ObjectGraph, type Surroundings } from "../../lib/checks/object-graph";
import type { Rule } from "../../lib/checks/rule";
import { runRules } from "../../lib/checks/run-rules";
import type { Finding } from "../../lib/core/finding";
import { catalogue } from "../../lib/istio/catalogue";
import { resolveReleases } from "../../lib/istio/release";

/** What a check is for: releases as text, and all else that surrounds the objects. */
export interface Around extends Omit<Surroundings, "releases" | "meshConfig"> {
  readonly istio?: string;
  readonly kubernetes?: string;
  /** As YAML. */
  readonly meshConfig?: string;
}

/** The graph of a YAML text. */
export function graphOf(yaml: string, { istio, kubernetes, meshConfig, ...around }: Around = {}): ObjectGraph {
  const row = catalogue.find(({ minor }) => istio?.startsWith(minor)) ?? catalogue.at(-1);
  const releases = resolveReleases("test", {
    istio: istio ?? row?.minor ?? "",
    kubernetes: kubernetes ?? `1.${row?.kubernetes.newest}`,
    allowUnsupported: { reason: "a test" },
  });
  const objects = parseAllDocuments(yaml).flatMap((document) => meshObject(document.toJS(), {}) ?? []);
  return new ObjectGraph(objects, { ...around, releases, ...(meshConfig !== undefined && { meshConfig: parse(meshConfig) }) });
}

/** What rules find in a YAML text. */
export function findingsIn(yaml: string, rules: readonly Rule[], around: Around = {}): readonly Finding[] {
  return runRules(graphOf(yaml, around), rules);
}

/** Findings in short: `IST0101 VirtualService shop/pricing spec.http[0].route[0].destination.host`. */
export function inShort(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, resource, field }) =>
    [code, resource?.kind, resource?.namespace === undefined ? resource?.name : `${resource.namespace}/${resource.name}`, field]
      .filter((part) => part !== undefined)
      .join(" "),
  );
}
