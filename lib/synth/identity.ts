import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import type { Problem } from "../core/problem";

/** Objects of a tree that are one object to the cluster: whichever is applied last would win, and nobody would be told. */
export function duplicateObjects(objects: readonly ApiObject[]): readonly Problem[] {
  const first = new Map<string, ApiObject>();
  const problems: Problem[] = [];
  for (const object of objects) {
    const identity = identityOf(object);
    const other = first.get(identity);
    if (other === undefined) first.set(identity, object);
    else problems.push(duplicate(object, other));
  }
  return problems;
}

/** Every object of a tree. */
export function objectsOf(root: Construct): readonly ApiObject[] {
  return root.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
}

/** What tells an object from all others in a cluster: API group, kind, namespace, name. Not the version: versions are views of one object. */
function identityOf({ apiGroup, kind, metadata, name }: ApiObject): string {
  return `${apiGroup} ${kind} ${metadata.namespace ?? ""} ${name}`;
}

function duplicate({ node, kind, name, metadata: { namespace } }: ApiObject, other: ApiObject): Problem {
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return { path: node.path, message: `is ${kind} ${name}${where}, which ${other.node.path} is already: the one applied last would win.` };
}
