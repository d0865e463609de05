/** Bytes of one tracked connection: the kernel's `nf_conn` and its extensions, about. */
const bytesPerConnection = 320;
/** Bytes of one bucket: one pointer. */
const bytesPerBucket = 8;

/** Sizes of the table of tracked connections. */
export interface ConntrackProps {
  /**
   * Buckets of the hash table, written by modprobe at the module's load, and at run time when it is loaded already.
   *
   * Each connection stands in two buckets' lists, once for each direction. As many buckets as connections keep a full table's
   * lists at two entries, the kernel's own ratio since 5.15; a quarter, which kube-proxy sets, makes it eight; a node that
   * only raises the limit was measured at 32 connections a bucket. A bucket costs 8 bytes, a connection about 320.
   *
   * Unit: buckets, an eighth of the connections to their number.
   *
   * @default - as many as `net.netfilter.nf_conntrack_max`
   * @see https://docs.kernel.org/networking/nf_conntrack-sysctl.html
   */
  readonly hashSize?: number;
}

/** Memory of a full table, which nothing can reclaim. Unit: bytes. */
export function conntrackBytes(connections: number, buckets: number): number {
  return connections * bytesPerConnection + buckets * bytesPerBucket;
}

/** Largest share of a node's memory for the table. The kernel sizes its own at about a fiftieth. */
const largestShare = 1 / 10;

/** A table that takes too much of a node's memory. */
export interface ConntrackExcess {
  /** What a full table takes. Unit: bytes. */
  readonly bytes: number;
  /** Most connections that the node has memory for, with as many buckets. */
  readonly most: number;
}

/** What is too much about a table of so many connections; undefined when the node has the memory. Unit of the memory: bytes. */
export function conntrackExcess(connections: number, buckets: number, memory: number): ConntrackExcess | undefined {
  const bytes = conntrackBytes(connections, buckets);
  return bytes <= memory * largestShare ? undefined : { bytes, most: Math.floor((memory * largestShare) / conntrackBytes(1, 1)) };
}

/** How kube-proxy is told to size the table. */
export interface KubeProxyConntrackSettings {
  /** Connections for each core; 0 leaves the kernel's value alone. @default 32768 */
  readonly maxPerCore?: number;
  /** Fewest connections. @default 131072 */
  readonly min?: number;
}

/** Most connections that kube-proxy asks for by cores, since Kubernetes 1.36. */
const mostByCores = 1_048_576;

/**
 * What kube-proxy writes to `nf_conntrack_max`: 32768 a core, at least 131072, and at most 1048576 since Kubernetes 1.36, unless it is told
 * otherwise. 0: nothing. k3s writes the same by itself, without the upper limit.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/
 */
export function kubeProxyConntrack(
  cores: number,
  kubernetesMinor: number,
  { maxPerCore = 32_768, min = 131_072 }: KubeProxyConntrackSettings = {},
): number {
  if (maxPerCore <= 0) return 0;
  const scaled = maxPerCore * cores;
  return kubernetesMinor >= 36 && scaled > mostByCores ? mostByCores : Math.max(min, scaled);
}

/** The content of a modules-load.d file: modules that must be there before systemd-sysctl runs. */
export function renderModulesLoad(modules: readonly string[]): string {
  return `# Loaded at boot, before systemd-sysctl: without the module its kernel keys do not exist.\n${modules.map((name) => `${name}\n`).join("")}`;
}

/** The content of a modprobe.d file: the buckets that the table is made with. Says nothing to a kernel with nf_conntrack built in. */
export function renderModprobe(hashSize: number): string {
  return `options nf_conntrack hashsize=${hashSize}\n`;
}
