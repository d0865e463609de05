import { at, type Data, list, record, records, text } from "../fields";
import { type MeshObject, objectName } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { tryCount } from "./amounts";
import { podsAtRest } from "./autoscalers";
import { type Placement, placementOf } from "./node-groups";
import { demoProxy, istioProxy, noRequests, podRequests, profileOf, type Requests, requestsOr, sidecarRequests } from "./pod-requests";
import { type Workload, workloads } from "./workloads";

/** Pods that somebody asks for, all alike. */
export interface PodDemand {
  /** `Deployment shop/pricing`, `istiod`. */
  readonly name: string;
  /** What makes them. */
  readonly object: MeshObject;
  /** Where the containers stand in it; undefined for a part of an IstioOperator that says nothing of its own. */
  readonly field: string | undefined;
  /** Pods at rest; `each node` for a DaemonSet. */
  readonly pods: number | "each node";
  /** What one asks for, without its sidecar. */
  readonly requests: Requests;
  /** What its sidecar asks for. */
  readonly sidecar: Requests;
  readonly placement: Placement;
  /** Whether they stay: a Job's come and go. */
  readonly lasting: boolean;
}

/** Every pod that is asked for: by workloads, and by the parts of Istio that an IstioOperator installs. Pods that a workload owns are left out. */
export function podDemands(graph: ObjectGraph): readonly PodDemand[] {
  const own = graph
    .derive(workloads)
    .filter(({ object }) => !isOwned(object) && !isOver(object) && !isReference(object))
    .map((workload) => workloadDemand(graph, workload));
  return [...own, ...graph.of("IstioOperator").flatMap((operator) => operatorDemands(graph, operator))];
}

function workloadDemand(graph: ObjectGraph, workload: Workload): PodDemand {
  const { object, pod, template } = workload;
  return {
    name: objectName(object),
    object,
    field: template === "" ? "spec.containers" : `${template}.spec.containers`,
    pods: object.kind === "DaemonSet" ? "each node" : podsAtRest(graph, workload),
    requests: podRequests(pod),
    sidecar: sidecarRequests(graph, workload),
    placement: placementOf(pod),
    lasting: object.kind !== "Job" && object.kind !== "CronJob",
  };
}

/** Whether a controller made an object of another one, which stands for it. */
export function isOwned({ data }: MeshObject): boolean {
  return list(record(data.metadata).ownerReferences).some((owner) => record(owner).controller === true);
}

/** A Rollout may leave its pods to a Deployment, which stands among the objects as well. */
function isReference({ kind, spec }: MeshObject): boolean {
  return kind === "Rollout" && spec.template === undefined;
}

function isOver({ kind, data }: MeshObject): boolean {
  return kind === "Pod" && ["Succeeded", "Failed"].includes(text(record(data.status).phase) ?? "");
}

/** A part of Istio that an IstioOperator installs. */
interface Part {
  readonly name: string;
  readonly kind: "Deployment" | "DaemonSet";
  readonly namespace: string;
  readonly field: string;
  readonly pods: number | "each node";
  readonly requests: Requests;
  readonly placement: Placement;
}

/** Parts that are among the objects as well are counted there. */
function operatorDemands(graph: ObjectGraph, operator: MeshObject): readonly PodDemand[] {
  return operatorParts(operator)
    .filter(({ kind, namespace, name }) => graph.find(kind, namespace, name) === undefined)
    .map(({ name, field, pods, requests, placement }) => ({
      name,
      object: operator,
      field,
      pods,
      requests,
      sidecar: noRequests,
      placement,
      lasting: true,
    }));
}

/** Profiles that install no istiod into the cluster unless they are told to. */
const withoutPilot: ReadonlySet<string> = new Set(["empty", "remote"]);
const cniProfiles: ReadonlySet<string> = new Set(["ambient", "openshift", "openshift-ambient"]);
const ztunnelProfiles: ReadonlySet<string> = new Set(["ambient", "openshift-ambient"]);
/** A DaemonSet of Istio's runs on every node, whatever its taints. */
const everywhere: Placement = placementOf({ tolerations: [{ operator: "Exists" }] });

function operatorParts(operator: MeshObject): readonly Part[] {
  const profile = profileOf(operator);
  const demo = profile === "demo";
  return [
    ...pilotPart(operator, demo),
    ...gateways(operator).map((gateway) => gatewayPart(operator, gateway, demo)),
    ...daemon(operator, "cni", cniProfiles.has(profile), demo ? demoProxy : { cores: 0.1, memory: 100 * 2 ** 20 }),
    ...daemon(operator, "ztunnel", ztunnelProfiles.has(profile), { cores: 0.2, memory: 512 * 2 ** 20 }),
  ];
}

