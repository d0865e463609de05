import { record, records, text, texts } from "../../fields";
import { distinct } from "../../graph/distinct";
import { fullHost } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** A gateway does not look at the VirtualService that the mesh has for a service. */
export const subsetWithoutEffect: Rule = {
  code: "IST0140",
  title: "subsets that requests through a gateway never see",
  severity: "warning",
  consequence:
    "A gateway follows the VirtualService that is bound to it and sends requests straight to the service: the subsets and weights that another VirtualService has for the service do not hold for them. A canary gets traffic that was not meant for it, or none.",
  fix: "Name the subsets, with their weights, in the VirtualService that is bound to the gateway.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0140/",
    "https://istio.io/latest/docs/ops/common-problems/network-issues/#route-rules-have-no-effect-on-ingress-gateway-requests",
  ],
  example: { bad: example(""), good: example("\n            subset: v1") },
  *check(graph) {
    for (const object of distinct(judged(graph, "VirtualService"))) {
      if (texts(object.spec.gateways).length === 0) continue;
      for (const { owner, host, field } of ineffectiveOwners(graph, object)) {
        const message = `requests that come this way go to ${host} as a whole: the subsets of VirtualService ${owner.namespace}/${owner.name} have no effect on them.`;
        yield { object, field, message };
      }
    }
  },
};

/** More than these are not told of one by one. */
const most = 8;

interface Ineffective {
  readonly owner: MeshObject;
  readonly host: string;
  readonly field: string;
}

/** VirtualServices with subsets for hosts that an object routes to without naming any, each once. */
function ineffectiveOwners(graph: ObjectGraph, object: MeshObject): readonly Ineffective[] {
  const found = new Map<MeshObject, Ineffective>();
  for (const { host, field } of destinations(object).filter(({ subset }) => subset === "")) {
    for (const owner of graph.derive(ownersOfSubsets).get(fullHost(host, object.namespace)) ?? []) {
      if (found.size === most) break;
      if (owner !== object && !found.has(owner)) found.set(owner, { owner, host, field });
    }
  }
  return [...found.values()];
}

/** VirtualServices that split one of their own hosts into subsets, by that host. */
function ownersOfSubsets(graph: ObjectGraph): ReadonlyMap<string, ReadonlySet<MeshObject>> {
  const known = new Map<string, Set<MeshObject>>();
  for (const object of distinct(judged(graph, "VirtualService"))) {
    const own = new Set(texts(object.spec.hosts).map((host) => fullHost(host, object.namespace)));
    for (const { host, subset } of destinations(object)) {
      const name = fullHost(host, object.namespace);
      if (subset !== "" && own.has(name)) known.set(name, (known.get(name) ?? new Set()).add(object));
    }
  }
  return known;
}

function destinations({ spec }: MeshObject): readonly { readonly host: string; readonly subset: string; readonly field: string }[] {
  return records(spec.http).flatMap(({ route }, rule) =>
    records(route).flatMap(({ destination }, index) => {
      const { host, subset } = record(destination);
      return typeof host === "string"
        ? [{ host, subset: text(subset) ?? "", field: `spec.http[${rule}].route[${index}].destination` }]
        : [];
    }),
  );
}

function example(subset: string): string {
  return `
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
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  subsets:
    - name: v1
      labels:
        version: v1
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - route:
        - destination:
            host: pricing
            subset: v1
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: shop
  namespace: shop
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts:
        - shop.example.no
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  namespace: shop
spec:
  hosts:
    - shop.example.no
  gateways:
    - shop
  http:
    - route:
        - destination:
            host: pricing${subset}
`;
}
