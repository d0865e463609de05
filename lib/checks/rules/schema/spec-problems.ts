import { isUnknownProp } from "../../../core/check";
import type { Problem } from "../../../core/problem";
import { catalogue, type IstioMinor } from "../../../istio/catalogue";
import { type CheckedKind, kinds, specProblems } from "../../../istio/kinds";
import type { IstioRelease } from "../../../istio/release";
import { isTolerated } from "../../../istio/tolerated";
import { list, record } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** What is wrong with an object by itself, told apart by what becomes of it. */
export interface SpecProblems {
  readonly object: MeshObject;
  /** Istio or the API server refuses the object. */
  readonly refused: readonly Problem[];
  /** Istio takes the object, and what is said there does not do what it was written for. */
  readonly tolerated: readonly Problem[];
  /** Fields that nobody knows. */
  readonly unknown: readonly Problem[];
  /** Fields and words that came with a later release. */
  readonly tooNew: readonly Problem[];
}

const istioGroups: readonly string[] = ["networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io"];

/** The kind of an object of Istio that can be checked by itself; undefined for any other. */
export function checkedKind({ group, kind }: MeshObject): CheckedKind | undefined {
  return istioGroups.includes(group) && Object.hasOwn(kinds, kind) ? (kind as CheckedKind) : undefined;
}

/** Objects of Istio with something wrong in their spec, looking at nothing else in the mesh. */
export function specProblemsOf(graph: ObjectGraph): readonly SpecProblems[] {
  const { istio } = graph.surroundings.releases;
  return graph.objects.flatMap((object) => {
    const kind = checkedKind(object);
    if (kind === undefined) return [];
    const problems = kindProblems(kind, object, istio);
    return problems.length === 0 ? [] : [apart(object, problems, kind)];
  });
}

/** What the newest release would refuse is not too new; what only this one lacks is. */
function apart(object: MeshObject, problems: readonly Problem[], kind: CheckedKind): SpecProblems {
  const tolerated = problems.filter(isTolerated);
  const unknown = problems.filter(isUnknownProp);
  const others = problems.filter((problem) => !isUnknownProp(problem) && !isTolerated(problem));
  const newer = unknown.length === 0 && kindProblems(kind, object, newest).every(isTolerated);
  return { object, tolerated, unknown, refused: newer ? [] : others, tooNew: newer ? others : [] };
}

function kindProblems(kind: CheckedKind, { data: { metadata, spec }, namespace }: MeshObject, istio: IstioRelease): readonly Problem[] {
  return specProblems(kind, { metadata, ...(spec !== undefined && spec !== null && { spec: asIstioReads(spec, namespace) }) }, istio);
}

/** Without nulls, and its own namespace as `.` in exportTo. */
function asIstioReads(spec: unknown, namespace: string): unknown {
  const kept = withoutNulls(spec);
  const exported = list(record(kept).exportTo);
  if (!exported.includes(namespace)) return kept;
  return { ...record(kept), exportTo: exported.map((name) => (name === namespace ? "." : name)) };
}

/** The value as an API server keeps it: fields that are null count as not written. Items of a list stay. */
export function withoutNulls(value: unknown): unknown {
  return hasNull(value) ? pruned(value) : value;
}

function pruned(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(pruned);
  return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (field === null ? [] : [[name, pruned(field)]])));
}

function hasNull(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.values(value).some(hasNull));
}

const row = catalogue.at(-1) as IstioMinor;
const newest: IstioRelease = { text: row.minor, minor: row.minor, row };
