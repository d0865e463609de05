import { at, text } from "../../fields";
import { distinct } from "../../graph/distinct";
import { isAmbient, namespaceInjection, namespaces } from "../../graph/injection";
import { isSystemNamespace, judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import { namespaceMutualTls } from "../../graph/mutual-tls";
import { hasOutsidePolicies } from "../../graph/outside-policies";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { isMeshWide, namespaceOf } from "../policy/mtls-conflicts";

/** A DestinationRule that sends plaintext to a whole namespace or the whole mesh, and the PeerAuthentication that forbids it there. */
export interface PlaintextRule {
  readonly object: MeshObject;
  readonly policy: MeshObject;
  /** Whose policy it is. */
  readonly scope: "namespace" | "mesh";
}

/**
 * DestinationRules that send plaintext to all Services of a namespace or the mesh, where PeerAuthentications take mTLS only and none of these
 * Services is among the objects. Where some are, IST0113 judges each of them: pods without a sidecar may be meant.
 */
export function* plaintextRules(graph: ObjectGraph): Iterable<PlaintextRule> {
  for (const object of distinct(judged(graph, "DestinationRule"))) {
    if (at(object.spec, "trafficPolicy", "tls", "mode") !== "DISABLE") continue;
    const policy = refusal(graph, text(object.spec.host) ?? "");
    if (policy === undefined) continue;
    yield { object, policy, scope: policy.namespace === graph.derive(meshConfig).rootNamespace ? "mesh" : "namespace" };
  }
}

function refusal(graph: ObjectGraph, host: string): MeshObject | undefined {
  const { rootNamespace } = graph.derive(meshConfig);
  const namespace = isMeshWide(host) ? rootNamespace : namespaceOf(host);
  if (namespace === undefined || isSystemNamespace(namespace) || hasOutsidePolicies(graph, "PeerAuthentication", namespace))
    return undefined;
  const isSeen = isMeshWide(host) ? graph.of("Service").length > 0 : graph.derive(servedNamespaces).has(namespace);
  if (isSeen || (namespace !== rootNamespace && !mayHaveSidecars(graph, namespace))) return undefined;
  if (namespace === rootNamespace && !isMeshWide(host)) return undefined;
  const { mode, policy } = namespaceMutualTls(graph, namespace);
  return mode === "STRICT" ? policy : undefined;
}

function mayHaveSidecars(graph: ObjectGraph, namespace: string): boolean {
  const object = graph.derive(namespaces).get(namespace);
  const injection = namespaceInjection(graph, namespace);
  return (injection === "enabled" || injection === "unknown") && (object === undefined || !isAmbient(object));
}

/** Namespaces that have a Service among the objects. */
function servedNamespaces(graph: ObjectGraph): ReadonlySet<string> {
  return new Set(graph.of("Service").map(({ namespace }) => namespace));
}
