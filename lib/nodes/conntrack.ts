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

/**
 * What kube-proxy writes to `nf_conntrack_max` when it is left alone: 32768 a core, at least 131072, and at most 1048576 since
 * Kubernetes 1.36.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/
 */
export function kubeProxyConntrack(cores: number, kubernetesMinor: number): number {
  const automatic = 32_768 * cores;
  return Math.max(131_072, kubernetesMinor >= 36 ? Math.min(automatic, 1_048_576) : automatic);
}

/** The content of a modules-load.d file: modules that must be there before systemd-sysctl runs. */
export function renderModulesLoad(modules: readonly string[]): string {
  return `# Loaded at boot, before systemd-sysctl: without the module its kernel keys do not exist.\n${modules.map((name) => `${name}\n`).join("")}`;
}

/** The content of a modprobe.d file: the buckets that the table is made with. Says nothing to a kernel with nf_conntrack built in. */
export function renderModprobe(hashSize: number): string {
  return `options nf_conntrack hashsize=${hashSize}\n`;
}
