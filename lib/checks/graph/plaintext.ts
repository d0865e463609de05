import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { membershipOf } from "./membership";
import { mutualTlsAt } from "./mutual-tls";
import { podsOf, type ServicePort, targetPort } from "./service-pods";
import type { Workload } from "./workloads";

/** Ports that the sidecar itself serves in plaintext: merged metrics, health and Envoy's own metrics. */
const ownPorts: ReadonlySet<number> = new Set([15020, 15021, 15090]);

/**
 * The PeerAuthentication because of which pods refuse plaintext on a port; undefined where they take it, or where that cannot be seen.
 *
 * Pods of a namespace that is not among the objects count as in the mesh where the policy is the namespace's own: whoever writes STRICT for a
 * namespace means pods that can follow it.
 *
 * @param port Port of the workload, not of a Service; undefined for one that could not be resolved.
 */
export function plaintextRefusal(graph: ObjectGraph, workload: Workload, port: number | undefined): MeshObject | undefined {
  const { mode, policy } = mutualTlsAt(graph, workload, port);
  if (mode !== "STRICT" || policy === undefined) return undefined;
  const membership = membershipOf(graph, workload);
  const follows =
    membership === "sidecar" || membership === "ambient" || (membership === "unknown" && policy.namespace === workload.namespace);
  return follows && isCaptured(workload, port) ? policy : undefined;
}

/** Pods behind a port of a Service that refuse plaintext. */
export interface Refusal {
  readonly workload: Workload;
  /** Port of the pods; undefined for one that could not be resolved. */
  readonly port: number | undefined;
  readonly policy: MeshObject;
}

/** The first pods behind a port of a Service that refuse plaintext. Services with the same pods share the answer. */
export function serviceRefusal(graph: ObjectGraph, service: MeshObject, port: Pick<ServicePort, "number" | "target">): Refusal | undefined {
  const pods = podsOf(graph, service);
  if (pods.length === 0) return undefined;
  const answers = graph.derive(refusals);
  const known = answers.get(pods) ?? new Map<unknown, Refusal | undefined>();
  answers.set(pods, known);
  const key = port.target ?? port.number;
  if (!known.has(key)) known.set(key, firstRefusal(graph, pods, port));
  return known.get(key);
}

/** Answers by pods and port. A derivation that fills as it is asked. */
function refusals(): Map<readonly Workload[], Map<unknown, Refusal | undefined>> {
  return new Map();
}

function firstRefusal(graph: ObjectGraph, pods: readonly Workload[], service: Pick<ServicePort, "number" | "target">): Refusal | undefined {
  for (const workload of pods) {
    const port = targetPort(service, workload);
    const policy = plaintextRefusal(graph, workload, port);
    if (policy !== undefined) return { workload, port, policy };
  }
  return undefined;
}

/** Whether the proxy stands before a port. Annotations can take it out of the way. */
export function isCaptured({ annotations }: Workload, port: number | undefined): boolean {
  if (annotations["sidecar.istio.io/interceptionMode"] === "NONE" || annotations["ambient.istio.io/bypass-inbound-capture"] === "true")
    return false;
  const included = annotations["traffic.sidecar.istio.io/includeInboundPorts"] ?? "*";
  const excluded = listed(annotations["traffic.sidecar.istio.io/excludeInboundPorts"] ?? "");
  if (port === undefined) return included === "*" && excluded.length === 0;
  if (included !== "*") return listed(included).includes(port);
  return !ownPorts.has(port) && !excluded.includes(port);
}

function listed(ports: string): readonly number[] {
  return ports
    .split(",")
    .map((port) => Number(port.trim()))
    .filter((port) => Number.isInteger(port) && port > 0);
}
