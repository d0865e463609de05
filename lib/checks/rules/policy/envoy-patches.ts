import { at, record, records } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";

/** Faults that one patch of an EnvoyFilter can have. */
export type PatchFault = "relative" | "relative-with-version" | "replace" | "add" | "remove";

/** A fault of an EnvoyFilter: one for all patches of it that have it. */
export interface FaultyPatch {
  readonly object: MeshObject;
  readonly fault: PatchFault;
  /** The first patch that has it: `spec.configPatches[0]`. */
  readonly field: string;
  readonly operation: string;
  /** Empty where none is written. */
  readonly applyTo: string;
}

/** A patch, as far as Istio's analyzer looks at it. */
interface Patch {
  readonly operation: string;
  readonly applyTo: string;
  /** What the patch inserts or changes: the name in its value, else the filter that it matches. */
  readonly target: string;
  readonly hasVersion: boolean;
}

const relative: ReadonlySet<string> = new Set(["REMOVE", "REPLACE", "INSERT_BEFORE", "INSERT_AFTER"]);
const replaceable: ReadonlySet<string> = new Set(["NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST"]);
const routes: ReadonlySet<string> = new Set(["ROUTE_CONFIGURATION", "HTTP_ROUTE"]);

/** What is wrong with the patches of all EnvoyFilters. */
function faultyPatches(graph: ObjectGraph): readonly FaultyPatch[] {
  const versioned = new Set<string>();
  return distinct(judged(graph, "EnvoyFilter")).flatMap((object) => faultsOf(object, versioned));
}

/**
 * Faults of one EnvoyFilter, each once, at its first patch.
 *
 * @param versioned Targets of patches for one version of the proxy, of this EnvoyFilter and those before it. The function adds to it.
 */
function faultsOf(object: MeshObject, versioned: Set<string>): readonly FaultyPatch[] {
  const found = new Map<PatchFault, FaultyPatch>();
  const hasPriority = object.spec.priority !== undefined && object.spec.priority !== null && object.spec.priority !== 0;
  for (const [index, data] of records(object.spec.configPatches).entries()) {
    if (data.patch === undefined || data.patch === null) break;
    const patch = patchOf(data);
    const fault = faultOf(patch, hasPriority, versioned);
    if (fault !== undefined && !found.has(fault)) {
      const { operation, applyTo } = patch;
      found.set(fault, { object, fault, field: `spec.configPatches[${index}].patch.operation`, operation, applyTo });
    }
    if (patch.hasVersion) versioned.add(patch.target);
  }
  return [...found.values()];
}

function faultOf({ operation, applyTo, target }: Patch, hasPriority: boolean, versioned: ReadonlySet<string>): PatchFault | undefined {
  if (operation === "ADD") return routes.has(applyTo) ? "add" : undefined;
  if (operation === "REMOVE" && routes.has(applyTo)) return "remove";
  if (operation === "REPLACE" && !replaceable.has(applyTo)) return "replace";
  if (hasPriority || !relative.has(operation)) return undefined;
  return versioned.has(target) ? "relative-with-version" : "relative";
}

function patchOf({ applyTo, match, patch }: Readonly<Record<string, unknown>>): Patch {
  const { operation, value } = record(patch);
  const version = at(match, "proxy", "proxyVersion");
  return {
    operation: typeof operation === "string" ? operation : "",
    applyTo: typeof applyTo === "string" ? applyTo : "",
    target: targetOf(record(value), match),
    hasVersion: typeof version === "string" && version !== "",
  };
}

/** A name in the value and the name of a matched filter are never the same target, even where they are the same word. */
function targetOf(value: Readonly<Record<string, unknown>>, match: unknown): string {
  if (Object.keys(value).length === 0) return "";
  if (value.name !== undefined) return `value ${JSON.stringify(value.name)}`;
  const filter = at(match, "listener", "filterChain", "filter", "name");
  return typeof filter === "string" && filter !== "" ? `filter ${filter}` : "";
}

/** A finding for each EnvoyFilter that has a fault. */
export function faultFindings(
  graph: ObjectGraph,
  fault: PatchFault,
  text: (patch: FaultyPatch) => Pick<RuleFinding, "message" | "severity">,
): readonly RuleFinding[] {
  const faulty = graph.derive(faultyPatches).filter((patch) => patch.fault === fault);
  return faulty.map((patch) => ({ object: patch.object, field: patch.field, ...text(patch) }));
}
