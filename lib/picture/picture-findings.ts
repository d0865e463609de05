import { type MeshObject, objectName } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import type { Finding, Severity } from "../core/finding";
import { mostFindings } from "./limits";
import type { Places } from "./places";
import type { PictureFinding } from "./topology";
import { type Whereabouts, whereabouts } from "./whereabouts";

const order: readonly Severity[] = ["error", "warning", "note"];

/** Findings with what each is about: errors first, those that are accepted last. */
export function pictureFindings(
  graph: ObjectGraph,
  places: Places,
  findings: readonly Finding[],
): { readonly findings: readonly PictureFinding[]; readonly leftOut: number } {
  if (findings.length === 0) return { findings: [], leftOut: 0 };
  const rank = ({ severity, suppressed }: Finding): number => order.indexOf(severity) + (suppressed === undefined ? 0 : order.length);
  const kept = [...findings].sort((a, b) => rank(a) - rank(b)).slice(0, mostFindings);
  const [find, where] = [objectFinder(graph, kept), whereabouts(graph, places)];
  return { findings: kept.map((finding) => pictureFinding(finding, find, where)), leftOut: findings.length - kept.length };
}

function pictureFinding(finding: Finding, find: ObjectFinder, where: Whereabouts): PictureFinding {
  const { code, severity, path, resource, field, file, line, message, fix, suppressed } = finding;
  const object = find(finding);
  const at = object === undefined ? undefined : where(object);
  return {
    code,
    severity,
    ...(at !== undefined && { at }),
    object: resource === undefined ? path : objectName({ ...resource, writtenNamespace: resource.namespace }),
    ...(field !== undefined && { field }),
    ...(file !== undefined && { place: line === undefined ? file : `${file}:${line}` }),
    message,
    fix,
    ...(suppressed !== undefined && { accepted: suppressed }),
  };
}

type ObjectFinder = (finding: Finding) => MeshObject | undefined;

/** Finds the object that a finding names; for a construct, the first object at or below it. Only what is asked for is indexed. */
function objectFinder(graph: ObjectGraph, findings: readonly Finding[]): ObjectFinder {
  const kinds = new Set(findings.map(({ resource }) => resource?.kind));
  const byName = new Map<string, MeshObject>();
  for (const object of graph.objects) {
    const name = kinds.has(object.kind) ? objectName(object) : "";
    if (name !== "" && !byName.has(name)) byName.set(name, object);
  }
  const byPath = kinds.has(undefined) ? objectsByPath(graph) : undefined;
  return ({ path, resource }) =>
    resource === undefined ? byPath?.get(path) : byName.get(objectName({ ...resource, writtenNamespace: resource.namespace }));
}

/** The first object at or below each construct. */
function objectsByPath({ objects }: ObjectGraph): ReadonlyMap<string, MeshObject> {
  const byPath = new Map<string, MeshObject>();
  for (const object of objects) {
    for (const path of pathsAbove(object.origin.path ?? "")) if (!byPath.has(path)) byPath.set(path, object);
  }
  return byPath;
}

/** The path of a construct, and those of all around it. */
function pathsAbove(path: string): readonly string[] {
  const paths: string[] = [];
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) paths.push(path.slice(0, end));
  return paths;
}
