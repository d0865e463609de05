import type { KernelKeyName } from "./kernel-settings";

/** What a value and a range do not say of a key. */
export interface KernelKeyNotes {
  /** Why `KernelProfile.mesh` sets it. */
  readonly mesh?: string;
  /** What to do about those who write the key too, and what a new value may take away. */
  readonly caution?: string;
  /** What was measured of it, as its docstring says it. */
  readonly seen?: string;
}

/** Notes of the keys that have any. */
export const kernelKeyNotes: Readonly<Partial<Record<KernelKeyName, KernelKeyNotes>>> = {
  "fs.file-max": {
    mesh: "A sidecar doubles the sockets of its pod, and each is an open file.",
    caution:
      "Under systemd a node has more than the profile sets, and an exact value takes it away (MG0604): { atLeast: 2_097_152 } raises where it is lower, and leaves it alone elsewhere.",
  },
  "net.netfilter.nf_conntrack_max": {
    mesh: "With sidecars each call is two connections or more on its way, and a full table drops new ones.",
    caution:
      "kube-proxy asks for 32768 a core and at least 131072, unless its configuration says conntrack: { maxPerCore: 0, min: 0 }. A TunedNodePool writes that for k3s and kubeadm (MG0608), loads the module at boot and sizes its hash table.",
  },
  "net.core.somaxconn": {
    mesh: "Envoy's listeners ask for a queue as long as this allows.",
    seen: "Envoy asks for all of it, for each worker of a listener. Seen: of 5000 connections that came while Envoy was busy, 903 lost their first SYN and took a second more with the kernel's default; with 32768 none. Up to 4096 at once it changes nothing, and nothing for a program that asks for less in listen(). Half-open connections wait in a queue of this length too (docs/evidence.md).",
  },
  "net.ipv4.tcp_max_syn_backlog": {
    mesh: "The other half of the longer listen queue, for where SYN cookies are off.",
    seen: "Seen to do nothing while `net.ipv4.tcp_syncookies` is on, which is the kernel's default: the queue is then as long as `net.core.somaxconn` says, and what does not fit gets a cookie and comes in. With cookies off the queue ends at three quarters of this value, and raising it helps only where `net.core.somaxconn` is raised too (docs/evidence.md).",
  },
  "net.ipv4.tcp_tw_reuse": {
    mesh: "Proxies open many connections to few addresses, and run out of ports that wait in TIME-WAIT.",
    seen: "Seen: with 1 an Envoy that makes a connection for each request to one address did not run out of ports, for a port is taken again after a second. With the kernel's default each request above the number of ports was answered with 503: there a port waits for a minute. On loopback, as from a sidecar to its own application, 2 does the same as 1 (docs/evidence.md).",
  },
  "net.ipv4.ip_local_port_range": {
    mesh: "To hold on to the kernel's own range, above the NodePorts, where an image has widened it.",
    caution: "A range that begins below 32768 takes ports that NodePorts of Kubernetes use (MG0602).",
    seen: "The range of `KernelProfile.mesh()` is the kernel's own: it does nothing where nobody has changed it.",
  },
  "net.ipv4.tcp_syncookies": {
    seen: "Seen: beside 6000 half-open connections and with the kernel's defaults, 100 of 100 callers came in with 1, and none with 0 (docs/evidence.md).",
  },
};
