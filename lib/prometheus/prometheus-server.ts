import type { Construct } from "constructs";
import type { DurationText } from "../core/duration";

/** The Prometheus of a tree. */
export interface PrometheusServer {
  /** Its address as programs in the cluster reach it: `http://prometheus.monitoring:9090`. */
  readonly address: string;
  /** Time between two scrapes. */
  readonly interval: DurationText;
}

const serversOf = new WeakMap<object, PrometheusServer>();

/** Makes Prometheus known to everything in the same tree. */
export function registerPrometheus(construct: Construct, server: PrometheusServer): void {
  serversOf.set(construct.node.root, server);
}

/** The tree's Prometheus; undefined where the tree names none. Ask when the tree is complete. */
export function prometheusOf(construct: Construct): PrometheusServer | undefined {
  return serversOf.get(construct.node.root);
}
