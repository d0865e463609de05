import { tryKernelKey } from "../../nodes/kernel-keys";
import { type KernelSetting, settingsOf } from "../../nodes/kernel-setting";
import type { KernelSettings, UnknownSetting } from "../../nodes/kernel-settings";
import { merged, portsText, tryPorts } from "../../nodes/ports";
import { at, type Data, list, record, records, text, textMap, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { tryAmount, tryCount } from "./amounts";

/** apiVersion of a NodePool. */
export const nodePoolVersion = "meshground.io/v1";

/** A kernel setting of a NodePool: a value, exact, or a floor. Keys that the library does not know need a reason. */
export type NodePoolKernelValue =
  | number
  | string
  | readonly number[]
  | { readonly exact: number | string | readonly number[]; readonly reason?: string }
  | { readonly atLeast: number; readonly reason?: string };

/**
 * What a document of kind `NodePool` says: machines of a cluster, all alike. No cluster is ever given one; it tells the checks what no
 * manifest says. A `TunedNodePool` of a tree makes its own; for plain YAML somebody writes it. The words are those of `TunedNodePool`'s props,
 * of KubeletConfiguration and of KubeProxyConfiguration. Every field may be left out: then nothing is said that would hang on it.
 *
 * ```yaml
 * apiVersion: meshground.io/v1
 * kind: NodePool
 * metadata:
 *   name: oslo
 * spec:
 *   nodes: { count: 3, cpu: 8, memory: 32Gi, country: "NO" }
 *   distribution: k3s
 *   k3s: { disable: [traefik] }
 *   kernel:
 *     net.netfilter.nf_conntrack_max: 262144
 *     fs.file-max: { atLeast: 2097152 }
 *   kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } }
 * ```
 */
export interface NodePoolSpec {
  /** The machines. */
  readonly nodes?: {
    /** Unit: machines. */
    readonly count?: number;
    /** Unit: cores of each machine. */
    readonly cpu?: number | string;
    /** Memory of each machine. Unit: quantity such as `"32Gi"`. */
    readonly memory?: string;
    /** Where they stand: ISO 3166-1 alpha-2, in quotes, because YAML takes `NO` for false. */
    readonly country?: string;
    /** Not looked at. */
    readonly disk?: unknown;
  };
  /** What makes them a cluster. */
  readonly distribution?: "kubeadm" | "k3s";
  /** Name of the cluster, where there are pools of several. Pools of one cluster say the same. @default - the one cluster */
  readonly cluster?: string;
  /** Whether they hold the control plane. */
  readonly controlPlane?: boolean;
  /** Release that they run, such as `v1.36.2+k3s1`. */
  readonly release?: string;
  /** Kernel settings of each machine by key, as `KernelProfile` takes them; a line of sysctl.conf as text will do. */
  readonly kernel?: Readonly<Record<string, NodePoolKernelValue>>;
  /** Table of tracked connections. */
  readonly conntrack?: {
    /** Unit: buckets. @default - as many as net.netfilter.nf_conntrack_max */
    readonly hashSize?: number;
  };
  /** Ports that no outgoing connection of the node is given: `30000-32767`, `10250`. */
  readonly reservedPorts?: readonly (number | string)[];
  /** The API server's `--service-node-port-range`. @default "30000-32767" */
  readonly nodePorts?: number | string;
  /** What the kubelet is told, with the names of KubeletConfiguration. */
  readonly kubelet?: {
    /** Most pods on a machine. @default 110 */
    readonly maxPods?: number;
    /** Kernel settings that pods may ask for although they are not safe; a name may end in `*`. @default - not known */
    readonly allowedUnsafeSysctls?: readonly string[];
    /** Whether it refuses to start where six kernel keys are not as it wants them. @default false */
    readonly protectKernelDefaults?: boolean;
  };
  /** What kube-proxy is told, with the names of KubeProxyConfiguration. With k3s: the arguments `conntrack-max-per-core` and `conntrack-min`. */
  readonly kubeProxy?: {
    /** Table of tracked connections. @default - not known */
    readonly conntrack?: { readonly maxPerCore?: number; readonly min?: number };
  };
  /** What k3s is told. */
  readonly k3s?: {
    /** Parts that are left out: `traefik`, `servicelb`. @default - not known */
    readonly disable?: readonly string[];
  };
  /** Kernel settings that pods of the pool ask for in their securityContext. */
  readonly podSysctls?: readonly { readonly name: string; readonly value: string }[];
  /** Labels of each machine, beside `meshground.io/pool: <name>` and those that Kubernetes gives. @default - not known */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints of each machine. @default - none */
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** A taint of nodes, read. */
export interface NodeTaint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** Sizes that a kube-proxy is told; a field is absent where nobody said it. */
export interface ConntrackFacts {
  readonly maxPerCore?: number;
  readonly min?: number;
}

/** A NodePool, read: what cannot be read, or is not said, is undefined or empty. */
export interface PoolFacts {
  readonly object: MeshObject;
  readonly name: string;
  /** Unit: machines. */
  readonly count: number | undefined;
  /** Unit: cores of each machine. */
  readonly cores: number | undefined;
  /** Unit: bytes of each machine. */
  readonly memory: number | undefined;
  readonly country: string | undefined;
  readonly distribution: "kubeadm" | "k3s" | undefined;
  /** Empty for the one cluster. */
  readonly cluster: string;
  /** Undefined where somebody else makes the cluster. */
  readonly controlPlane: boolean | undefined;
  readonly release: string | undefined;
  /** Kernel settings, in the order of the files of a node. */
  readonly settings: readonly KernelSetting[];
  /** Unit: buckets. */
  readonly hashSize: number | undefined;
  /** As written, where it is a range. */
  readonly nodePorts: string | undefined;
  readonly maxPods: number | undefined;
  readonly allowedUnsafeSysctls: readonly string[] | undefined;
  readonly protectKernelDefaults: boolean;
  /** Undefined where nothing is known of kube-proxy. */
  readonly kubeProxy: ConntrackFacts | undefined;
  /** Parts of k3s that are left out; undefined where it is not known. */
  readonly disabled: readonly string[] | undefined;
  readonly podSysctls: readonly { readonly name: string; readonly value: string }[];
  /** Undefined where it is not known which labels the nodes have. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly taints: readonly NodeTaint[];
}

/** Cores of a machine: at most 4096, so that no product of them runs over. */
export function tryCores(value: unknown): number | undefined {
  const cores = tryAmount(value);
  return cores !== undefined && cores > 0 && cores <= 4_096 ? cores : undefined;
}

/** Bytes of a machine: at least 64 MiB, so that a number without its unit is not taken for bytes. */
export function tryMemory(value: unknown): number | undefined {
  const bytes = tryAmount(value);
  return bytes !== undefined && bytes >= 2 ** 26 && bytes <= 2 ** 50 ? bytes : undefined;
}

/** Every NodePool of a graph. */
export function nodePools(graph: ObjectGraph): readonly PoolFacts[] {
  return graph.of("NodePool").map(poolFacts);
}

/** The value of a kernel key that a pool sets, exact or as a floor. */
export function settingOf({ settings }: PoolFacts, key: string): string | undefined {
  return settings.find((setting) => setting.key === key)?.value;
}

/** The limit of tracked connections that a pool sets. */
export function conntrackMax(pool: PoolFacts): number | undefined {
  const value = settingOf(pool, conntrackKey);
  return value === undefined || !/^\d{1,10}$/.test(value) ? undefined : Number(value);
}

/** The kernel's limit of tracked connections. */
export const conntrackKey = "net.netfilter.nf_conntrack_max";

/** Taints of a node or a pool: those that are well-formed. */
export function taintsOf(value: unknown): readonly NodeTaint[] {
  return records(value).flatMap(({ key, value: given, effect }) =>
    typeof key === "string" && typeof effect === "string" ? [{ key, value: text(given) ?? "", effect }] : [],
  );
}

/** What KubeProxyConfiguration, or the same field of a NodePool, says of tracked connections. */
export function conntrackFacts(conntrack: unknown): ConntrackFacts {
  const { maxPerCore, min } = record(conntrack);
  const [perCore, fewest] = [tryInteger(maxPerCore), tryInteger(min)];
  return { ...(perCore !== undefined && { maxPerCore: perCore }), ...(fewest !== undefined && { min: fewest }) };
}

/** Kernel settings as a profile has them, known keys apart from those that the library does not know. */
export function kernelOf({ spec }: Pick<MeshObject, "spec">): {
  readonly known: Readonly<Record<string, unknown>>;
  readonly unknown: Readonly<Record<string, unknown>>;
} {
  const entries = Object.entries(record(spec.kernel)).map(([key, value]): [string, unknown] => [key, plainValue(value)]);
  return {
    known: Object.fromEntries(entries.filter(([key]) => tryKernelKey(key) !== undefined)),
    unknown: Object.fromEntries(entries.filter(([key]) => tryKernelKey(key) === undefined)),
  };
}

function poolFacts(object: MeshObject): PoolFacts {
  const { name, spec } = object;
  const kubelet = record(spec.kubelet);
  const nodes = record(spec.nodes);
  return {
    object,
    name,
    count: tryCount(nodes.count, 1),
    cores: tryCores(nodes.cpu),
    memory: tryMemory(nodes.memory),
    country: text(nodes.country),
    distribution: spec.distribution === "kubeadm" || spec.distribution === "k3s" ? spec.distribution : undefined,
    cluster: text(spec.cluster) ?? "",
    controlPlane: typeof spec.controlPlane === "boolean" ? spec.controlPlane : undefined,
    release: text(spec.release),
    settings: kernelSettings(object),
    hashSize: tryInteger(at(spec, "conntrack", "hashSize")) || undefined,
    nodePorts: rangeText(spec.nodePorts),
    maxPods: tryInteger(kubelet.maxPods) || undefined,
    allowedUnsafeSysctls: Array.isArray(kubelet.allowedUnsafeSysctls) ? texts(kubelet.allowedUnsafeSysctls) : undefined,
    protectKernelDefaults: kubelet.protectKernelDefaults === true,
    kubeProxy: isMap(at(spec, "kubeProxy", "conntrack")) ? conntrackFacts(at(spec, "kubeProxy", "conntrack")) : undefined,
    disabled: isMap(spec.k3s) ? texts(record(spec.k3s).disable) : undefined,
    podSysctls: sysctlsOf(spec.podSysctls),
    labels: isMap(spec.labels) ? { ...textMap(spec.labels), "meshground.io/pool": name } : undefined,
    taints: taintsOf(spec.taints),
  };
}

/** Kernel settings that pods ask for, as `securityContext.sysctls` lists them. */
export function sysctlsOf(value: unknown): readonly { readonly name: string; readonly value: string }[] {
  return records(value).flatMap(({ name, value: given }) => (typeof name === "string" ? [{ name, value: text(given) ?? "" }] : []));
}

function kernelSettings(object: MeshObject): readonly KernelSetting[] {
  const { known, unknown } = kernelOf(object);
  const settings = settingsOf({
    settings: readable(known) as KernelSettings,
    unknown: readable(unknown) as Readonly<Record<string, UnknownSetting>>,
  });
  const reserved = merged(list(object.spec.reservedPorts).flatMap((range) => tryPorts(range) ?? []));
  const key = "net.ipv4.ip_local_reserved_ports";
  return reserved.length === 0 ? settings : [...settings, { key, mode: "exact", value: reserved.map(portsText).join(",") }];
}

/** Settings with a value that is a number, text or a list of numbers. */
function readable(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => {
      const { exact, atLeast } = record(value);
      return isValue(isMap(value) ? (atLeast ?? exact) : value);
    }),
  );
}

function isValue(value: unknown): boolean {
  return typeof value === "string" || isNumber(value) || (Array.isArray(value) && value.length > 0 && value.every(isNumber));
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value);
}

/** Text that is a number, or several, as those: `"32768 60999"` as a line of sysctl.conf has it. */
function plainValue(value: unknown): unknown {
  if (typeof value === "string") return numbersOf(value);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value as Data).map(([name, inner]) => [name, name === "reason" ? inner : plainText(inner)]));
}

function plainText(value: unknown): unknown {
  return typeof value === "string" ? numbersOf(value) : value;
}

function numbersOf(value: string): unknown {
  const words = value.length > 256 ? [] : value.trim().split(/\s+/);
  if (words.length === 0 || words.length > 8 || !words.every((word) => /^-?\d{1,16}$/.test(word))) return value;
  return words.length === 1 ? Number(words[0]) : words.map(Number);
}

function rangeText(value: unknown): string | undefined {
  const ports = tryPorts(value);
  return ports === undefined ? undefined : portsText(ports);
}

function tryInteger(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
