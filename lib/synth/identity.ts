import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import type { Problem } from "../core/problem";

/** Objects of a tree that are one object to the cluster: whichever is applied last would win, and nobody would be told. */
export function duplicateObjects(root: Construct): readonly Problem[] {
  const first = new Map<string, ApiObject>();
  return root.node.findAll().flatMap((construct) => {
    if (!ApiObject.isApiObject(construct)) return [];
    const object = construct as ApiObject;
    const other = first.get(identityOf(object));
    if (other === undefined) first.set(identityOf(object), object);
    return other === undefined ? [] : [duplicate(object, other)];
  });
}

/** What tells an object from all others in a cluster: API group, kind, namespace, name. Not the version: versions are views of one object. */
function identityOf({ apiGroup, kind, metadata, name }: ApiObject): string {
  return `${apiGroup} ${kind} ${metadata.namespace ?? ""} ${name}`;
}

function duplicate({ node, kind, name, metadata: { namespace } }: ApiObject, other: ApiObject): Problem {
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return { path: node.path, message: `is ${kind} ${name}${where}, which ${other.node.path} is already: the one applied last would win.` };
}
