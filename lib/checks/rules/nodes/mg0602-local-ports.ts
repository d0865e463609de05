import { reservedPortsKey } from "../../../nodes/kernel-keys";
import { portClashes } from "../../../nodes/port-clashes";
import {
  defaultNodePorts,
  type Listener,
  listenersOf,
  merged,
  type PortRange,
  type Ports,
  portsLiteral,
  portsText,
  sidecarListeners,
  tryPorts,
} from "../../../nodes/ports";
import { record } from "../../fields";
import { membershipOf } from "../../graph/membership";
import { nodePools, type PoolFacts, sysctlsOf } from "../../graph/node-pools";
import { type PodSysctlRequest, podSysctlRequests } from "../../graph/pod-sysctls";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { kernelField } from "./pool-fields";

const rangeKey = "net.ipv4.ip_local_port_range";

/** An outgoing connection must not be given a port that something listens on. */
export const localPorts: Rule = {
  code: "MG0602",
  title: "local ports that something listens on",
  severity: "error",
  consequence:
    "An outgoing connection may be given the port of a NodePort Service, of the kubelet or of a sidecar. What listens there cannot start again: a node stays NotReady, or a Service stops answering on one node, until the connection ends.",
  fix: "Start the range at 32768, or set reservedPorts to the ports.",
  see: ["https://docs.kernel.org/networking/ip-sysctl.html", "https://github.com/kubernetes/kubernetes/pull/111697"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: kubeadm
  kernel:
    net.ipv4.ip_local_port_range: [1024, 65535]
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: kubeadm
  kernel:
    net.ipv4.ip_local_port_range: [1024, 65535]
  reservedPorts: [2379-2380, 6443, 10248-10250, 10256-10259, 30000-32767]
`,
  },
  *check(graph) {
    for (const pool of graph.derive(nodePools)) yield* poolFindings(pool);
    for (const request of graph.derive(podSysctlRequests)) if (request.name === rangeKey) yield* podFindings(graph, request);
  },
};

function* poolFindings({ object, settings, distribution = "kubeadm", nodePorts, podSysctls }: PoolFacts): Iterable<RuleFinding> {
  const onNode = portClashes(settings, listenersOf(distribution, (nodePorts ?? defaultNodePorts) as PortRange));
  const inPods = portClashes(podSysctls.map(setting), sidecarListeners);
  const fix = fixOf("reservedPorts", [...reserved(settings), ...onNode, ...inPods]);
  if (onNode.length > 0) yield { object, field: kernelField(rangeKey), message: message("the node's", onNode), fix };
  if (inPods.length > 0) yield { object, field: "spec.podSysctls", message: message("each pod's", inPods), fix };
}

function* podFindings(graph: ObjectGraph, { workload, field, name, value }: PodSysctlRequest): Iterable<RuleFinding> {
  const asked = sysctlsOf(record(workload.pod.securityContext).sysctls).map(setting);
  const clashes = portClashes(asked, sidecarListeners);
  // A pool that makes its pods ask for a range answers for it.
  const isPools = graph.derive(askedByPools).has(`${name}=${value}`);
  if (clashes.length === 0 || isPools || !["sidecar", "gateway"].includes(membershipOf(graph, workload))) return;
  const fix = fixOf(reservedPortsKey, [...reserved(asked), ...clashes]);
  yield { object: workload.object, field, message: message("each pod's", clashes), fix };
}

function askedByPools(graph: ObjectGraph): ReadonlySet<string> {
  return new Set(graph.derive(nodePools).flatMap(({ podSysctls }) => podSysctls.map(({ name, value }) => `${name}=${value}`)));
}

function setting({ name, value }: { readonly name: string; readonly value: string }): { readonly key: string; readonly value: string } {
  return { key: name, value: value.trim().split(/\s+/).join(" ") };
}

/** Ports that are reserved already: a new list replaces the old one. */
function reserved(settings: readonly { readonly key: string; readonly value: string }[]): readonly Ports[] {
  const value = settings.find(({ key }) => key === reservedPortsKey)?.value ?? "";
  return value.split(",").flatMap((range) => tryPorts(range.includes("-") ? range : Number(range)) ?? []);
}

function message(whose: string, clashes: readonly Listener[]): string {
  const list = clashes.map((listener) => `${portsText(listener)} (${listener.what})`).join(", ");
  return `${whose} outgoing connections may be given ${list}: what listens there may not start again.`;
}

function fixOf(name: string, ports: readonly Ports[]): string {
  return `Start the range at 32768, or set ${name}: [${merged(ports).map(portsLiteral).join(", ")}].`;
}
