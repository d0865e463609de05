import { minorNumber } from "../../../istio/catalogue";
import { records, text } from "../../fields";
import { distinct } from "../../graph/distinct";
import { fullHost, isExternalHost, serviceOf } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { LabelIndex } from "../../graph/label-index";
import { mayRunOutside } from "../../graph/outside-workloads";
import { labelSelector } from "../../graph/selector-index";
import { podsOf, serviceSelector } from "../../graph/service-pods";
import { type Workload, workloadIndex, workloads } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { rolloutRules } from "./rollout-rules";
import { subsetKey, subsetUses } from "./subset-uses";

/** A subset is of the pods of its own host. */
export const subsetWithoutPods: Rule = {
  code: "KIA0203",
  title: "subset that no pod of its host is in",
  severity: "error",
  consequence: "The subset is empty. Every request that a route sends to it ends with a 503 (no healthy upstream).",
  fix:
    "Give the subset labels that pods of the host carry, or the pods those of the subset. If the pods are made elsewhere, declare them " +
    'external: `externals: ["Deployment shop/pricing-v2"]`.',
  see: ["https://kiali.io/docs/features/validations/", "https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset"],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: v1
kind: Pod
metadata:
  name: pricing-1
  namespace: shop
  labels:
    app: pricing
    version: v1
spec:
  containers:
    - name: app
      image: registry.example.no/pricing:1.0.0
---
apiVersion: v1
kind: Pod
metadata:
  name: payment-1
  namespace: shop
  labels:
    app: payment
    version: v2
spec:
  containers:
    - name: app
      image: registry.example.no/payment:2.0.0
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  subsets:
    - name: stable
      labels:
        version: v1
    - name: canary
      labels:
        version: v2
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: v1
kind: Pod
metadata:
  name: pricing-1
  namespace: shop
  labels:
    app: pricing
    version: v1
spec:
  containers:
    - name: app
      image: registry.example.no/pricing:1.0.0
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  subsets:
    - name: stable
      labels:
        version: v1
`,
  },
  *check(graph) {
    for (const rule of distinct(judged(graph, "DestinationRule"))) {
      if (!graph.derive(rolloutRules).has(rule)) yield* emptySubsets(graph, rule);
    }
  },
};

/** Labels that pods get when they are made or scheduled: no manifest shows them. */
const madeLater =
  /^(?:topology\.|kubernetes\.io\/|failure-domain\.|pod-template-hash$|rollouts-pod-template-hash$|controller-revision-hash$|apps\.kubernetes\.io\/|statefulset\.kubernetes\.io\/)/;

function* emptySubsets(graph: ObjectGraph, object: MeshObject): Iterable<RuleFinding> {
  const host = fullHost(text(object.spec.host) ?? "", object.namespace);
  const service = seenService(graph, host);
  if (service === undefined) return;
  for (const [index, { name, labels: written }] of records(object.spec.subsets).entries()) {
    const labels = labelSelector(written);
    if (typeof name !== "string" || labels === "unreadable" || !canJudge(labels)) continue;
    if (hasPods(graph, service, labels) || isToldByIstio(graph, labels)) continue;
    const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
    const isUsed = graph.derive(subsetUses).has(subsetKey(host, name));
    const message = `no pod of ${service.name}.${service.namespace} that was checked carries ${pairs.join(", ")}: the subset ${name} is empty.`;
    yield { object, field: `spec.subsets[${index}].labels`, message, ...(!isUsed && { severity: "warning" as const }) };
  }
}

/** The Service of a host, where it and any pods of it are among the objects, and none lives outside. */
function seenService(graph: ObjectGraph, host: string): MeshObject | undefined {
  const named = serviceOf(host);
  const service = named === undefined ? undefined : graph.find("Service", named.namespace, named.name);
  if (service === undefined || podsOf(graph, service).length === 0) return undefined;
  return mayRunOutside(graph, service.namespace) || isExternalHost(graph, host, service.namespace) ? undefined : service;
}

function canJudge(labels: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(labels);
  return names.length > 0 && !names.some((name) => madeLater.test(name));
}

/** Pods of a Service that are looked at one by one: of more, an index knows the labels. */
const few = 50;

function hasPods(graph: ObjectGraph, service: MeshObject, labels: Readonly<Record<string, string>>): boolean {
  const pods = podsOf(graph, service);
  const wanted = Object.entries(labels);
  if (pods.length <= few) return pods.some((pod) => wanted.every(([name, value]) => pod.labels[name] === value));
  const selector = serviceSelector(service);
  if (selector === "unreadable" || wanted.some(([name, value]) => (selector[name] ?? value) !== value)) return false;
  return graph.derive(workloadIndex).select(service.namespace, { ...selector, ...labels }).length > 0;
}

/** Whether the release has IST0173, and it reports the subset: it looks for pods of any Service in any namespace. */
function isToldByIstio(graph: ObjectGraph, labels: Readonly<Record<string, string>>): boolean {
  if (minorNumber(graph.surroundings.releases.istio.minor) < minorNumber("1.25")) return false;
  return graph.derive(everywhere).select("", labels).length === 0;
}

function everywhere(graph: ObjectGraph): LabelIndex<Workload> {
  return new LabelIndex(
    graph.derive(workloads),
    ({ labels }) => labels,
    () => "",
  );
}
