import { all, bool, type Check, listOf, matching, oneOf, optional, shape } from "../core/check";
import { refuse } from "../core/problem";
import {
  type AirGap,
  airGap,
  airGapCovers,
  apiAddress,
  type ByArchitecture,
  byArchitecture,
  mirrorAddress,
  plainPath,
  sha256Text,
} from "./pinned-release";

/** A part that k3s brings along and that can be left out. */
export type K3sComponent = "traefik" | "servicelb" | "local-storage" | "metrics-server" | "coredns";

/** Props of {@link K3s}. */
export interface K3sProps {
  /** Release, such as `"v1.36.2+k3s1"`. Its Kubernetes must be the one that the tree is rendered for. */
  readonly release: string;
  /** SHA-256 of the release's program `k3s` (`k3s-arm64`), as its sha256sum-amd64.txt has it. What is not pinned is not run. */
  readonly checksums: ByArchitecture<string>;
  /**
   * The one address at which nodes and administrators reach the API server, port 6443: a name or IP address that leads to every server, by DNS,
   * a virtual address or a load balancer. It stands in the API server's certificate.
   */
  readonly api: string;
  /**
   * Parts of k3s that are left out.
   *
   * Traefik takes ports 80 and 443 of each node, which an Istio gateway wants. ServiceLB is what gives the gateway's Service an address where no other
   * load balancer does: leave it out where there is one.
   *
   * @default ["traefik"]
   * @see https://docs.k3s.io/networking/networking-services
   */
  readonly disable?: readonly K3sComponent[];
  /**
   * Where releases are fetched from, in place of GitHub: `<mirror>/<release>/k3s`.
   *
   * @default "https://github.com/k3s-io/k3s/releases/download"
   */
  readonly mirror?: string;
  /**
   * The release's files lie on each machine: `k3s` and `k3s-airgap-images-amd64.tar.zst`, or `k3s-arm64` and `k3s-airgap-images-arm64.tar.zst`.
   *
   * @default - they are fetched, and so are the images
   * @see https://docs.k3s.io/installation/airgap
   */
  readonly airGap?: AirGap;
}

/** Props of a server of {@link K3s}. */
export interface K3sServerProps {
  /**
   * Disk of each server that etcd has for itself, by a name that stays: `/dev/disk/by-id/…`, `/dev/nvme1n1`. It is made into a file system when
   * nothing is on it, and refused when something else is. k3s has no setting for etcd's folder, so it is mounted there: /var/lib/rancher/k3s/server/db.
   *
   * @default - etcd writes to the disk of the system
   */
  readonly etcdDisk?: string;
  /**
   * Serves etcd's metrics on port 2381 of each machine, on every address and without a login: names and times, no data. Prometheus then sees how long its disk
   * takes (an {@link Observability}'s `etcdMetricsPort`). Keep the port from anybody else.
   *
   * @default false
   */
  readonly etcdMetrics?: boolean;
}

/** What k3s makes of the machines of a pool. */
export interface K3sRole {
  /** What tells the roles of the distributions apart. */
  readonly distribution: "k3s";
  /** The cluster that the machines belong to. */
  readonly cluster: K3s;
  /** Servers hold the control plane and etcd, and run pods too. */
  readonly controlPlane: boolean;
  /** Disk that etcd has for itself; absent: it has none. */
  readonly etcdDisk?: string;
  /** Whether etcd's metrics are served on the machines' addresses; absent: on the machine itself only. */
  readonly etcdMetrics?: boolean;
}

/**
 * A cluster of k3s: one release, one address, the same for all its pools.
 *
 * `server()` is for the pool that holds the control plane: an odd number of machines, since etcd needs more than half of them. `agent()` is for every
 * other pool. Secrets of Kubernetes are encrypted in etcd, servers and agents join with tokens of their own, and etcd runs on the servers.
 *
 * What is written for k3s is judged by its documentation alone: k3s itself was not at hand to run it in the tests.
 *
 * @throws InvalidInput for every problem of the props at once.
 * @see https://docs.k3s.io/cli/server
 *
 * @example
 * ```ts
 * import { K3s, MeshApp, TunedNodePool } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const k3s = new K3s({
 *   release: "v1.36.2+k3s1",
 *   checksums: { amd64: "0000000000000000000000000000000000000000000000000000000000000000" }, // the real one is in its sha256sum-amd64.txt
 *   api: "api.oslo.example.no",
 * });
 * new TunedNodePool(app, "oslo", { nodes: { count: 3, cpu: 8, memory: "32Gi", country: "NO" }, kubernetes: k3s.server() });
 * new TunedNodePool(app, "work", { nodes: { count: 5, cpu: 16, memory: "64Gi", country: "NO" }, kubernetes: k3s.agent() });
 * ```
 * `nodes/oslo/k3s/first-server.yaml`:
 * ```yaml
 * cluster-init: true
 * token-file: /etc/rancher/k3s/meshground-token
 * agent-token-file: /etc/rancher/k3s/meshground-agent-token
 * secrets-encryption: true
 * write-kubeconfig-mode: "0600"
 * tls-san:
 *   - "api.oslo.example.no"
 * disable:
 *   - "traefik"
 * ```
 */
export class K3s {
  /** As given. */
  readonly release: string;
  /** As given. */
  readonly checksums: ByArchitecture<string>;
  /** As given. */
  readonly api: string;
  /** Parts that are left out, by name. */
  readonly disable: readonly K3sComponent[];
  /** Where releases are fetched from. */
  readonly mirror: string;
  /** Where the files lie on each machine; undefined where they are fetched. */
  readonly airGap: AirGap | undefined;

  constructor(props: K3sProps) {
    refuse("K3s", k3sProps("", props));
    this.release = props.release;
    this.checksums = props.checksums;
    this.api = props.api;
    this.disable = [...new Set<K3sComponent>(props.disable ?? ["traefik"])].sort();
    this.mirror = props.mirror ?? "https://github.com/k3s-io/k3s/releases/download";
    this.airGap = props.airGap;
  }

  /** Machines that hold the control plane and etcd. @throws InvalidInput */
  server(props: K3sServerProps = {}): K3sRole {
    refuse("K3s.server", shape<K3sServerProps>({ etcdDisk: optional(plainPath), etcdMetrics: optional(bool) })("", props));
    return {
      distribution: "k3s",
      cluster: this,
      controlPlane: true,
      ...(props.etcdDisk !== undefined && { etcdDisk: props.etcdDisk }),
      ...(props.etcdMetrics === true && { etcdMetrics: true }),
    };
  }

  /** Machines that run pods. */
  agent(): K3sRole {
    return { distribution: "k3s", cluster: this, controlPlane: false };
  }
}

const k3sForm: Check = shape<K3sProps>({
  release: matching(/^v1\.\d{1,3}\.\d{1,3}(?:-rc\d{1,3})?\+k3s\d{1,3}$/, "a release of k3s such as v1.36.2+k3s1", 40),
  checksums: byArchitecture(sha256Text),
  api: apiAddress,
  disable: optional(listOf(oneOf("traefik", "servicelb", "local-storage", "metrics-server", "coredns"))),
  mirror: optional(mirrorAddress),
  airGap: optional(airGap),
});

const k3sProps: Check = all(k3sForm, airGapCovers);
