import { kubeletKeys } from "../../../nodes/kernel-keys";
import { nodePools, type PoolFacts, settingOf } from "../../graph/node-pools";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { listed } from "./pool-fields";

/** Keys whose default in the kernel is not what the kubelet demands. The other three have it already. */
const differing: ReadonlySet<string> = new Set(["vm.overcommit_memory", "kernel.panic", "kernel.panic_on_oops"]);

/** A kubelet that protects the kernel's defaults starts only where they are as it wants them. */
export const kernelDefaults: Rule = {
  code: "MG0616",
  title: "protected kernel defaults without the values that the kubelet demands",
  severity: "error",
  consequence: "The kubelet does not start: the node never joins, or is NotReady after its next restart.",
  fix: "Set all six keys in the kernel profile, or leave protectKernelDefaults off: then the kubelet sets them itself.",
  see: ["https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: kubeadm
  kernel:
    vm.overcommit_memory: 1
  kubelet:
    protectKernelDefaults: true
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: kubeadm
  kernel:
    vm.overcommit_memory: 1
    vm.panic_on_oom: 0
    kernel.panic: 10
    kernel.panic_on_oops: 1
    kernel.keys.root_maxkeys: 1000000
    kernel.keys.root_maxbytes: 25000000
  kubelet:
    protectKernelDefaults: true
`,
  },
  *check(graph) {
    for (const pool of graph.derive(nodePools)) {
      const wrong = protects(graph, pool) ? wrongKeys(pool) : [];
      if (wrong.length === 0) continue;
      const missing = Object.entries(kubeletKeys).filter(([key, value]) => settingOf(pool, key) !== String(value));
      yield {
        object: pool.object,
        field: pool.protectKernelDefaults ? "spec.kubelet.protectKernelDefaults" : "spec.kernel",
        message: `the kubelet protects the kernel's defaults and does not start where ${listed(wrong)}.`,
        fix: `Add to the kernel profile: { ${missing.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(", ")} }; or leave protectKernelDefaults off.`,
      };
    }
  },
};

/** A pool that says nothing of its kernel may have what it takes. */
function protects(graph: ObjectGraph, { protectKernelDefaults, distribution, object }: PoolFacts): boolean {
  if (object.spec.kernel === undefined) return false;
  return (
    protectKernelDefaults ||
    (distribution !== "k3s" && graph.of("KubeletConfiguration").some(({ data }) => data.protectKernelDefaults === true))
  );
}

function wrongKeys(pool: PoolFacts): readonly string[] {
  return Object.entries(kubeletKeys).flatMap(([key, value]) => {
    const own = settingOf(pool, key);
    if (own === String(value) || (own === undefined && !differing.has(key))) return [];
    return [own === undefined ? `${key} is not ${value}` : `${key} is ${own} and not ${value}`];
  });
}
