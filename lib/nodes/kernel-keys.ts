import type { KernelKey } from "./kernel-key";
import type { KernelKeyName } from "./kernel-settings";

const ipSysctl = "https://docs.kernel.org/networking/ip-sysctl.html";
const coreSysctl = "https://docs.kernel.org/admin-guide/sysctl/net.html";
const fsSysctl = "https://docs.kernel.org/admin-guide/sysctl/fs.html";
const vmSysctl = "https://docs.kernel.org/admin-guide/sysctl/vm.html";
const kernelSysctl = "https://docs.kernel.org/admin-guide/sysctl/kernel.html";
const conntrackSysctl = "https://docs.kernel.org/networking/nf_conntrack-sysctl.html";
const forwarding = "https://kubernetes.io/docs/setup/production-environment/container-runtimes/";
const keyrings = "https://docs.kernel.org/security/keys/core.html";
const inotify = "https://man7.org/linux/man-pages/man7/inotify.7.html";

/** The range that Azure publishes for its own Kubernetes nodes. */
const aks = "the range AKS publishes, https://learn.microsoft.com/azure/aks/custom-node-configuration-reference";
const kernelBuffers = "lower bound: the kernel's default for the least; upper: the kernel's own";
const int = 2_147_483_647;
const gibibyte = 2 ** 30;
const buffers = ["least", "initial", "largest"].map((name) => ({ name, min: 4_096, max: int }));

/** A key that the kubelet puts back at its start, or refuses to start with when it protects the kernel's defaults. */
function kubelets(value: number, summary: string, meaning: string, see: string): KernelKey {
  return {
    summary,
    value: { kind: "choice", choices: { [value]: meaning } },
    scope: "node",
    stock: "varies; the kubelet writes this one value",
    overwrittenBy: "the kubelet, at its start",
    see,
  };
}

/** Slots of the kernel's table of established connections: one for 128 KiB of memory, a power of two, at most 524288. */
function establishedSlots(memoryBytes: number): number {
  return Math.min(524_288, 2 ** Math.ceil(Math.log2(memoryBytes / 131_072)));
}

/** Entries of the connection table that nobody sized, since Linux 5.15. */
function stockConntrack(memoryBytes: number): number {
  if (memoryBytes > 4 * gibibyte) return 262_144;
  return memoryBytes > gibibyte ? 65_536 : Math.max(1_024, Math.floor(memoryBytes / 131_072));
}

/**
 * Every kernel key that a profile can set, in the order in which files name them: the reference profile's six first.
 *
 * One table feeds the checks, the rendering and the documentation.
 */
