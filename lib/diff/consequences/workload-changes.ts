import { at, type Data, records, text } from "../../checks/fields";
import type { ComparedObject, Consequence, ConsequenceRule } from "../consequence";

const workloads: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "Rollout"]);

/** Pods that are replaced, and how many there are. */
export const workloadChanges: ConsequenceRule = (object) => {
  const { kind, before, after } = object;
  if (before === undefined || after === undefined) return [];
  if (kind === "HorizontalPodAutoscaler") return replicaChanges(object, ["minReplicas", "maxReplicas"]);
  if (kind === "Namespace") return injectionChange(before, after);
  if (kind === "Application") return chartChange(before, after);
  return workloads.has(kind) ? [...imageChanges(before, after), ...restart(object), ...replicaChanges(object, ["replicas"])] : [];
};

function replicaChanges({ before, after }: ComparedObject, names: readonly string[]): readonly Consequence[] {
  return names.flatMap((name) => {
    const [from, to] = [at(before, "spec", name), at(after, "spec", name)];
    return from === to ? [] : [{ level: "restart" as const, text: `${name}: ${count(from)} -> ${count(to)}` }];
  });
}

function count(value: unknown): string {
  return typeof value === "number" ? String(value) : "not named";
}

function imageChanges(before: Data, after: Data): readonly Consequence[] {
  const now = images(after);
  return [...images(before)].flatMap(([name, image]) => {
    const next = now.get(name);
    return next === undefined || next === image ? [] : [{ level: "restart", text: `image of ${name}: ${image} -> ${next}` }];
  });
}

function images(workload: Data): ReadonlyMap<string, string> {
  const containers = ["initContainers", "containers"].flatMap((name) => records(at(workload, "spec", "template", "spec", name)));
  return new Map(containers.map(({ name, image }) => [text(name) ?? "?", text(image) ?? "?"]));
}

/** What only means the same does not start a roll-out: Kubernetes compares amounts, not texts. */
function restart({ fields }: ComparedObject): readonly Consequence[] {
  const isTemplate = fields.some((field) => {
    const [first, second] = field.path;
    return first === "spec" && second === "template" && !(field.kind === "changed" && field.sameMeaning === true);
  });
  return isTemplate ? [{ level: "restart", text: "its pods are replaced." }] : [];
}

function injectionChange(before: Data, after: Data): readonly Consequence[] {
  const label = (object: Data, name: string): unknown => at(object, "metadata", "labels", name);
  const changed = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"].filter(
    (name) => label(before, name) !== label(after, name),
  );
  return changed.map((name) => ({
    level: "traffic",
    text: `${name} changes: pods get, lose or change their sidecar when they start next.`,
  }));
}

/** An Application of Argo CD that installs a chart: it does so as soon as it sees the change. */
function chartChange(before: Data, after: Data): readonly Consequence[] {
  const [from, to] = [at(before, "spec", "source", "targetRevision"), at(after, "spec", "source", "targetRevision")];
  const chart = text(at(after, "spec", "source", "chart"));
  if (chart === undefined || from === to) return [];
  return [{ level: "restart", text: `Argo CD installs ${String(to)} of the chart ${chart} in place of ${String(from)}.` }];
}
