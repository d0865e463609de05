import { type Data, record, records, text, textMap, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { autoscalerOf, podsAtRest } from "./autoscalers";
import { isOwned } from "./pod-demands";
import { type Workload, workloadIndex } from "./workloads";

/** A PodDisruptionBudget with the pods that it holds for, among the objects. */
export interface Budget {
  readonly object: MeshObject;
  readonly workloads: readonly Workload[];
  /** Pods at rest. */
  readonly pods: number;
  /** Pods at most. */
  readonly most: number;
  readonly limit: BudgetLimit;
}

/** What a budget asks for, read. */
interface BudgetLimit {
  readonly field: "spec.minAvailable" | "spec.maxUnavailable";
  readonly amount: number;
  readonly percent: boolean;
  /** `minAvailable: 50%`. */
  readonly text: string;
}

/** Budgets that say something which can be read. Pods of DaemonSets and of Jobs are left out: a drain does not evict the ones, and the others end. */
export function budgets(graph: ObjectGraph): readonly Budget[] {
  const known = new Map<string, Selected>();
  return graph.of("PodDisruptionBudget").flatMap((object) => {
    const limit = limitOf(object);
    if (limit === undefined) return [];
    const key = selectorKey(object);
    const pods = known.get(key) ?? select(graph, object);
    known.set(key, pods);
    return [{ object, limit, ...pods }];
  });
}

type Selected = Pick<Budget, "workloads" | "pods" | "most">;

function select(graph: ObjectGraph, object: MeshObject): Selected {
  const workloads = selected(graph, object);
  const pods = workloads.reduce((total, workload) => total + podsAtRest(graph, workload), 0);
  const most = workloads.reduce((total, workload) => total + (autoscalerOf(graph, workload)?.max ?? podsAtRest(graph, workload)), 0);
  return { workloads, pods, most };
}

/** Budgets with one selector share what it selects. */
function selectorKey({ namespace, spec: { selector }, apiVersion }: MeshObject): string {
  const { matchLabels, matchExpressions } = record(selector);
  const isSelector = typeof selector === "object" && selector !== null;
  const expressions = records(matchExpressions).map(({ key, operator, values }) => [text(key), text(operator), texts(values)]);
  return JSON.stringify([isSelector, apiVersion, namespace, textMap(matchLabels), expressions]);
}

/** How many of so many pods may be evicted at once. Percentages are rounded up, as the disruption controller does for both fields. */
export function evictable({ field, amount, percent }: BudgetLimit, pods: number): number {
  const count = percent ? Math.ceil((pods * amount) / 100) : amount;
  return Math.max(0, field === "spec.maxUnavailable" ? Math.min(count, pods) : pods - count);
}

function limitOf({ spec }: MeshObject): BudgetLimit | undefined {
  const name = spec.maxUnavailable === undefined || spec.maxUnavailable === null ? "minAvailable" : "maxUnavailable";
  const value = spec[name];
  const percent = typeof value === "string" ? /^(\d{1,3})%$/.exec(value)?.[1] : undefined;
  const amount = percent === undefined ? value : Number(percent);
  if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 0) return undefined;
  return { field: `spec.${name}`, amount, percent: percent !== undefined, text: `${name}: ${value}` };
}

const passing: ReadonlySet<string> = new Set(["DaemonSet", "Job", "CronJob"]);

function selected(graph: ObjectGraph, { namespace, spec, apiVersion }: MeshObject): readonly Workload[] {
  const selector = spec.selector;
  if (typeof selector !== "object" || selector === null) return [];
  const { matchLabels, matchExpressions } = record(selector);
  const wanted = textMap(matchLabels);
  const expressions = records(matchExpressions);
  const all = Object.keys(wanted).length === 0 && expressions.length === 0;
  // In v1beta1 an empty selector selects nothing.
  if (all && apiVersion === "policy/v1beta1") return [];
  return graph
    .derive(workloadIndex)
    .select(namespace, wanted)
    .filter(({ object, labels }) => !passing.has(object.kind) && !isOwned(object) && expressions.every((one) => holds(one, labels)));
}

function holds({ key, operator, values }: Data, labels: Readonly<Record<string, string>>): boolean {
  const name = text(key);
  const value = name !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined;
  if (operator === "In") return value !== undefined && texts(values).includes(value);
  if (operator === "NotIn") return value === undefined || !texts(values).includes(value);
  return operator === "Exists" ? value !== undefined : operator === "DoesNotExist" && value === undefined;
}