export const kernelKeys: Readonly<Record<KernelKeyName, KernelKey>> = {
  "fs.file-max": {
    summary: "Open files of the whole node.",
    value: { kind: "amount", unit: "files", min: 8_192, max: Number.MAX_SAFE_INTEGER, range: `lower bound: ${aks}` },
    scope: "node",
    stock: "9223372036854775807 under systemd (since 240), else a tenth of the memory in KiB",
    stockAmount: () => 2 ** 63 - 1,
    see: fsSysctl,
  },
  "net.netfilter.nf_conntrack_max": {
    summary: "Connections the node tracks at once; above it new packets are dropped.",
    value: { kind: "amount", unit: "connections", min: 16_384, max: 16_777_216, range: "own bounds: 5 MiB to 5 GiB of kernel memory" },
    scope: "node",
    stock: "as many as the table has buckets: 262144 above 4 GiB of memory, 65536 above 1 GiB",
    stockAmount: stockConntrack,
    overwrittenBy: "kube-proxy and k3s, at their start",
    see: conntrackSysctl,
  },
  "net.core.somaxconn": {
    summary: "Longest queue of connections that wait for accept(), for each listening socket.",
    value: {
      kind: "amount",
      unit: "connections",
      min: 128,
      max: 3_240_000,
      range: `lower bound: the kernel's default before Linux 5.4; upper: ${aks}`,
    },
    scope: "network-namespace",
    stock: "4096 since Linux 5.4, 128 before",
    stockAmount: () => 4_096,
    see: ipSysctl,
  },
  "net.ipv4.tcp_max_syn_backlog": {
    summary: "Half-open connections remembered, for each listening socket.",
    value: { kind: "amount", unit: "connections", min: 128, max: 3_240_000, range: aks },
    scope: "network-namespace",
    stock: "128 to 4096, by memory",
    stockAmount: (memoryBytes) => Math.max(128, establishedSlots(memoryBytes) / 128),
    see: ipSysctl,
  },
  "net.ipv4.tcp_tw_reuse": {
    summary: "Whether an outgoing connection may take a port that waits in TIME-WAIT.",
    value: { kind: "choice", choices: { 0: "never", 1: "when the timestamps allow it", 2: "on loopback only" } },
    scope: "network-namespace",
    stock: "2 since Linux 4.19, 0 before",
    see: ipSysctl,
  },
  "net.ipv4.ip_local_port_range": {
    summary: "Ports that outgoing connections are given.",
    value: {
      kind: "tuple",
      unit: "ports",
      parts: [
        { name: "lowest", min: 1_024, max: 60_999 },
        { name: "highest", min: 32_768, max: 65_535 },
      ],
      range: aks,
    },
    scope: "network-namespace",
    stock: "32768 60999",
    safeInPodsSince: 0,
    see: ipSysctl,
  },
  "net.ipv4.tcp_fin_timeout": {
    summary: "How long an orphaned connection waits for the other side's FIN.",
    value: { kind: "level", unit: "seconds", min: 5, max: 120, range: aks },
    scope: "network-namespace",
    stock: "60",
    safeInPodsSince: 29,
    see: ipSysctl,
  },
  "net.ipv4.tcp_keepalive_time": {
    summary: "Idle time before the first keepalive probe.",
    value: { kind: "level", unit: "seconds", min: 30, max: 432_000, range: aks },
    scope: "network-namespace",
    stock: "7200",
    safeInPodsSince: 29,
    see: ipSysctl,
  },
  "net.ipv4.tcp_keepalive_intvl": {
    summary: "Time between two keepalive probes.",
    value: { kind: "level", unit: "seconds", min: 10, max: 90, range: aks },
    scope: "network-namespace",
    stock: "75",
    safeInPodsSince: 29,
    see: ipSysctl,
  },
  "net.ipv4.tcp_keepalive_probes": {
    summary: "Unanswered keepalive probes after which a connection is dead.",
    value: { kind: "level", unit: "probes", min: 1, max: 15, range: aks },
    scope: "network-namespace",
    stock: "9",
    safeInPodsSince: 29,
    see: ipSysctl,
  },
  "net.ipv4.tcp_max_tw_buckets": {
    summary: "Connections that may wait in TIME-WAIT at once.",
    value: { kind: "amount", unit: "connections", min: 8_000, max: 1_440_000, range: aks },
    scope: "network-namespace",
    stock: "up to 262144, by memory",
    stockAmount: (memoryBytes) => establishedSlots(memoryBytes) / 2,
    see: ipSysctl,
  },
  "net.ipv4.tcp_slow_start_after_idle": {
    summary: "Whether a connection that was idle starts slowly again.",
    value: { kind: "choice", choices: { 0: "keeps its speed", 1: "starts slowly" } },
    scope: "network-namespace",
    stock: "1",
    safeInPodsSince: 37,
    see: ipSysctl,
  },
  "net.ipv4.tcp_mtu_probing": {
    summary: "Whether TCP looks for the largest packet that gets through.",
    value: { kind: "choice", choices: { 0: "never", 1: "when a black hole is found", 2: "always" } },
    scope: "network-namespace",
    stock: "0",
    see: ipSysctl,
  },
  "net.ipv4.tcp_syncookies": {
    summary: "Whether a full queue of half-open connections is answered with SYN cookies.",
    value: { kind: "choice", choices: { 0: "never", 1: "when the queue is full", 2: "always" } },
    scope: "network-namespace",
    stock: "1",
    safeInPodsSince: 0,
    see: ipSysctl,
  },
  "net.ipv4.tcp_retries2": {
    summary: "Unanswered retransmissions after which a connection is given up.",
    value: {
      kind: "level",
      unit: "retransmissions",
      min: 3,
      max: 255,
      range: "lower bound: tcp_retries1's default, of RFC 1122, which also asks for 100 seconds here: 8; upper: the kernel's own",
    },
    scope: "network-namespace",
    stock: "15",
    see: ipSysctl,
  },
  "net.ipv4.tcp_rmem": {
    summary: "Receive buffer of a TCP socket: least, initial and largest.",
    value: { kind: "tuple", unit: "bytes", parts: buffers, range: kernelBuffers },
    scope: "network-namespace",
    stock: "4096 131072 6291456, the last less on small nodes; 33554432 since Linux 6.16",
    safeInPodsSince: 32,
    see: ipSysctl,
  },
  "net.ipv4.tcp_wmem": {
    summary: "Send buffer of a TCP socket: least, initial and largest.",
    value: { kind: "tuple", unit: "bytes", parts: buffers, range: kernelBuffers },
    scope: "network-namespace",
    stock: "4096 16384 4194304, the last less on small nodes",
    safeInPodsSince: 32,
    see: ipSysctl,
  },
  "net.ipv4.ip_unprivileged_port_start": {
    summary: "Lowest port that a process without privileges may listen on.",
    value: {
      kind: "level",
      unit: "port",
      min: 0,
      max: 65_535,
      range: "the kernel's own; it refuses one above ip_local_port_range's lowest",
    },
    scope: "network-namespace",
    stock: "1024; container runtimes set 0 in pods",
    safeInPodsSince: 22,
    see: ipSysctl,
  },
  "net.ipv4.ip_forward": {
    summary: "Whether the node passes packets on. Without it no pod is reached.",
    value: { kind: "choice", choices: { 1: "passes packets on" } },
    scope: "network-namespace",
    stock: "0",
    nodeOnly: true,
    overwrittenBy: "k3s and most network plugins, at their start",
    see: forwarding,
  },
  "net.bridge.bridge-nf-call-iptables": {
    summary: "Whether bridged IPv4 packets pass iptables, as Services need it with a bridge plugin.",
    value: { kind: "choice", choices: { 1: "they do" } },
    scope: "network-namespace",
    stock: "1 once br_netfilter is loaded",
    nodeOnly: true,
    overwrittenBy: "k3s, at its start",
    see: ipSysctl,
  },
  "net.bridge.bridge-nf-call-ip6tables": {
    summary: "Whether bridged IPv6 packets pass ip6tables, as Services need it with a bridge plugin.",
    value: { kind: "choice", choices: { 1: "they do" } },
    scope: "network-namespace",
    stock: "1 once br_netfilter is loaded",
    nodeOnly: true,
    overwrittenBy: "k3s, at its start",
    see: ipSysctl,
  },
  "net.ipv4.neigh.default.gc_thresh1": {
    summary: "Neighbours (ARP) below which nothing is forgotten. One table for the node and all its pods.",
    value: { kind: "amount", unit: "neighbours", min: 128, max: 80_000, range: aks },
    scope: "node",
    stock: "128",
    stockAmount: () => 128,
    see: ipSysctl,
  },
  "net.ipv4.neigh.default.gc_thresh2": {
    summary: "Neighbours (ARP) above which old ones are forgotten soon. One table for the node and all its pods.",
    value: { kind: "amount", unit: "neighbours", min: 512, max: 90_000, range: aks },
    scope: "node",
    stock: "512",
    stockAmount: () => 512,
    see: ipSysctl,
  },
  "net.ipv4.neigh.default.gc_thresh3": {
    summary: "Most neighbours (ARP); above it new pods cannot be reached. One table for the node and all its pods.",
    value: { kind: "amount", unit: "neighbours", min: 1_024, max: 100_000, range: aks },
    scope: "node",
    stock: "1024",
    stockAmount: () => 1_024,
    see: ipSysctl,
  },
  "net.core.netdev_max_backlog": {
    summary: "Packets that wait between the network card and the stack, for each CPU.",
    value: { kind: "amount", unit: "packets", min: 1_000, max: 3_240_000, range: aks },
    scope: "node",
    stock: "1000",
    stockAmount: () => 1_000,
    see: coreSysctl,
  },
  "net.core.rmem_max": {
    summary: "Largest receive buffer that a program may ask for.",
    value: { kind: "amount", unit: "bytes", min: 212_992, max: 134_217_728, range: aks },
    scope: "node",
    stock: "212992; 4194304 since Linux 6.18",
    stockAmount: () => 212_992,
    see: coreSysctl,
  },
  "net.core.wmem_max": {
    summary: "Largest send buffer that a program may ask for.",
    value: { kind: "amount", unit: "bytes", min: 212_992, max: 134_217_728, range: aks },
    scope: "node",
    stock: "212992; 4194304 since Linux 6.18",
    stockAmount: () => 212_992,
    see: coreSysctl,
  },
  "fs.nr_open": {
    summary: "Most files that one process may be allowed to open.",
    value: { kind: "amount", unit: "files", min: 8_192, max: 2_147_483_584, range: `lower bound: ${aks}; upper: the kernel's` },
    scope: "node",
    stock: "1048576; 1073741816 where systemd (since 240) raises it, which Ubuntu's does not",
    stockAmount: () => 1_048_576,
    see: fsSysctl,
  },
  "fs.aio-max-nr": {
    summary: "Asynchronous input and output requests of the whole node.",
    value: { kind: "amount", unit: "requests", min: 65_536, max: 6_553_500, range: aks },
    scope: "node",
    stock: "65536",
    stockAmount: () => 65_536,
    see: fsSysctl,
  },
  "fs.inotify.max_user_watches": {
    summary: "Files and folders that one user may watch. Pods that run as one user share it.",
    value: { kind: "amount", unit: "watches", min: 8_192, max: int, range: "lower bound: the kernel's least since Linux 5.11" },
    scope: "node",
    stock: "8192 to 1048576, by memory, since Linux 5.11",
    stockAmount: () => 8_192,
    see: inotify,
  },
  "fs.inotify.max_user_instances": {
    summary: "inotify instances of one user. Pods that run as one user share it.",
    value: { kind: "amount", unit: "instances", min: 128, max: int, range: "lower bound: the kernel's default" },
    scope: "node",
    stock: "128",
    stockAmount: () => 128,
    see: inotify,
  },
  "vm.max_map_count": {
    summary: "Memory mappings of one process.",
    value: { kind: "amount", unit: "mappings", min: 65_530, max: int, range: "lower bound: the kernel's default; upper: the kernel's own" },
    scope: "node",
    stock: "65530; some distributions 1048576",
    stockAmount: () => 65_530,
    see: vmSysctl,
  },
  "vm.swappiness": {
    summary: "How readily memory is swapped out.",
    value: { kind: "level", unit: "points", min: 0, max: 100, range: aks },
    scope: "node",
    stock: "60",
    see: vmSysctl,
  },
  "vm.overcommit_memory": kubelets(1, "Whether memory may be promised beyond what is there.", "always", vmSysctl),
  "vm.panic_on_oom": kubelets(0, "Whether the node panics when memory runs out.", "ends a process instead", vmSysctl),
  "kernel.panic": kubelets(10, "Seconds from a panic to the restart.", "10 seconds", kernelSysctl),
  "kernel.panic_on_oops": kubelets(1, "Whether the node panics on a kernel fault.", "panics, and so restarts", kernelSysctl),
  "kernel.keys.root_maxkeys": kubelets(1_000_000, "Keys in root's keyrings. Every container takes one.", "a million keys", keyrings),
  "kernel.keys.root_maxbytes": kubelets(25_000_000, "Bytes in root's keyrings.", "25 bytes for each of a million keys", keyrings),
  "kernel.pid_max": {
    summary: "Processes and threads of the whole node.",
    value: {
      kind: "amount",
      unit: "processes",
      min: 32_768,
      max: 4_194_304,
      range: "lower bound: the kernel's default; upper: the kernel's own",
    },
    scope: "node",
    stock: "4194304 under systemd (since 243), else 32768",
    stockAmount: () => 4_194_304,
    see: kernelSysctl,
  },
};

