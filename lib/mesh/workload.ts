/** A port of a workload, as its Service offers it. */
export interface WorkloadPort {
  /** Name of the port. Its first word tells Istio the protocol: `http`, `grpc-api`, `tcp-db`. */
  readonly name: string;
  /** Port of the Service. Range: 1 to 65535. */
  readonly port: number;
  /** Port that the workload listens on. Policies name this one, never the Service's. Range: 1 to 65535. */
  readonly targetPort: number;
}

/** Who a caller is: the service account its sidecar proves by certificate. */
export interface MeshIdentity {
  /** Namespace it runs in; undefined when the chart names none. */
  readonly namespaceName: string | undefined;
  /** Service account of its pods. One of its own: policies that name a shared account let every sharer in. */
  readonly serviceAccountName: string;
}

/** What policies and routes need to know of a workload. `CanaryService` is one; anything of this shape will do. */
export interface MeshWorkload extends MeshIdentity {
  /** Name of its Kubernetes Service: the host that callers use. */
  readonly serviceName: string;
  /** Labels that pick its pods, and only them. */
  readonly podSelector: Readonly<Record<string, string>>;
  /** Ports it listens on. */
  readonly ports: readonly WorkloadPort[];
}

/** The name under which a sidecar's certificate is known to AuthorizationPolicies: `cluster.local/ns/shop/sa/pricing`. */
export function principal(identity: MeshIdentity, trustDomain: string): string {
  return `${trustDomain}/ns/${identity.namespaceName ?? "default"}/sa/${identity.serviceAccountName}`;
}

/** Whether a port is one that the sidecar listens on itself: a workload on it would never be reached. */
export function isSidecarPort(port: number): boolean {
  return port >= 15000 && port <= 15090;
}
