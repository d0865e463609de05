import { type Data, record } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";
import { isRecord } from "../core/check";
import type { Problem } from "../core/problem";
import type { IstioKind } from "../istio/catalogue";
import { specProblems } from "../istio/kinds";
import { apiVersionOf, type IstioRelease } from "../istio/release";
import { type Patch, patchedData } from "./patched-data";
import type { ImportedConstruct } from "./program";
import { spellingProblems } from "./spelling";

/** Problems that a remark names; the checks name them all. */
const most = 3;

/** What a construct is called. */
export type ConstructNames = Pick<ImportedConstruct, "id" | "variable">;

/**
 * The construct of an object: Istio's kinds by their classes, which know every field, and all else as an ApiObject. A spec that its class
 * would refuse is an ApiObject too, with a remark that says why.
 */
export function constructOf(object: MeshObject, { id, variable }: ConstructNames, release: IstioRelease): ImportedConstruct {
  const { data, patches } = patchedData(object.data, object.writtenNamespace || undefined);
  const kind = istioKind(object, release);
  const problems = kind === undefined ? [] : problemsOf(kind, object, { data, patches, release });
  const common = { id, variable, accepted: [], objects: [object] };
  if (kind === undefined || problems.length > 0)
    return { ...common, class: "ApiObject", props: data, patches, remarks: remarksOf(problems) };
  const { metadata, spec } = data;
  const versioned = apiVersionOf(kind, release) === object.apiVersion ? [] : [versionPatch(object)];
  return { ...common, class: kind, props: { metadata, spec }, patches: [...versioned, ...patches], remarks: [] };
}

/** The release serves a newer version; the object keeps its own. */
function versionPatch({ apiVersion }: MeshObject): Patch {
  return { operation: "replace", path: "/apiVersion", value: apiVersion };
}

/** The kind of an object that has a class. */
function istioKind({ group, kind }: MeshObject, release: IstioRelease): IstioKind | undefined {
  const { apiVersions } = release.row;
  if (!Object.hasOwn(apiVersions, kind)) return undefined;
  return apiVersions[kind as IstioKind].startsWith(`${group}/`) ? (kind as IstioKind) : undefined;
}

interface Given {
  readonly data: Data;
  readonly patches: readonly Patch[];
  readonly release: IstioRelease;
}

/** Why the class of a kind would not take an object. */
function problemsOf(kind: IstioKind, { writtenNamespace: namespace }: MeshObject, { data, patches, release }: Given): readonly Problem[] {
  const { apiVersion: _, kind: __, metadata, spec, ...others } = data;
  const [other] = Object.keys(others);
  if (other !== undefined) return [{ path: other, message: "the class takes metadata and a spec only." }];
  if (!isRecord(spec)) return [{ path: "spec", message: "it is missing, and the class wants one." }];
  // A patch of the whole metadata or spec leaves nothing for the class to look at.
  if (patches.some(({ operation, path }) => operation === "replace" && path !== "/metadata"))
    return [{ path: "spec", message: "it has a field that cdk8s cannot carry." }];
  return [...specProblems(kind, { metadata: { namespace, ...record(metadata) }, spec }, release), ...spellingProblems("spec", spec)];
}

function remarksOf(problems: readonly Problem[]): readonly string[] {
  const lines = problems.slice(0, most).map(({ path, message }) => `${path}: ${message}`);
  if (lines.length === 0) return [];
  const more = problems.length - lines.length;
  return ["No typed resource:", ...lines, ...(more > 0 ? [`… and ${more} more.`] : [])];
}
