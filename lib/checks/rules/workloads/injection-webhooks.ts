import { type Data, list, record, records, text, texts } from "../../fields";
import { namespaces } from "../../graph/injection";
import { injectsByDefault } from "../../graph/injector-config";
import type { Workload } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";

type Labels = Readonly<Record<string, string>>;

/** What one webhook asks of the labels of a namespace and of a pod; `undefined` for nothing. */
interface Webhook {
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
}

const notRefused = { matchExpressions: [{ key: "sidecar.istio.io/inject", operator: "NotIn", values: ["false"] }] };
const without = (...keys: readonly string[]): Data => ({ matchExpressions: keys.map((key) => ({ key, operator: "DoesNotExist" })) });

/** The webhooks of an installation of Istio. Any revision counts, because which ones there are cannot be known. */
const installed: readonly Webhook[] = [
  { namespaceSelector: { matchLabels: { "istio-injection": "enabled" } }, objectSelector: notRefused },
  {
    namespaceSelector: without("istio-injection", "istio.io/rev"),
    objectSelector: { matchLabels: { "sidecar.istio.io/inject": "true" } },
  },
  {
    namespaceSelector: {
      matchExpressions: [
        { key: "istio.io/rev", operator: "Exists" },
        { key: "istio-injection", operator: "DoesNotExist" },
      ],
    },
    objectSelector: notRefused,
  },
  {
    namespaceSelector: without("istio-injection", "istio.io/rev"),
    objectSelector: { matchExpressions: [...notRefused.matchExpressions, { key: "istio.io/rev", operator: "Exists" }] },
  },
];

/** With `enableNamespacesByDefault`, one more that takes what no label speaks of. */
const byDefault: Webhook = { namespaceSelector: without("istio-injection", "istio.io/rev"), objectSelector: notRefused };

/**
 * Whether the API server asks an injector about the pods of a workload.
 *
 * By the webhooks of Istio among the objects; where there are none, by those of an installation. `unknown` where that hangs on a namespace that
 * is not among the objects.
 */
export function reachesInjector(graph: ObjectGraph, { namespace, labels }: Workload): boolean | "unknown" {
  const given = graph.derive(webhooks);
  const object = graph.derive(namespaces).get(namespace);
  if (given.length > 0) return isTaken(given, { ...object?.labels, "kubernetes.io/metadata.name": namespace }, labels);
  const assumed = injectsByDefault(graph) ? [...installed, byDefault] : installed;
  if (object !== undefined) return isTaken(assumed, object.labels, labels);
  return labels["sidecar.istio.io/inject"] === "false" ? false : "unknown";
}

function webhooks(graph: ObjectGraph): readonly Webhook[] {
  return graph
    .of("MutatingWebhookConfiguration")
    .flatMap(({ data }) => records(data.webhooks))
    .filter(({ name }) => text(name)?.endsWith("istio.io") === true)
    .map(({ namespaceSelector, objectSelector }) => ({ namespaceSelector, objectSelector }));
}

function isTaken(all: readonly Webhook[], namespace: Labels, pod: Labels): boolean {
  return all.some(({ namespaceSelector, objectSelector }) => isSelected(namespaceSelector, namespace) && isSelected(objectSelector, pod));
}

/** Whether a label selector of Kubernetes selects labels. Nothing said selects all; what cannot be read selects nothing. */
function isSelected(selector: unknown, labels: Labels): boolean {
  if (selector === undefined || selector === null) return true;
  const { matchLabels, matchExpressions } = record(selector);
  return (
    Object.entries(record(matchLabels)).every(([key, value]) => labels[key] === value) &&
    list(matchExpressions).every((expression) => isMet(record(expression), labels))
  );
}

function isMet({ key, operator, values }: Data, labels: Labels): boolean {
  const value = labels[text(key) ?? ""];
  switch (operator) {
    case "In":
      return value !== undefined && texts(values).includes(value);
    case "NotIn":
      return value === undefined || !texts(values).includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