function pilotPart(operator: MeshObject, demo: boolean): readonly Part[] {
  const { enabled, k8s } = record(at(operator.spec, "components", "pilot"));
  const values = record(at(operator.spec, "values", "pilot"));
  if (!isOn(enabled, !withoutPilot.has(profileOf(operator)))) return [];
  const own = record(k8s);
  const revision = text(operator.spec.revision) ?? "";
  const standard = demo ? { cores: 0.01, memory: 100 * 2 ** 20 } : { cores: 0.5, memory: 2_048 * 2 ** 20 };
  return [
    {
      name: revision === "" ? "istiod" : `istiod-${revision}`,
      kind: "Deployment",
      namespace: namespaceOf(operator),
      field: "spec.components.pilot",
      pods: fewest(own, values),
      requests: requestsOr(record(own.resources), requestsOr(record(values.resources), standard)),
      placement: placementOf(own),
    },
  ];
}

/** A gateway that an IstioOperator installs. */
interface OperatorGateway {
  readonly name: string;
  readonly direction: "ingress" | "egress";
  readonly namespace: string;
  /** `spec.components.ingressGateways[0]`. */
  readonly field: string;
  readonly k8s: Data;
}

const profileGateways = {
  ingress: { list: "ingressGateways", name: "istio-ingressgateway", profiles: ["default", "demo", "preview", "stable", "openshift"] },
  egress: { list: "egressGateways", name: "istio-egressgateway", profiles: ["demo"] },
} as const;

/** Gateways that an IstioOperator installs: those that it names, and its profile's own. */
export function gateways(operator: MeshObject): readonly OperatorGateway[] {
  const profile = profileOf(operator);
  return (["ingress", "egress"] as const).flatMap((direction) => {
    const { list: listed, name: own, profiles } = profileGateways[direction];
    const bySelf = (profiles as readonly string[]).includes(profile);
    const field = `spec.components.${listed}`;
    const named = records(at(operator.spec, "components", listed)).map((gateway, index) => ({ gateway, field: `${field}[${index}]` }));
    const all = bySelf && !named.some(({ gateway }) => gateway.name === own) ? [...named, { gateway: { name: own }, field }] : named;
    return all.flatMap(({ gateway, field: place }) => {
      const { name, enabled, namespace, k8s } = gateway as Data;
      if (typeof name !== "string" || !isOn(enabled, bySelf && name === own)) return [];
      return [{ name, direction, namespace: text(namespace) ?? namespaceOf(operator), field: place, k8s: record(k8s) }];
    });
  });
}

function gatewayPart(operator: MeshObject, { name, namespace, field, k8s, direction }: OperatorGateway, demo: boolean): Part {
  const values = record(at(operator.spec, "values", "gateways", profileGateways[direction].name));
  const standard = demo ? demoProxy : istioProxy;
  return {
    name,
    kind: "Deployment",
    namespace,
    field,
    pods: fewest(k8s, values),
    requests: requestsOr(record(k8s.resources), requestsOr(record(values.resources), standard)),
    placement: placementOf(k8s),
  };
}

function daemon(operator: MeshObject, name: "cni" | "ztunnel", bySelf: boolean, standard: Requests): readonly Part[] {
  const { enabled, k8s, namespace } = record(at(operator.spec, "components", name));
  if (!isOn(enabled, bySelf)) return [];
  const values = record(at(operator.spec, "values", name));
  return [
    {
      name: name === "cni" ? "istio-cni-node" : name,
      kind: "DaemonSet",
      namespace: text(namespace) ?? namespaceOf(operator),
      field: `spec.components.${name}`,
      pods: "each node",
      requests: requestsOr(record(record(k8s).resources), requestsOr(record(values.resources), standard)),
      placement: everywhere,
    },
  ];
}

/** Pods at rest. */
function fewest({ hpaSpec, replicaCount }: Data, values: Data): number {
  const autoscaled = values.autoscaleEnabled === false ? undefined : tryCount(values.autoscaleMin, 1);
  return tryCount(record(hpaSpec).minReplicas, 1) ?? tryCount(replicaCount) ?? autoscaled ?? tryCount(values.replicaCount) ?? 1;
}

function isOn(enabled: unknown, otherwise: boolean): boolean {
  return typeof enabled === "boolean" ? enabled : otherwise;
}

function namespaceOf({ spec }: MeshObject): string {
  return text(spec.namespace) ?? text(at(spec, "values", "global", "istioNamespace")) ?? "istio-system";
}
