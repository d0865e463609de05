import { isDeepStrictEqual } from "node:util";
import { type Data, record, records, text, texts } from "../../fields";
import { clusterDomain } from "../../graph/hosts";
import { meshVirtualServices } from "../../graph/http-routes";
import { rulesByHost } from "../../graph/subsets";
import { type MeshObject, objectName } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** Two owners of one host: of what they say, one part is dropped without a word. */
export const hostOwnedTwice: Rule = {
  code: "MG0315",
  title: "host with two owners",
  severity: "warning",
  consequence:
    "Istio puts the DestinationRules of a namespace for one host together: the subsets of all of them, but the trafficPolicy of the oldest alone. Limits, TLS settings and load balancing of the others are dropped without a word, and which one is the oldest changes when one is made anew. A host that Flagger owns gets its VirtualService from Flagger: it overwrites one of the same name each time it looks, and sends no request by any other.",
  fix: "Give each host one owner: put the DestinationRules into one, and leave the VirtualService and DestinationRule of a host to Flagger where there is a Canary for it.",
  see: [
    "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services",
    "https://docs.flagger.app/faq#istio-routing",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing-stable
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 100
  subsets:
    - name: v1
      labels:
        version: v1
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing-canary
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 10
  subsets:
    - name: v2
      labels:
        version: v2
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 100
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
      trafficPolicy:
        connectionPool:
          http:
            http1MaxPendingRequests: 10
`,
    externals: ["Service shop/pricing", "Pod shop/*"],
  },
  *check(graph) {
    for (const rules of graph.derive(rulesByHost).values()) yield* dropped(rules);
    for (const canary of graph.of("Canary", "flagger.app")) yield* overwritten(canary, graph);
  },
};

/**
 * Policies of DestinationRules that are put together with the one before them. Those that share a subset, or have none, are Kiali's KIA0201.
 */
function* dropped(rules: readonly MeshObject[]): Iterable<RuleFinding> {
  const first = new Map<string, MeshObject>();
  for (const object of rules) {
    if (records(object.spec.subsets).length === 0) continue;
    const key = JSON.stringify([object.namespace, texts(object.spec.exportTo).toSorted(), selectorKey(object.spec)]);
    const before = first.get(key);
    if (before === undefined) first.set(key, object);
    else if (differs(before.spec, object.spec)) yield { object, field: "spec.trafficPolicy", message: droppedMessage(before, object) };
  }
}

function droppedMessage(before: MeshObject, { spec }: MeshObject): string {
  return `${objectName(before)} has a trafficPolicy for ${text(spec.host)} too, and Istio follows the older of the two: the other's is dropped.`;
}

function selectorKey({ workloadSelector }: Data): string {
  const labels = Object.entries(record(record(workloadSelector).matchLabels)).map(([name, value]) => `${name}=${String(value)}`);
  return workloadSelector === undefined ? "" : `selector ${labels.sort().join(",")}`;
}

/** Without a common subset, which is told elsewhere, and with policies that are not the same. */
function differs(one: Data, other: Data): boolean {
  const names = new Set(records(one.subsets).map(({ name }) => name));
  const apart = records(other.subsets).every(({ name }) => !names.has(name));
  const [first, second] = [record(one.trafficPolicy), record(other.trafficPolicy)];
  return apart && Object.keys(first).length > 0 && Object.keys(second).length > 0 && !isDeepStrictEqual(first, second);
}

/** What lies beside a Canary of Flagger for the same host, and was not made by Flagger. */
function* overwritten(canary: MeshObject, graph: ObjectGraph): Iterable<RuleFinding> {
  const { spec, namespace } = canary;
  const apex = text(record(spec.service).name) ?? text(record(spec.targetRef).name);
  if (apex === undefined || (spec.provider !== undefined && spec.provider !== "istio")) return;
  const host = `${apex}.${namespace}.${clusterDomain}`;
  for (const object of meshVirtualServices(graph, host)) {
    if (isOthers(object)) yield { object, field: "spec.hosts", message: virtualServiceMessage(object, canary, apex) };
  }
  for (const object of graph.derive(rulesByHost).get(host) ?? []) {
    if (isOthers(object)) yield { object, field: "spec.host", message: ruleMessage(canary, apex) };
  }
}

function virtualServiceMessage(object: MeshObject, canary: MeshObject, apex: string): string {
  const same = object.name === apex && object.namespace === canary.namespace;
  const outcome = same ? "Flagger overwrites this one" : "Flagger makes one of its own for the host, and Istio follows only one of the two";
  return `${objectName(canary)} owns the routes of ${apex}: ${outcome}.`;
}

function ruleMessage(canary: MeshObject, apex: string): string {
  return `${objectName(canary)} sends requests for ${apex} to ${apex}-primary and ${apex}-canary: what is said of ${apex} here holds for none of them.`;
}

/** What Flagger makes names the Canary as its owner; what it took over it marks. */
function isOthers({ data, annotations }: MeshObject): boolean {
  const owned = records(record(data.metadata).ownerReferences).some(({ kind }) => kind === "Canary");
  return !owned && annotations["flagger.kubernetes.io/original-configuration"] === undefined;
}
