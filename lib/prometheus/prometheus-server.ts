import type { Construct } from "constructs";

const serversOf = new WeakMap<object, string>();

/** Makes the address of Prometheus known to everything in the same tree. Inside the cluster: `http://prometheus.monitoring:9090`. */
export function registerPrometheus(construct: Construct, address: string): void {
  serversOf.set(construct.node.root, address);
}

/** Address of the tree's Prometheus; undefined where the tree names none. Ask when the tree is complete. */
export function prometheusOf(construct: Construct): string | undefined {
  return serversOf.get(construct.node.root);
}
