import { App } from "cdk8s";
import { artefacts } from "../../lib/core/artefact";
import { findings } from "../../lib/core/finding";
import { useReleases } from "../../lib/istio/release";
import type { PoolKubernetes } from "../../lib/nodes/node-role";
import type { PoolProps, TunedNodePoolProps } from "../../lib/nodes/pool-props";
import { TunedNodePool } from "../../lib/nodes/tuned-node-pool";

/** Machines that no test cares about. */
export const nodes: TunedNodePoolProps["nodes"] = { count: 3, cpu: 8, memory: "32Gi", country: "NO" };

/** An app on a Kubernetes minor, with an Istio that supports it. */
export function appOn(kubernetesMinor = 36): App {
  const app = new App();
  const istio = kubernetesMinor >= 32 ? "1.30.3" : "1.17.8";
  useReleases(app, { istio, kubernetes: `1.${kubernetesMinor}`, allowUnsupported: { reason: "only the nodes are looked at" } });
  return app;
}

/** A pool named oslo, on k3s unless said otherwise. */
export function poolOf(props: Partial<PoolProps> & Partial<PoolKubernetes> = {}, app: App = appOn()): TunedNodePool {
  const { kubernetes, distribution = "k3s", ...rest } = props;
  return new TunedNodePool(app, "oslo", kubernetes === undefined ? { nodes, ...rest, distribution } : { nodes, ...rest, kubernetes });
}

/** Path to content of a pool's artefacts, without the folder of the pool. */
export function artefactsOf(pool: TunedNodePool): Readonly<Record<string, string>> {
  const prefix = `nodes/${pool.poolName}/`;
  return Object.fromEntries(artefacts(pool).map(({ path, content }) => [path.slice(prefix.length), content]));
}

/** One content of a pool's artefacts. */
export function artefactOf(pool: TunedNodePool, path: string): string {
  const content = artefactsOf(pool)[path];
  if (content === undefined) throw new Error(`no artefact ${path}; there are ${Object.keys(artefactsOf(pool)).join(", ")}`);
  return content;
}

/** Code to message and fix of a pool's findings. */
export function findingsOf(pool: TunedNodePool): Readonly<Record<string, string>> {
  return Object.fromEntries(findings(pool).map(({ code, message, fix }) => [code, `${message} ${fix}`]));
}
