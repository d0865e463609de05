import { type Check, listOf, oneOf, optional, shape } from "../core/check";
import { labelKey, labels, labelValue } from "../core/name";
import type { Taint } from "../core/pool";
import { join, type Problem, problem } from "../core/problem";

/** Label that every node of a pool carries, and no other. */
export const poolLabel = "meshground.io/pool";

/** Labels with Kubernetes' own prefixes that a kubelet may give itself. @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction */
const ownLabels: ReadonlySet<string> = new Set([
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);

/** Labels that a kubelet can register its node with. It does not start with any other of Kubernetes' own. */
export const nodeLabels: Check = (path, value) => {
  const problems = labels(path, value);
  return problems.length > 0 ? problems : Object.keys(value as object).flatMap((key) => labelProblem(join(path, key), key));
};

/** Taints that a kubelet can register its node with; each key and effect once. */
export const taints: Check = (path, value) => {
  const problems = listOf(shape<Taint>({ key: labelKey, value: optional(labelValue), effect }))(path, value);
  return problems.length > 0 ? problems : repeated(path, value as readonly Taint[]);
};

const effect = oneOf("NoSchedule", "PreferNoSchedule", "NoExecute");

/** `key=value,…`, as the kubelet's flag takes them, by name. */
export function labelPairs(nodeLabels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(nodeLabels)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

/** The taints in one order, whatever order they were given in. */
export function sortedTaints(list: readonly Taint[]): readonly Taint[] {
  return [...list].sort((a, b) => (taintText(a) < taintText(b) ? -1 : 1));
}

/** `key=value:Effect`, or `key:Effect` without a value. */
export function taintText({ key, value, effect }: Taint): string {
  return value === undefined ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}

function labelProblem(path: string, key: string): readonly Problem[] {
  if (key === poolLabel) return [{ path, message: "set by the pool itself. Use name." }];
  const prefix = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  const kubernetes = ["kubernetes.io", "k8s.io"].some((domain) => prefix === domain || prefix.endsWith(`.${domain}`));
  const own =
    ownLabels.has(key) || ["kubelet.kubernetes.io", "node.kubernetes.io"].some((it) => prefix === it || prefix.endsWith(`.${it}`));
  if (!kubernetes || own) return [];
  return [
    problem(
      path,
      key,
      "a label that a kubelet may give its own node",
      "With this one the kubelet does not start; set it with kubectl label.",
    ),
  ];
}

function repeated(path: string, list: readonly Taint[]): readonly Problem[] {
  const ids = list.map(({ key, effect }) => `${key}:${effect}`);
  return ids.flatMap((id, index) => (ids.indexOf(id) === index ? [] : [problem(join(path, index), id, "each key and effect once")]));
}
