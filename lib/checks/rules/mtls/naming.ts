import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";

/** `Deployment pricing`, as messages name the workload of a Service or policy in the same namespace. */
export function workloadName({ object }: Workload): string {
  return `${object.kind} ${object.name}`;
}

/** `shop/default`, as messages name a policy. */
export function policyName({ namespace, name }: MeshObject): string {
  return `${namespace}/${name}`;
}

/** `a`, `a and b`, `a, b and c`; of more than three the first two and how many there are beside. */
export function enumeration<Item>(items: readonly Item[], nameOf: (item: Item) => string = String): string {
  const names = items.slice(0, items.length > 3 ? 2 : 3).map(nameOf);
  const shown = items.length > 3 ? [...names, `${items.length - 2} more`] : names;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** `port 80`, `ports 80 and 443`. */
export function portNames(ports: readonly (number | undefined)[]): string {
  const known = [...new Set(ports)].map((port) => `${port ?? "unknown"}`);
  return `${known.length === 1 ? "port" : "ports"} ${enumeration(known)}`;
}
