/** An amount: this many, or `{ atLeast }`: raised to this many, and left alone where the node has more. */
export type Amount = number | { readonly exact: number } | { readonly atLeast: number };

/** A value that is set as it is. */
export type Exact<Value> = Value | { readonly exact: Value };

/** A setting of a key that the library does not know, and why it is needed. */
export type UnknownSetting =
  | { readonly exact: number | string; readonly reason: string }
  | { readonly atLeast: number; readonly reason: string };

/** Name of a kernel key that the library knows. */
export type KernelKeyName = keyof KernelSettings;

/** Kernel keys and their values. A bare number or list is exact; `{ atLeast }` only ever raises. */
export interface KernelSettings {
  /**
   * Open files of the whole node.
   *
   * Unit: files, 8192 to 9007199254740991. Each node.
   *
   * @default - untouched: 9223372036854775807 under systemd (since 240), else a tenth of the memory in KiB
   * @see https://docs.kernel.org/admin-guide/sysctl/fs.html
   */
  readonly "fs.file-max"?: Amount;
  /**
   * Connections the node tracks at once; above it new packets are dropped.
   *
   * Unit: connections, 16384 to 16777216. Each node.
   *
   * @default - untouched: as many as the table has buckets: 262144 above 4 GiB of memory, 65536 above 1 GiB
   * @see https://docs.kernel.org/networking/nf_conntrack-sysctl.html
   */
  readonly "net.netfilter.nf_conntrack_max"?: Amount;
  /**
   * Longest queue of connections that wait for accept(), for each listening socket.
   *
   * Unit: connections, 128 to 3240000. Each network namespace.
   *
   * Envoy asks for all of it, for each worker of a listener. Seen: of 5000 connections that came while Envoy was busy, 903 lost their first SYN
   * and took a second more with the kernel's default; with 32768 none. Up to 4096 at once it changes nothing, and nothing for a program that
   * asks for less in listen(). Half-open connections wait in a queue of this length too (docs/evidence.md).
   *
   * @default - untouched: 4096 since Linux 5.4, 128 before
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.core.somaxconn"?: Amount;
  /**
   * Half-open connections remembered, for each listening socket.
   *
   * Unit: connections, 128 to 3240000. Each network namespace.
   *
   * Seen to do nothing while `net.ipv4.tcp_syncookies` is on, which is the kernel's default: the queue is then as long as `net.core.somaxconn`
   * says, and what does not fit gets a cookie and comes in. With cookies off the queue ends at three quarters of this value, and raising it
   * helps only where `net.core.somaxconn` is raised too (docs/evidence.md).
   *
   * @default - untouched: 128 to 4096, by memory
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_max_syn_backlog"?: Amount;
  /**
   * Whether an outgoing connection may take a port that waits in TIME-WAIT.
   *
   * Values: 0: never; 1: when the timestamps allow it; 2: on loopback only. Each network namespace.
   *
   * Seen: with 1 an Envoy that makes a connection for each request to one address did not run out of ports, for a port is taken again after a
   * second. With the kernel's default each request above the number of ports was answered with 503: there a port waits for a minute.
   * On loopback, as from a sidecar to its own application, 2 does the same as 1 (docs/evidence.md).
   *
   * @default - untouched: 2 since Linux 4.19, 0 before
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_tw_reuse"?: Exact<0 | 1 | 2>;
  /**
   * Ports that outgoing connections are given.
   *
   * Unit: ports; lowest 1024 to 60999, highest 32768 to 65535. Each network namespace.
   *
   * The range of `KernelProfile.mesh()` is the kernel's own: it does nothing where nobody has changed it.
   *
   * @default - untouched: 32768 60999
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.ip_local_port_range"?: Exact<readonly [lowest: number, highest: number]>;
  /**
   * How long an orphaned connection waits for the other side's FIN.
   *
   * Unit: seconds, 5 to 120. Each network namespace.
   *
   * @default - untouched: 60
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_fin_timeout"?: Exact<number>;
  /**
   * Idle time before the first keepalive probe.
   *
   * Unit: seconds, 30 to 432000. Each network namespace.
   *
   * @default - untouched: 7200
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_keepalive_time"?: Exact<number>;
  /**
   * Time between two keepalive probes.
   *
   * Unit: seconds, 10 to 90. Each network namespace.
   *
   * @default - untouched: 75
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_keepalive_intvl"?: Exact<number>;
  /**
   * Unanswered keepalive probes after which a connection is dead.
   *
   * Unit: probes, 1 to 15. Each network namespace.
   *
   * @default - untouched: 9
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_keepalive_probes"?: Exact<number>;
  /**
   * Connections that may wait in TIME-WAIT at once.
   *
   * Unit: connections, 8000 to 1440000. Each network namespace.
   *
   * @default - untouched: up to 262144, by memory
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_max_tw_buckets"?: Amount;
  /**
   * Whether a connection that was idle starts slowly again.
   *
   * Values: 0: keeps its speed; 1: starts slowly. Each network namespace.
   *
   * @default - untouched: 1
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_slow_start_after_idle"?: Exact<0 | 1>;
  /**
   * Whether TCP looks for the largest packet that gets through.
   *
   * Values: 0: never; 1: when a black hole is found; 2: always. Each network namespace.
   *
   * @default - untouched: 0
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_mtu_probing"?: Exact<0 | 1 | 2>;
  /**
   * Whether a full queue of half-open connections is answered with SYN cookies.
   *
   * Values: 0: never; 1: when the queue is full; 2: always. Each network namespace.
   *
   * Seen: beside 6000 half-open connections and with the kernel's defaults, 100 of 100 callers came in with 1, and none with 0 (docs/evidence.md).
   *
   * @default - untouched: 1
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_syncookies"?: Exact<0 | 1 | 2>;
  /**
   * Unanswered retransmissions after which a connection is given up.
   *
   * Unit: retransmissions, 3 to 255. Each network namespace.
   *
   * @default - untouched: 15
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_retries2"?: Exact<number>;
  /**
   * Receive buffer of a TCP socket: least, initial and largest.
   *
   * Unit: bytes; least 4096 to 2147483647, initial 4096 to 2147483647, largest 4096 to 2147483647. Each network namespace.
   *
   * @default - untouched: 4096 131072 6291456, the last less on small nodes; 33554432 since Linux 6.16
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_rmem"?: Exact<readonly [least: number, initial: number, largest: number]>;
  /**
   * Send buffer of a TCP socket: least, initial and largest.
   *
   * Unit: bytes; least 4096 to 2147483647, initial 4096 to 2147483647, largest 4096 to 2147483647. Each network namespace.
   *
   * @default - untouched: 4096 16384 4194304, the last less on small nodes
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.tcp_wmem"?: Exact<readonly [least: number, initial: number, largest: number]>;
  /**
   * Lowest port that a process without privileges may listen on.
   *
   * Unit: port, 0 to 65535. Each network namespace.
   *
   * @default - untouched: 1024; container runtimes set 0 in pods
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.ip_unprivileged_port_start"?: Exact<number>;
  /**
   * Whether the node passes packets on. Without it no pod is reached.
   *
   * Values: 1: passes packets on. Each network namespace.
   *
   * @default - untouched: 0
   * @see https://kubernetes.io/docs/setup/production-environment/container-runtimes/
   */
  readonly "net.ipv4.ip_forward"?: Exact<1>;
  /**
   * Whether bridged IPv4 packets pass iptables, as Services need it with a bridge plugin.
   *
   * Values: 1: they do. Each network namespace.
   *
   * @default - untouched: 1 once br_netfilter is loaded
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.bridge.bridge-nf-call-iptables"?: Exact<1>;
  /**
   * Whether bridged IPv6 packets pass ip6tables, as Services need it with a bridge plugin.
   *
   * Values: 1: they do. Each network namespace.
   *
   * @default - untouched: 1 once br_netfilter is loaded
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.bridge.bridge-nf-call-ip6tables"?: Exact<1>;
  /**
   * Neighbours (ARP) below which nothing is forgotten. One table for the node and all its pods.
   *
   * Unit: neighbours, 128 to 80000. Each node.
   *
   * @default - untouched: 128
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.neigh.default.gc_thresh1"?: Amount;
  /**
   * Neighbours (ARP) above which old ones are forgotten soon. One table for the node and all its pods.
   *
   * Unit: neighbours, 512 to 90000. Each node.
   *
   * @default - untouched: 512
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.neigh.default.gc_thresh2"?: Amount;
  /**
   * Most neighbours (ARP); above it new pods cannot be reached. One table for the node and all its pods.
   *
   * Unit: neighbours, 1024 to 100000. Each node.
   *
   * @default - untouched: 1024
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly "net.ipv4.neigh.default.gc_thresh3"?: Amount;
  /**
   * Packets that wait between the network card and the stack, for each CPU.
   *
   * Unit: packets, 1000 to 3240000. Each node.
   *
   * @default - untouched: 1000
   * @see https://docs.kernel.org/admin-guide/sysctl/net.html
   */
  readonly "net.core.netdev_max_backlog"?: Amount;
  /**
   * Largest receive buffer that a program may ask for.
   *
   * Unit: bytes, 212992 to 134217728. Each node.
   *
   * @default - untouched: 212992; 4194304 since Linux 6.18
   * @see https://docs.kernel.org/admin-guide/sysctl/net.html
   */
  readonly "net.core.rmem_max"?: Amount;
  /**
   * Largest send buffer that a program may ask for.
   *
   * Unit: bytes, 212992 to 134217728. Each node.
   *
   * @default - untouched: 212992; 4194304 since Linux 6.18
   * @see https://docs.kernel.org/admin-guide/sysctl/net.html
   */
  readonly "net.core.wmem_max"?: Amount;
  /**
   * Most files that one process may be allowed to open.
   *
   * Unit: files, 8192 to 2147483584. Each node.
   *
   * @default - untouched: 1048576; 1073741816 where systemd (since 240) raises it, which Ubuntu's does not
   * @see https://docs.kernel.org/admin-guide/sysctl/fs.html
   */
  readonly "fs.nr_open"?: Amount;
  /**
   * Asynchronous input and output requests of the whole node.
   *
   * Unit: requests, 65536 to 6553500. Each node.
   *
   * @default - untouched: 65536
   * @see https://docs.kernel.org/admin-guide/sysctl/fs.html
   */
  readonly "fs.aio-max-nr"?: Amount;
  /**
   * Files and folders that one user may watch. Pods that run as one user share it.
   *
   * Unit: watches, 8192 to 2147483647. Each node.
   *
   * @default - untouched: 8192 to 1048576, by memory, since Linux 5.11
   * @see https://man7.org/linux/man-pages/man7/inotify.7.html
   */
  readonly "fs.inotify.max_user_watches"?: Amount;
  /**
   * inotify instances of one user. Pods that run as one user share it.
   *
   * Unit: instances, 128 to 2147483647. Each node.
   *
   * @default - untouched: 128
   * @see https://man7.org/linux/man-pages/man7/inotify.7.html
   */
  readonly "fs.inotify.max_user_instances"?: Amount;
  /**
   * Memory mappings of one process.
   *
   * Unit: mappings, 65530 to 2147483647. Each node.
   *
   * @default - untouched: 65530; some distributions 1048576
   * @see https://docs.kernel.org/admin-guide/sysctl/vm.html
   */
  readonly "vm.max_map_count"?: Amount;
  /**
   * How readily memory is swapped out.
   *
   * Unit: points, 0 to 100. Each node.
   *
   * @default - untouched: 60
   * @see https://docs.kernel.org/admin-guide/sysctl/vm.html
   */
  readonly "vm.swappiness"?: Exact<number>;
  /**
   * Whether memory may be promised beyond what is there.
   *
   * Values: 1: always. Each node.
   *
   * @default - untouched: varies; the kubelet writes this one value
   * @see https://docs.kernel.org/admin-guide/sysctl/vm.html
   */
  readonly "vm.overcommit_memory"?: Exact<1>;
  /**
   * Whether the node panics when memory runs out.
   *
   * Values: 0: ends a process instead. Each node.
   *
   * @default - untouched: varies; the kubelet writes this one value
   * @see https://docs.kernel.org/admin-guide/sysctl/vm.html
   */
  readonly "vm.panic_on_oom"?: Exact<0>;
  /**
   * Seconds from a panic to the restart.
   *
   * Values: 10: 10 seconds. Each node.
   *
   * @default - untouched: varies; the kubelet writes this one value
   * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html
   */
  readonly "kernel.panic"?: Exact<10>;
  /**
   * Whether the node panics on a kernel fault.
   *
   * Values: 1: panics, and so restarts. Each node.
   *
   * @default - untouched: varies; the kubelet writes this one value
   * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html
   */
  readonly "kernel.panic_on_oops"?: Exact<1>;
  /**
   * Keys in root's keyrings. Every container takes one.
   *
   * Values: 1000000: a million keys. Each node.
   *
   * @default - untouched: varies; the kubelet writes this one value
   * @see https://docs.kernel.org/security/keys/core.html
   */
  readonly "kernel.keys.root_maxkeys"?: Exact<1_000_000>;
  /**
   * Bytes in root's keyrings.
   *
   * Values: 25000000: 25 bytes for each of a million keys. Each node.
   *
   * @default - untouched: varies; the kubelet writes this one value
   * @see https://docs.kernel.org/security/keys/core.html
   */
  readonly "kernel.keys.root_maxbytes"?: Exact<25_000_000>;
  /**
   * Processes and threads of the whole node.
   *
   * Unit: processes, 32768 to 4194304. Each node.
   *
   * @default - untouched: 4194304 under systemd (since 243), else 32768
   * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html
   */
  readonly "kernel.pid_max"?: Amount;
}
