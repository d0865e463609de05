import { bool, type Check, didYouMean, listOf, optional, shape } from "../core/check";
import type { PodSysctl } from "../core/pool";
import { type Problem, problem } from "../core/problem";
import { tryKeyScope } from "./kernel-keys";
import type { KernelSetting } from "./kernel-setting";
import type { KernelKeyName } from "./kernel-settings";

/**
 * Which of the pool's kernel settings its pods ask for, because the node's own never reach a pod's network namespace.
 *
 * Only exact settings go to pods: what a pod asks for is written, never compared. A pod with `hostNetwork` must not ask for any.
 */
export interface PodSysctlsProps {
  /**
   * All settings that the kubelet of the tree's Kubernetes release lets pods have without being asked.
   *
   * @default false
   */
  readonly safe?: boolean;
  /**
   * Settings by name that the kubelet has to be told to allow. Naming one is the permission.
   *
   * Pod Security's levels `baseline` and `restricted` refuse pods that ask for them, and pods on nodes without the permission
   * fail with SysctlForbidden: the pool's node selector keeps them here.
   *
   * @default - none
   * @see https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
   */
  readonly unsafe?: readonly KernelKeyName[];
}

/** What the pods of a pool ask for. */
export interface PodSysctlPlan {
  readonly asked: readonly PodSysctl[];
  /** Names of those that the kubelet has to be told to allow. */
  readonly unsafe: readonly string[];
}

/** Whether the kubelet lets a pod have the key without being asked. */
export function isSafeInPods(key: string, kubernetesMinor: number): boolean {
  const since = tryKeyScope(key)?.safeInPodsSince;
  return since !== undefined && kubernetesMinor >= since;
}

/** Settings that no pod sees, because each network namespace has its own and no pod asks for them. */
export interface UnseenSettings {
  readonly all: readonly KernelSetting[];
  /** Those that pods may simply ask for. */
  readonly safe: readonly KernelSetting[];
  /** Those that pods may ask for where the kubelet is told to allow them. */
  readonly unsafe: readonly KernelSetting[];
}

/** Settings of a node that never reach a pod: those that no pod asks for, without those that are for the node's own work. */
export function unseenByPods(settings: readonly KernelSetting[], asked: ReadonlySet<string>, kubernetesMinor: number): UnseenSettings {
  const all = settings.filter(({ key }) => isForPods(key) && !asked.has(key));
  const exact = all.filter(({ mode }) => mode === "exact");
  const safe = exact.filter(({ key }) => isSafeInPods(key, kubernetesMinor));
  return { all, safe, unsafe: exact.filter((setting) => !safe.includes(setting)) };
}

function isForPods(key: string): boolean {
  const known = tryKeyScope(key);
  return known?.scope === "network-namespace" && known.nodeOnly !== true;
}

/** Whether each pod has its own value of the key. */
function isOfNamespace(key: string): boolean {
  return tryKeyScope(key)?.scope === "network-namespace";
}

/** What the pods ask for, in the order of the settings. */
export function podSysctlPlan(settings: readonly KernelSetting[], props: PodSysctlsProps, kubernetesMinor: number): PodSysctlPlan {
  const named: readonly string[] = props.unsafe ?? [];
  const wanted = settings.filter(
    ({ key, mode }) => mode === "exact" && (named.includes(key) || (props.safe === true && isSafeInPods(key, kubernetesMinor))),
  );
  return {
    asked: wanted.map(({ key, value }) => ({ name: key, value })),
    unsafe: wanted.map(({ key }) => key).filter((key) => !isSafeInPods(key, kubernetesMinor)),
  };
}

/** Problems of the prop, against settings that were checked before. */
export function podSysctlsCheck(settings: readonly KernelSetting[]): Check {
  return shape<PodSysctlsProps>({ safe: optional(bool), unsafe: optional(listOf((path, name) => nameProblems(path, name, settings))) });
}

function nameProblems(path: string, name: unknown, settings: readonly KernelSetting[]): readonly Problem[] {
  const setting = settings.find(({ key }) => key === name);
  if (setting === undefined) {
    const hint =
      tryKeyScope(String(name)) === undefined
        ? didYouMean(
            name,
            settings.map(({ key }) => key),
          )
        : "Set it there first.";
    return [problem(path, name, "a key that the pool's kernel profile sets", hint)];
  }
  if (!isOfNamespace(setting.key)) return [problem(path, name, "a key of the network namespace", "A pod has no value of its own.")];
  if (setting.mode === "exact") return [];
  return [problem(path, name, "a key that is set exactly", "A pod's value is written, never compared: a floor cannot be one.")];
}
