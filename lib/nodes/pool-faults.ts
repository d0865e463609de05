import type { Fault } from "../core/finding";
import { quantity } from "../core/quantity";
import { conntrackExcess } from "./conntrack";
import { distributionOf } from "./node-role";
import { podSysctlPlan } from "./pod-sysctls";
import { conntrackMaxOf, poolSettings } from "./pool-plan";
import type { TunedNodePoolProps } from "./pool-props";
import { portClashes } from "./port-clashes";
import { type Listener, listenersOf, merged, portsLiteral, portsOf, portsText, sidecarListeners } from "./ports";

/** Listeners whose ports an outgoing connection may be given: on the node, and in pods that ask for the range. */
export function portFaults(props: TunedNodePoolProps, kubernetesMinor: number): readonly Fault[] {
  const settings = poolSettings(props);
  const pods = podSysctlPlan(settings, props.podSysctls ?? {}, kubernetesMinor).asked.map(({ name, value }) => ({ key: name, value }));
  const onNode = portClashes(settings, listenersOf(distributionOf(props), props.nodePorts));
  const inPods = portClashes(pods, sidecarListeners);
  const all = merged([...(props.reservedPorts ?? []).map(portsOf), ...onNode, ...inPods]).map(portsLiteral);
  return [...portFault("the node's", onNode, all), ...portFault("each pod's", inPods, all)];
}

/** A connection table too large for the node. */
export function memoryFaults(props: TunedNodePoolProps): readonly Fault[] {
  const connections = conntrackMaxOf(poolSettings(props));
  if (connections === undefined) return [];
  const memory = quantity(props.nodes.memory);
  const excess = conntrackExcess(connections, props.conntrack?.hashSize ?? connections, memory);
  if (excess === undefined) return [];
  return [
    {
      code: "MG0603",
      prop: 'kernel["net.netfilter.nf_conntrack_max"]',
      message: `a full table of ${connections} connections takes ${mebibytes(excess.bytes)} of each node's ${mebibytes(memory)}, more than a tenth, and nothing can reclaim it.`,
      fix: `Set at most ${excess.most}.`,
    },
  ];
}

function portFault(whose: string, listeners: readonly Listener[], reserve: readonly string[]): readonly Fault[] {
  if (listeners.length === 0) return [];
  const list = listeners.map((listener) => `${portsText(listener)} (${listener.what})`).join(", ");
  return [
    {
      code: "MG0602",
      prop: 'kernel["net.ipv4.ip_local_port_range"]',
      message: `${whose} outgoing connections may be given ${list}: what listens there may not start again.`,
      fix: `Start the range at 32768, or set reservedPorts: [${reserve.join(", ")}].`,
    },
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
