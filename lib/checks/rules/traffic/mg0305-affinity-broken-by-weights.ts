import { type Data, number, record, records, text, texts } from "../../fields";
import { type ClusterPolicy, clusterPolicies } from "../../graph/cluster-policies";
import { fullHost, isVisibleIn } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** The version is drawn by weight for each request before the hash picks a pod of it. */
export const affinityBrokenByWeights: Rule = {
  code: "MG0305",
  title: "session affinity broken by weights",
  severity: "warning",
  consequence:
    "Envoy draws the version by weight anew for each request, and only then does consistentHash pick a pod of that version. A caller with a session goes back and forth between the versions: baskets and log-ins that a pod keeps are lost for some requests.",
  fix: "Keep sessions outside the pods while weights are under way; or choose the version by a header or cookie of the request instead of by weight.",
  see: [
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB",
    "https://github.com/istio/istio/issues/9764",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: basket
  namespace: shop
spec:
  host: basket
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpCookie:
          name: basket
          ttl: 3600s
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: basket
  namespace: shop
spec:
  hosts:
    - basket
  http:
    - route:
        - destination:
            host: basket
            subset: v1
          weight: 90
        - destination:
            host: basket
            subset: v2
          weight: 10
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: basket
  namespace: shop
spec:
  host: basket
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpCookie:
          name: basket
          ttl: 3600s
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: basket
  namespace: shop
spec:
  hosts:
    - basket
  http:
    - match:
        - headers:
            x-tester:
              exact: "yes"
      route:
        - destination:
            host: basket
            subset: v2
    - route:
        - destination:
            host: basket
            subset: v1
`,
    externals: ["Service shop/basket", "Pod shop/*"],
  },
  *check(graph) {
    const hashed = graph.derive(hashedClusters);
    if (hashed.size === 0) return;
    for (const object of judged(graph, "VirtualService")) {
      for (const [index, { route }] of records(object.spec.http).entries()) {
        yield* drawn(object, `spec.http[${index}].route`, weighted(records(route)), hashed);
      }
    }
  },
};

/** A group of pods of which consistentHash picks one. */
interface Hashed {
  readonly rule: MeshObject;
  /** Ways by which a caller is known again: `httpCookie`, `useSourceIp`. */
  readonly by: string;
}

/** Clusters with a consistentHash, by host in full and subset. */
function hashedClusters(graph: ObjectGraph): ReadonlyMap<string, readonly Hashed[]> {
  const found = new Map<string, Hashed[]>();
  for (const rule of graph.of("DestinationRule")) {
    for (const policy of clusterPolicies(graph, rule)) {
      const by = hashOf(policy);
      if (by === undefined) continue;
      const key = clusterKey(fullHost(text(rule.spec.host) ?? "", rule.namespace), policy.subset?.name);
      const list = found.get(key);
      if (list === undefined) found.set(key, [{ rule, by }]);
      else list.push({ rule, by });
    }
  }
  return found;
}

function hashOf({ loadBalancer }: ClusterPolicy): string | undefined {
  const hash = record(loadBalancer?.data.consistentHash);
  return ["httpCookie", "httpHeaderName", "useSourceIp", "httpQueryParameterName"].find(
    (name) => Object.hasOwn(hash, name) && hash[name] !== false,
  );
}

function clusterKey(host: string, subset: string | undefined): string {
  return `${host} ${subset ?? ""}`;
}

/** Destinations that get requests: each with a weight, or the only one. */
function weighted(route: readonly Data[]): readonly Data[] {
  return route.filter(({ weight }) => (number(weight) ?? 0) > 0).map(({ destination }) => record(destination));
}

function* drawn(
  object: MeshObject,
  field: string,
  destinations: readonly Data[],
  hashed: ReadonlyMap<string, readonly Hashed[]>,
): Iterable<RuleFinding> {
  const clusters = new Map(
    destinations.map(({ host, subset }) => {
      const key = clusterKey(fullHost(text(host) ?? "", object.namespace), text(subset));
      return [key, { key, name: text(subset) ?? text(host) ?? "" }];
    }),
  );
  if (clusters.size < 2) return;
  const hash = [...clusters.values()].flatMap(({ key }) => hashed.get(key) ?? []).find(({ rule }) => sees(rule, object));
  if (hash === undefined) return;
  const names = [...clusters.values()].map(({ name }) => name).slice(0, 5);
  const message = `weights are drawn anew for each request, so a caller changes between ${names.join(" and ")} in spite of the ${hash.by} of DestinationRule ${hash.rule.name}; sessions kept in a pod are lost.`;
  yield { object, field, message };
}

function sees({ spec, namespace }: MeshObject, to: MeshObject): boolean {
  return isVisibleIn(texts(spec.exportTo), namespace, to.namespace);
}
