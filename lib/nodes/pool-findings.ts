import type { Finding } from "../core/finding";
import { quantity } from "../core/quantity";
import { kubeProxyConntrack } from "./conntrack";
import { KernelProfile } from "./kernel-profile";
import { type KernelSetting, loweredKey } from "./kernel-setting";
import { unseenByPods } from "./pod-sysctls";
import type { PoolPlan } from "./pool-plan";
import type { TunedNodePoolProps } from "./pool-props";

type PoolFinding = Omit<Finding, "path">;

/** What a pool's owner should know, though nothing of it is refused. */
export function poolFindings(plan: PoolPlan, props: TunedNodePoolProps, kubernetesMinor: number): readonly PoolFinding[] {
  return [
    ...unseenSettings(plan, kubernetesMinor),
    ...plan.settings.flatMap((setting) => lowersStock(setting, quantity(props.nodes.memory))),
    ...unsafeInPods(plan),
    ...unknownKeys(props),
    ...belowKubeProxy(plan, props, kubernetesMinor),
    ...clusterWide(plan, props, kubernetesMinor),
  ];
}

function unseenSettings({ settings, podSysctls }: PoolPlan, kubernetesMinor: number): readonly PoolFinding[] {
  const asked = new Set(podSysctls.asked.map(({ name }) => name));
  const { all, safe, unsafe } = unseenByPods(settings, asked, kubernetesMinor);
  if (all.length === 0) return [];
  const asks = [
    ...(safe.length > 0 ? [`podSysctls: { safe: true } gives pods ${names(safe)}`] : []),
    ...(unsafe.length > 0 ? [`podSysctls.unsafe gives them those it names of ${names(unsafe)}`] : []),
  ];
  return [
    {
      code: "MG0601",
      severity: "note",
      message: `${names(all)} belong to each network namespace: pods keep the kernel's own values, sidecars among them; only the node's daemons and hostNetwork pods have these.`,
      fix: asks.length === 0 ? "Set them exactly for pods to ask for them." : `${asks.join("; ")}.`,
    },
  ];
}

function lowersStock(setting: KernelSetting, memoryBytes: number): readonly PoolFinding[] {
  const { key, value } = setting;
  const lowered = loweredKey(setting, memoryBytes);
  if (lowered === undefined) return [];
  return [
    {
      code: "MG0604",
      severity: "warning",
      message: `${key} = ${value} lowers what a node has that nobody tuned: ${lowered.stock}.`,
      fix: `Use { "${key}": { atLeast: ${value} } }, or leave the key out: profile.without("${key}").`,
    },
  ];
}

function unsafeInPods({ podSysctls: { unsafe }, poolName }: PoolPlan): readonly PoolFinding[] {
  if (unsafe.length === 0) return [];
  return [
    {
      code: "MG0605",
      severity: "warning",
      message: `pods of the pool ask for ${unsafe.join(", ")}: Pod Security's levels baseline and restricted refuse them.`,
      fix: `Keep them to namespaces at level privileged, on nodes of ${poolName} that have the kubelet's new list; it counts after a restart of the kubelet.`,
    },
  ];
}

function unknownKeys({ kernel = KernelProfile.mesh() }: TunedNodePoolProps): readonly PoolFinding[] {
  return Object.keys(kernel.unknown)
    .sort()
    .map((key) => ({
      code: "MG0606",
      severity: "note",
      message: `${key} is not a key that the library knows, so nothing checks its value. Reason given: ${kernel.unknown[key]?.reason}`,
      fix: "Read it back on a node: the boot unit fails when it does not hold.",
    }));
}

function belowKubeProxy({ conntrackMax }: PoolPlan, { nodes }: TunedNodePoolProps, kubernetesMinor: number): readonly PoolFinding[] {
  const automatic = kubeProxyConntrack(nodes.cpu, kubernetesMinor);
  if (conntrackMax === undefined || conntrackMax >= automatic) return [];
  return [
    {
      code: "MG0607",
      severity: "warning",
      message: `net.netfilter.nf_conntrack_max = ${conntrackMax} is below what kube-proxy sets on ${nodes.cpu} cores when it is left alone, ${automatic}.`,
      fix: `Set at least ${automatic}, or leave the key to kube-proxy: profile.without("net.netfilter.nf_conntrack_max").`,
    },
  ];
}

function clusterWide({ conntrackMax, poolName }: PoolPlan, props: TunedNodePoolProps, kubernetesMinor: number): readonly PoolFinding[] {
  // A cluster that this library makes begins with kube-proxy told: the document stands in its init.yaml.
  if (conntrackMax === undefined || props.distribution !== "kubeadm") return [];
  const automatic = kubeProxyConntrack(props.nodes.cpu, kubernetesMinor);
  return [
    {
      code: "MG0608",
      severity: "note",
      message: `kube-proxy's configuration is one for the cluster: until it says what stands in nodes/${poolName}/kubeadm/kube-proxy.yaml, kube-proxy may set net.netfilter.nf_conntrack_max to ${automatic}.`,
      fix: "Give it to kubeadm init as a further document; on a living cluster, edit the ConfigMap kube-proxy in kube-system and restart its pods.",
    },
  ];
}

function names(settings: readonly KernelSetting[]): string {
  return settings.map(({ key }) => key).join(", ");
}
