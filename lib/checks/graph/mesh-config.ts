import { at, type Data, record, text } from "../fields";
import type { ObjectGraph } from "../object-graph";

/** The mesh's configuration, as far as it can be seen. */
export interface MeshConfig {
  /** MeshConfig as written; empty where nothing is known. */
  readonly data: Data;
  /** Whether a MeshConfig was seen at all. */
  readonly known: boolean;
  /** Namespace whose policies hold for the whole mesh. */
  readonly rootNamespace: string;
  readonly trustDomain: string;
  /** `ALLOW_ANY` unless set. */
  readonly outbound: string;
}

/**
 * The MeshConfig that was given; else that of an IstioOperator among the objects.
 *
 * Whoever reads files puts the MeshConfig of a ConfigMap `istio` into the surroundings: it is YAML inside YAML.
 */
export function meshConfig(graph: ObjectGraph): MeshConfig {
  const operator = graph.of("IstioOperator")[0]?.spec;
  const data = graph.surroundings.meshConfig ?? record(operator?.meshConfig);
  const values = record(operator?.values);
  return {
    data,
    known: graph.surroundings.meshConfig !== undefined || operator !== undefined,
    rootNamespace: text(data.rootNamespace) ?? text(at(values, "global", "istioNamespace")) ?? text(operator?.namespace) ?? "istio-system",
    trustDomain: text(data.trustDomain) ?? "cluster.local",
    outbound: text(at(data, "outboundTrafficPolicy", "mode")) ?? "ALLOW_ANY",
  };
}
