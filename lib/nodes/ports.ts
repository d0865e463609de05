import { type Check, listOf, satisfies } from "../core/check";

/** A port, or a range of ports with both ends: `10250`, `"30000-32767"`. */
export type PortRange = number | `${number}-${number}`;

/** Two ports, both included. */
export interface Ports {
  readonly low: number;
  readonly high: number;
}

/** Ports that something listens on. */
export interface Listener extends Ports {
  readonly what: string;
}

/** The ports of a NodePort Service where the API server is not told otherwise. @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
export const defaultNodePorts = "30000-32767";

/** What listens on a node in its own network namespace. @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
const nodeListeners: readonly Listener[] = [
  { low: 2379, high: 2380, what: "etcd" },
  { low: 6443, high: 6443, what: "the API server" },
  { low: 10248, high: 10250, what: "the kubelet and kube-proxy" },
  { low: 10256, high: 10259, what: "kube-proxy and the control plane" },
];

/** What k3s adds. @see https://docs.k3s.io/installation/requirements#networking */
const k3sListeners: readonly Listener[] = [
  { low: 6444, high: 6444, what: "k3s's own load balancer" },
  { low: 8472, high: 8472, what: "Flannel's VXLAN" },
  { low: 10010, high: 10010, what: "k3s's containerd" },
];

/** What Istio's sidecar listens on in each pod. @see https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
export const sidecarListeners: readonly Listener[] = [{ low: 15_000, high: 15_090, what: "Istio's sidecar" }];

/** Everything that listens on a node of the pool. */
export function listenersOf(distribution: "kubeadm" | "k3s", nodePorts: PortRange = defaultNodePorts): readonly Listener[] {
  return [...nodeListeners, ...(distribution === "k3s" ? k3sListeners : []), { ...portsOf(nodePorts), what: "NodePort Services" }];
}

/** The two ends of a range, or undefined when it is none. */
export function tryPorts(range: unknown): Ports | undefined {
  const [, low, high] = (typeof range === "string" && /^(\d{1,5})-(\d{1,5})$/.exec(range)) || [];
  const ports = typeof range === "number" ? { low: range, high: range } : { low: Number(low), high: Number(high) };
  const valid =
    Number.isInteger(ports.low) && Number.isInteger(ports.high) && ports.low >= 1 && ports.low <= ports.high && ports.high <= 65_535;
  return valid ? ports : undefined;
}

/** The two ends of a range that was checked before. */
export function portsOf(range: PortRange): Ports {
  const ports = tryPorts(range);
  if (ports === undefined) throw new RangeError(`${JSON.stringify(range)} is not a range of ports`);
  return ports;
}

/** A port or a range of ports. */
export const portRange: Check = satisfies(
  'a port or a range such as "30000-32767", from 1 to 65535',
  (value) => tryPorts(value) !== undefined,
);

/** Ports and ranges of ports. */
export const portRanges: Check = listOf(portRange, { min: 1 });

/** The ranges in order, those that touch or overlap as one: the form in which the kernel shows them. */
export function merged(ranges: readonly Ports[]): readonly Ports[] {
  const done: { low: number; high: number }[] = [];
  for (const { low, high } of [...ranges].sort((a, b) => a.low - b.low)) {
    const last = done.at(-1);
    if (last === undefined || low > last.high + 1) done.push({ low, high });
    else last.high = Math.max(last.high, high);
  }
  return done;
}

/** The value of `net.ipv4.ip_local_reserved_ports`: `"6443,30000-32767"`. */
export function reservedPortsValue(ranges: readonly PortRange[]): string {
  return merged(ranges.map(portsOf)).map(portsText).join(",");
}

/** A range as text: `6443`, `30000-32767`. */
export function portsText({ low, high }: Ports): string {
  return low === high ? String(low) : `${low}-${high}`;
}

/** A range as a program writes it: `6443`, `"30000-32767"`. */
export function portsLiteral(ports: Ports): string {
  return ports.low === ports.high ? String(ports.low) : JSON.stringify(portsText(ports));
}

/** The listeners with a port that an outgoing connection may be given: in the range, and not reserved. Cut to those ports. */
export function taken(listeners: readonly Listener[], range: Ports, reserved: readonly Ports[]): readonly Listener[] {
  return listeners.flatMap(({ low, high, what }) =>
    minus({ low: Math.max(low, range.low), high: Math.min(high, range.high) }, reserved).map((ports) => ({ ...ports, what })),
  );
}

/** What is left of a range without others. */
function minus({ low, high }: Ports, others: readonly Ports[]): readonly Ports[] {
  const left: Ports[] = [];
  let next = low;
  for (const other of merged(others)) {
    if (other.low > high) break;
    if (other.low > next) left.push({ low: next, high: other.low - 1 });
    next = Math.max(next, other.high + 1);
  }
  return next <= high ? [...left, { low: next, high }] : left;
}
