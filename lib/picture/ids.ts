import type { MeshObject } from "../checks/mesh-object";

/** Id of a namespace. */
export function namespaceId(name: string): string {
  return `namespace:${name}`;
}

/** Id of a Service, by its namespace and name. */
export function serviceId(namespace: string, name: string): string {
  return `service:${namespace}/${name}`;
}

/** Id of a pool or a node. */
export function poolId(name: string): string {
  return `pool:${name}`;
}

/** Id of a host outside the mesh. */
export function externalId(host: string): string {
  return `external:${host}`;
}

/** Id of addresses outside the mesh. */
export function outsideId(address: string): string {
  return `outside:${address}`;
}

/** Id of a Gateway, of either kind. */
export function gatewayId({ namespace, name }: Pick<MeshObject, "namespace" | "name">): string {
  return `gateway:${namespace}/${name}`;
}

/** Id of what an exposure comes by: `gateway istio-system/edge`, `Ingress shop/pay`, `LoadBalancer`. */
export function entryId(by: string): string {
  const [kind = "", name] = by.split(" ", 2);
  return name === undefined ? `gateway:${kind}` : `${kind.toLowerCase()}:${name}`;
}
