import { all, bool, type Check, matching, optional, shape } from "../core/check";
import { cidr } from "../core/cidr";
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

/** SHA-256 of each program that a node of kubeadm runs, in hexadecimal digits. */
export interface KubeadmChecksums {
  /** Of the program kubeadm. */
  readonly kubeadm: string;
  /** Of the program kubelet. */
  readonly kubelet: string;
  /** Of the program kubectl. */
  readonly kubectl: string;
}

/** What connects pods of different nodes. kubeadm brings none, and no node is ready without. */
export interface PodNetwork {
  /** Addresses of all pods, which the manifest must name too. */
  readonly cidr: string;
  /** Manifest of the network's add-on: `https://…`, or the path of a file on the first machine. */
  readonly manifest: string;
  /** SHA-256 of the manifest. */
  readonly sha256: string;
}

/** Props of {@link Kubeadm}. */
export interface KubeadmProps {
  /** Release of Kubernetes, such as `"v1.36.3"`: the one that the tree is rendered for. */
  readonly release: string;
  /** SHA-256 of the release's programs, as dl.k8s.io has them beside each. What is not pinned is not run. */
  readonly checksums: ByArchitecture<KubeadmChecksums>;
  /**
   * The one address at which nodes and administrators reach the API server, port 6443: a name or IP address that leads to every machine of the
   * control plane. It stands in the API server's certificate, and cannot be changed later.
   */
  readonly api: string;
  /** The network of the pods. */
  readonly podNetwork: PodNetwork;
  /**
   * Where releases are fetched from: `<mirror>/<release>/bin/linux/amd64/kubeadm`.
   *
   * @default "https://dl.k8s.io/release"
   */
  readonly mirror?: string;
  /**
   * The release's programs lie on each machine, and its container images beside them in `kubernetes-images-amd64.tar` (`-arm64`), as `ctr images export`
   * makes it.
   *
   * @default - they are fetched, and so are the images
   */
  readonly airGap?: AirGap;
}

/** Props of a control plane of {@link Kubeadm}. */
export interface KubeadmControlPlaneProps {
  /**
   * Disk of each machine that etcd has for itself, by a name that stays: `/dev/disk/by-id/…`, `/dev/nvme1n1`. It is made into a file system when
   * nothing is on it, refused when something else is, and mounted at /var/lib/etcd.
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

/** What kubeadm makes of the machines of a pool. */
export interface KubeadmRole {
  /** What tells the roles of the distributions apart. */
  readonly distribution: "kubeadm";
  /** The cluster that the machines belong to. */
  readonly cluster: Kubeadm;
  /** Whether they hold the control plane and etcd. */
  readonly controlPlane: boolean;
  /** Disk that etcd has for itself; absent: it has none. */
  readonly etcdDisk?: string;
  /** Whether etcd's metrics are served on the machines' addresses; absent: on the machine itself only. */
  readonly etcdMetrics?: boolean;
}

/**
 * A cluster of kubeadm: one release, one address, the same for all its pools.
 *
 * `controlPlane()` is for one pool with an odd number of machines, since etcd needs more than half of them; its nodes run pods like all others unless
 * the pool has taints. `worker()` is for every other pool.
 *
 * containerd, its CNI plugins, conntrack, iptables and iproute2 are of the machine's image or its distribution: they are looked for, not installed.
 * `kubeadm config validate` judges the configuration in the tests; the scripts around it are judged by shellcheck and the documentation.
 *
 * @throws InvalidInput for every problem of the props at once.
 * @see https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/
 *
 * @example
 * ```ts
 * import { Kubeadm, MeshApp, TunedNodePool } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const kubeadm = new Kubeadm({
 *   release: "v1.36.3",
 *   checksums: {
 *     amd64: {
 *       kubeadm: "bba1733c701bf70ec74ba1cc3fd5745404c1134a8a4b0a5f8560cc9832023421",
 *       kubelet: "46707a53209f826ad0f0d62371ac69cd00e78fd9a8176cf5f6f87f18f7f8b718",
 *       kubectl: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
 *     },
 *   },
 *   api: "api.oslo.example.no",
 *   podNetwork: {
 *     cidr: "10.244.0.0/16",
 *     manifest: "/srv/kubernetes/pod-network.yaml", // that of your network's release, with this CIDR
 *     sha256: "0000000000000000000000000000000000000000000000000000000000000000",
 *   },
 * });
 * new TunedNodePool(app, "oslo", { nodes: { count: 3, cpu: 8, memory: "32Gi", country: "NO" }, kubernetes: kubeadm.controlPlane() });
 * ```
 * Of `nodes/oslo/kubeadm/init.yaml`:
 * ```yaml
 * apiVersion: kubeadm.k8s.io/v1beta4
 * kind: ClusterConfiguration
 * kubernetesVersion: "v1.36.3"
 * controlPlaneEndpoint: "api.oslo.example.no:6443"
 * networking:
 *   podSubnet: "10.244.0.0/16"
 * ```
 */
export class Kubeadm {
  /** As given. */
  readonly release: string;
  /** As given. */
  readonly checksums: ByArchitecture<KubeadmChecksums>;
  /** As given. */
  readonly api: string;
  /** As given. */
  readonly podNetwork: PodNetwork;
  /** Where releases are fetched from. */
  readonly mirror: string;
  /** Where the files lie on each machine; undefined where they are fetched. */
  readonly airGap: AirGap | undefined;

  constructor(props: KubeadmProps) {
    refuse("Kubeadm", kubeadmProps("", props));
    this.release = props.release;
    this.checksums = props.checksums;
    this.api = props.api;
    this.podNetwork = props.podNetwork;
    this.mirror = props.mirror ?? "https://dl.k8s.io/release";
    this.airGap = props.airGap;
  }

  /** Machines that hold the control plane and etcd. @throws InvalidInput */
  controlPlane(props: KubeadmControlPlaneProps = {}): KubeadmRole {
    refuse(
      "Kubeadm.controlPlane",
      shape<KubeadmControlPlaneProps>({ etcdDisk: optional(plainPath), etcdMetrics: optional(bool) })("", props),
    );
    return {
      distribution: "kubeadm",
      cluster: this,
      controlPlane: true,
      ...(props.etcdDisk !== undefined && { etcdDisk: props.etcdDisk }),
      ...(props.etcdMetrics === true && { etcdMetrics: true }),
    };
  }

  /** Machines that run pods. */
  worker(): KubeadmRole {
    return { distribution: "kubeadm", cluster: this, controlPlane: false };
  }
}

const checksums: Check = shape<KubeadmChecksums>({ kubeadm: sha256Text, kubelet: sha256Text, kubectl: sha256Text });

const manifest: Check = (path, value) =>
  typeof value === "string" && value.startsWith("https://") ? mirrorAddress(path, value) : plainPath(path, value);

const kubeadmProps: Check = all(
  shape<KubeadmProps>({
    release: matching(/^v1\.\d{1,3}\.\d{1,3}$/, "a release of Kubernetes such as v1.36.3", 20),
    checksums: byArchitecture(checksums),
    api: apiAddress,
    podNetwork: shape<PodNetwork>({ cidr, manifest, sha256: sha256Text }),
    mirror: optional(mirrorAddress),
    airGap: optional(airGap),
  }),
  airGapCovers,
);
