import { record, records, textMap } from "../../fields";
import { canAdmit } from "../../graph/admission";
import { allowPoliciesOf } from "../../graph/allow-policies";
import { type EdgeRoute, edgeRoutes, gatewayAccounts } from "../../graph/edge-routes";
import { membershipOf } from "../../graph/membership";
import { hasOutsidePolicies } from "../../graph/outside-policies";
import { podsOf, servicePorts, targetPort } from "../../graph/service-pods";
import { destinationRulesFor } from "../../graph/subsets";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { meshedShop, pricingPods, pricingService } from "./example-parts";
import { enumeration, policyName, workloadName } from "./naming";

const exposed = `${meshedShop}${pricingPods}${pricingService}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge
  namespace: istio-ingress
spec:
  selector:
    matchLabels:
      istio: ingressgateway
  template:
    metadata:
      annotations:
        inject.istio.io/templates: gateway
      labels:
        istio: ingressgateway
        sidecar.istio.io/inject: "true"
    spec:
      serviceAccountName: edge
      containers:
        - name: istio-proxy
          image: auto
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: edge
  namespace: istio-ingress
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts: ["prices.example.no"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing-edge
  namespace: shop
spec:
  hosts: ["prices.example.no"]
  gateways: ["istio-ingress/edge"]
  http:
    - route:
        - destination:
            host: pricing
            port:
              number: 80
`;

const callers = (principals: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pricing-callers
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  action: ALLOW
  rules:
    - from:
        - source:
            principals: [${principals}]
`;

/** Requests from outside arrive under the gateway's name. */
export const gatewayLockedOut: Rule = {
  code: "MG0423",
  title: "policy that locks the gateway out",
  severity: "error",
  consequence:
    "Requests from outside reach the pods under the identity of the gateway's service account. The ALLOW policies of the pods do not know it: every request through the gateway gets a 403, while calls inside the mesh work.",
  fix: 'Add the principal of the gateway\'s service account to an ALLOW policy of the pods, or take the route off the gateway. Where another team makes that policy, declare it external: externals: ["AuthorizationPolicy shop/*"].',
  see: ["https://istio.io/latest/docs/concepts/security/#authorization-policies"],
  example: {
    bad: exposed + callers('"cluster.local/ns/shop/sa/checkout"'),
    good: exposed + callers('"cluster.local/ns/shop/sa/checkout", "cluster.local/ns/istio-ingress/sa/edge"'),
  },
  *check(graph) {
    const seen = new Set<string>();
    for (const route of graph.derive(edgeRoutes)) {
      for (const gateway of route.gateways) {
        const finding = lockedOut(graph, route, gateway);
        if (finding === undefined) continue;
        const key = `${policyName(finding.object)} ${gateway} ${policyName(route.service)}`;
        if (!seen.has(key)) yield finding;
        seen.add(key);
      }
    }
  },
};

function lockedOut(graph: ObjectGraph, route: EdgeRoute, gateway: string): RuleFinding | undefined {
  const accounts = graph.derive(gatewayAccounts).get(gateway) ?? [];
  if (accounts.length === 0) return undefined;
  const who = enumeration(accounts, ({ namespace, account }) => `${namespace}/${account}`);
  for (const workload of reached(graph, route)) {
    const policies = policiesOf(graph, workload);
    const port = portIn(workload, route);
    const [named] = policies.filter(({ spec }) => records(spec.rules).length > 0);
    const object = named ?? policies[0];
    if (object === undefined || policies.some((policy) => accounts.some((account) => canAdmit(policy, account, port)))) continue;
    const way = `${route.object.kind} ${policyName(route.object)} leads requests from gateway ${gateway} to ${workloadName(workload)} of ${workload.namespace}`;
    const message = `${way}, and no ALLOW policy there lets in the gateway's account ${who}: each of them gets a 403.`;
    return { object, field: "spec.rules", message };
  }
  return undefined;
}

/** ALLOW policies of pods that follow them, unless some of them cannot be seen. */
function policiesOf(graph: ObjectGraph, workload: Workload): readonly MeshObject[] {
  const membership = membershipOf(graph, workload);
  const follows = membership === "sidecar" || membership === "unknown";
  return follows && !hasOutsidePolicies(graph, "AuthorizationPolicy", workload.namespace) ? allowPoliciesOf(graph, workload) : [];
}

/** Pods that a route leads to: those of the subset, where one is named and known. */
function reached(graph: ObjectGraph, { service, host, subset, object }: EdgeRoute): readonly Workload[] {
  const pods = podsOf(graph, service);
  if (subset === undefined || subset === "") return pods;
  const subsets = destinationRulesFor(graph, host, object.namespace).flatMap(({ spec }) => records(spec.subsets));
  const wanted = subsets.find(({ name }) => name === subset);
  if (wanted === undefined) return [];
  const labels = Object.entries(textMap(record(wanted).labels));
  return pods.filter((workload) => labels.every(([name, value]) => workload.labels[name] === value));
}

function portIn(workload: Workload, { service, port }: EdgeRoute): number | undefined {
  const through = servicePorts(service).find(({ number }) => number === port);
  return port === undefined || through === undefined ? undefined : targetPort(through, workload);
}
