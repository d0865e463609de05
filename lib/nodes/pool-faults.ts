import type { Fault } from "../core/finding";
import { quantity } from "../core/quantity";
import { conntrackBytes } from "./conntrack";
import { reservedPortsKey } from "./kernel-keys";
import type { KernelSetting } from "./kernel-setting";
import { distributionOf } from "./node-role";
import { podSysctlPlan } from "./pod-sysctls";
import { conntrackMaxOf, poolSettings } from "./pool-plan";
import type { TunedNodePoolProps } from "./pool-props";
import { type Listener, listenersOf, merged, type Ports, portsOf, portsText, sidecarListeners, taken } from "./ports";

/** Largest share of the memory for the connection table. The kernel sizes its own at about a fiftieth. */
const largestShare = 1 / 10;

/** Range of local ports where nobody set one. @see https://docs.kernel.org/networking/ip-sysctl.html */
const stockRange: Ports = { low: 32_768, high: 60_999 };

/** Listeners whose ports an outgoing connection may be given: on the node, and in pods that ask for the range. */
export function portFaults(props: TunedNodePoolProps, kubernetesMinor: number): readonly Fault[] {
  const settings = poolSettings(props);
  const pods = podSysctlPlan(settings, props.podSysctls ?? {}, kubernetesMinor).asked.map(({ name, value }) => ({ key: name, value }));
  const onNode = clashes(settings, listenersOf(distributionOf(props), props.nodePorts));
  const inPods = clashes(pods, sidecarListeners);
  const all = merged([...(props.reservedPorts ?? []).map(portsOf), ...onNode, ...inPods]).map(portsLiteral);
  return [...portFault("the node's", onNode, all), ...portFault("each pod's", inPods, all)];
}

/** A connection table too large for the node. */
export function memoryFaults(props: TunedNodePoolProps): readonly Fault[] {
  const connections = conntrackMaxOf(poolSettings(props));
  if (connections === undefined) return [];
  const bytes = conntrackBytes(connections, props.conntrack?.hashSize ?? connections);
  const memory = quantity(props.nodes.memory);
  if (bytes <= memory * largestShare) return [];
  return [
    {
      code: "MG0603",
      prop: 'kernel["net.netfilter.nf_conntrack_max"]',
      message: `a full table of ${connections} connections takes ${mebibytes(bytes)} of each node's ${mebibytes(memory)}, more than a tenth, and nothing can reclaim it.`,
      fix: `Set at most ${Math.floor((memory * largestShare) / conntrackBytes(1, 1))}.`,
    },
  ];
}

function clashes(settings: readonly Pick<KernelSetting, "key" | "value">[], listeners: readonly Listener[]): readonly Listener[] {
  const textOf = (name: string): string | undefined => settings.find(({ key }) => key === name)?.value;
  const [low, high] = textOf("net.ipv4.ip_local_port_range")?.split(" ").map(Number) ?? [];
  const range = low === undefined || high === undefined ? stockRange : { low, high };
  const reserved = (textOf(reservedPortsKey)?.split(",") ?? []).map((text) =>
    portsOf(text.includes("-") ? (text as `${number}-${number}`) : Number(text)),
  );
  return taken(listeners, range, reserved);
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

/** A range as a program writes it. */
function portsLiteral(ports: Ports): string {
  return ports.low === ports.high ? String(ports.low) : JSON.stringify(portsText(ports));
}
