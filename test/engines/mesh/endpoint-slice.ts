import type { Manifest } from "../../support/examples";
import type { Pod } from "./pod";

/** How far a pod has come. */
export type PodState = "starting" | "ready" | "terminating";

/** The EndpointSlice that Kubernetes' own controller makes of a Service and the pods that it selects. */
export function endpointSlice({ metadata, spec }: Manifest, pods: ReadonlyMap<Pod, PodState>, nodeName: string): Manifest {
  const { name, namespace = "default" } = metadata;
  const selector = Object.entries((spec?.selector ?? {}) as Record<string, string>);
  const selected = [...pods].filter(
    ([{ object }]) => object.metadata.namespace === namespace && selector.every(([key, value]) => object.metadata.labels?.[key] === value),
  );
  const ports = ((spec?.ports ?? []) as readonly ServicePort[]).map(({ name: port, port: number, targetPort = number }) => ({
    name: port,
    port: typeof targetPort === "number" ? targetPort : number,
    protocol: "TCP",
  }));
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports,
    endpoints: selected.map(([pod, state]) => ({
      addresses: [pod.namespace.address],
      conditions: { ready: state === "ready", serving: state !== "starting", terminating: state === "terminating" },
      nodeName,
      targetRef: { kind: "Pod", namespace, name: pod.name },
    })),
  };
}

interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort?: number | string;
}
