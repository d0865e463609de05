import type { ObjectGraph } from "../object-graph";
import { type ConntrackFacts, conntrackFacts, type PoolFacts } from "./node-pools";

/** What is known of the kube-proxy on a pool's nodes: what the pool says, else a KubeProxyConfiguration. k3s reads no such document. */
export function clusterKubeProxy(graph: ObjectGraph, { kubeProxy, distribution }: PoolFacts): ConntrackFacts | undefined {
  if (kubeProxy !== undefined || distribution === "k3s") return kubeProxy;
  const [document] = graph.of("KubeProxyConfiguration");
  return document === undefined ? undefined : conntrackFacts(document.data.conntrack);
}
