import { type Data, records, text, texts } from "../fields";
import type { ObjectGraph } from "../object-graph";
import { isAmbient, namespaceInjection, namespaces } from "./injection";
import { injectsByDefault } from "./injector-config";
import { isSystemNamespace } from "./judged";
import { type Workload, workloads } from "./workloads";

/**
 * How pods belong to the mesh, as far as it can be seen.
 *
 * - `sidecar`: a proxy stands before every port and every call, and follows PeerAuthentications.
 * - `ambient`: the node's ztunnel does the same.
 * - `gateway`: a proxy of its own; Istio builds its listeners from Gateways and never looks at PeerAuthentications for them.
 * - `proxyless`: gRPC speaks to istiod by itself; what it takes cannot be seen here.
 * - `outside`: no proxy at all: calls go out in plaintext, and whatever arrives is taken.
 * - `unknown`: it hangs on a namespace that is not among the objects.
 */
export type Membership = "sidecar" | "ambient" | "gateway" | "proxyless" | "outside" | "unknown";

/** Membership of every workload. */
function memberships(graph: ObjectGraph): ReadonlyMap<Workload, Membership> {
  return new Map(graph.derive(workloads).map((workload) => [workload, decide(graph, workload)]));
}

/** How the pods of a workload belong to the mesh. */
export function membershipOf(graph: ObjectGraph, workload: Workload): Membership {
  return graph.derive(memberships).get(workload) ?? "unknown";
}

/** Whether pods are one of Istio's gateways: by the template they are injected with, by what runs in them, or by the label that Gateways select. */
export function isGateway(workload: Workload): boolean {
  const { labels } = workload;
  const args = texts(proxyOf(workload)?.args);
  return (
    templatesOf(workload).includes("gateway") ||
    args.includes("router") ||
    args.includes("waypoint") ||
    labels["gateway.istio.io/managed"] !== undefined ||
    (labels.istio?.endsWith("gateway") ?? false)
  );
}

function decide(graph: ObjectGraph, workload: Workload): Membership {
  if (isGateway(workload)) return "gateway";
  const image = text(proxyOf(workload)?.image) ?? "auto";
  if (image !== "auto") return "sidecar";
  if (workload.pod.hostNetwork === true || isSystemNamespace(workload.namespace)) return "outside";
  const injected = isInjected(graph, workload);
  if (injected === true) return templatesOf(workload).some((name) => name.startsWith("grpc")) ? "proxyless" : "sidecar";
  if (isCaptured(graph, workload)) return "ambient";
  return injected === "unknown" ? "unknown" : "outside";
}

/**
 * Whether the injector adds a sidecar.
 *
 * The API server asks it by labels alone: those of the namespace, and the pods' own only where the namespace has none. Then a pod's own label or
 * annotation may still refuse.
 */
function isInjected(graph: ObjectGraph, { namespace, labels, annotations }: Workload): boolean | "unknown" {
  const own = labels["sidecar.istio.io/inject"];
  if ((own ?? annotations["sidecar.istio.io/inject"]) === "false") return false;
  const around = namespaceInjection(graph, namespace);
  if (around === "enabled" || around === "disabled") return around === "enabled";
  if (own === "true" || (labels["istio.io/rev"] ?? "") !== "") return true;
  return around === "unknown" ? "unknown" : injectsByDefault(graph);
}

function isCaptured(graph: ObjectGraph, { namespace, labels }: Workload): boolean {
  const own = labels["istio.io/dataplane-mode"];
  if (own !== undefined) return own === "ambient";
  const around = graph.derive(namespaces).get(namespace);
  return around !== undefined && isAmbient(around);
}

function templatesOf({ annotations }: Workload): readonly string[] {
  const templates = annotations["inject.istio.io/templates"];
  return templates === undefined ? [] : templates.split(",").map((name) => name.trim());
}

function proxyOf({ pod }: Workload): Data | undefined {
  return [...records(pod.containers), ...records(pod.initContainers)].find(({ name }) => name === "istio-proxy");
}