/** The names of all known keys, in the table's order. */
export const kernelKeyNames: readonly KernelKeyName[] = Object.keys(kernelKeys) as KernelKeyName[];

/** What the kubelet demands of six keys when it protects the kernel's defaults, as settings of a profile. */
export const kubeletKeys: Readonly<Record<string, number>> = Object.fromEntries(
  kernelKeyNames.flatMap((name): [string, number][] => {
    const { value, overwrittenBy } = kernelKeys[name];
    return value.kind === "choice" && overwrittenBy?.startsWith("the kubelet") === true
      ? [[name, Number(Object.keys(value.choices)[0])]]
      : [];
  }),
);

/** What is known of a key, or undefined for one that is not in the table. */
export function tryKernelKey(name: string): KernelKey | undefined {
  return Object.hasOwn(kernelKeys, name) ? kernelKeys[name as KernelKeyName] : undefined;
}

/** The kernel module without which a key does not exist, or undefined for a key that is always there. */
export function moduleOf(name: string): string | undefined {
  if (name.startsWith("net.bridge.")) return "br_netfilter";
  return name.startsWith("net.netfilter.nf_conntrack_") ? "nf_conntrack" : undefined;
}

/** The key that a pool's `reservedPorts` set. Not in the table: a profile does not set it. */
export const reservedPortsKey = "net.ipv4.ip_local_reserved_ports";

/** Where a key lives and which pods may have it, for keys of the table and for the one that `reservedPorts` set. */
export function tryKeyScope(name: string): Pick<KernelKey, "scope" | "safeInPodsSince" | "nodeOnly"> | undefined {
  return name === reservedPortsKey ? { scope: "network-namespace", safeInPodsSince: 27, nodeOnly: true } : tryKernelKey(name);
}
