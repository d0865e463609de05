import { record, records, texts } from "../../fields";
import { assumedGateway } from "../../graph/assumed-gateway";
import { type CalledHost, exportsOf, rulesFollowed } from "../../graph/destination-rules";
import { gatewayPods } from "../../graph/edge-routes";
import { isVisibleIn, serviceOf } from "../../graph/hosts";
import { isSystemNamespace } from "../../graph/judged";
import { membershipOf } from "../../graph/membership";
import { gatewaysOf, type Route } from "../../graph/routes";
import { running } from "../../graph/running";
import { rulesByHost, subsetNames } from "../../graph/subsets";
import { type MeshObject, objectName } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { type SubsetDestination, subsetDestinations, subsetKey } from "./subset-uses";

/** Callers have to see the DestinationRule that has the subset. */
export const subsetOutOfSight: Rule = {
  code: "KIA1107",
  title: "subset of a DestinationRule that the callers do not see",
  severity: "warning",
  consequence:
    "A proxy follows DestinationRules of its own namespace, else those that the host's namespace exports to it, else those of the root namespace. " +
    "The subset is in none of these: requests of this route end with a 503. A subset that no DestinationRule has at all is IST0101.",
  fix: "Export the DestinationRule to the callers (exportTo), or move it to the namespace of its Service or of the callers.",
  see: [
    "https://kiali.io/docs/features/validations/",
    "https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration",
  ],
  example: {
    bad: example("."),
    good: example("*"),
    externals: ["Service shop/pricing", "Pod shop/*"],
  },
  *check(graph) {
    const owners = graph.derive(hiddenOwners);
    for (const found of graph.derive(subsetDestinations)) {
      const { object, destination, name, subset } = found;
      const owner = owners.get(subsetKey(name, subset));
      // Routes of a delegate are followed by whoever follows the VirtualService that delegates to it.
      if (owner === undefined || isSystemNamespace(object.namespace) || texts(object.spec.hosts).length === 0) continue;
      const blind = blindCaller(graph, found);
      if (blind === undefined) continue;
      const message = `callers in the namespace ${blind} do not follow ${objectName(owner)}, which alone has the subset ${subset} of ${name}.`;
      yield { object, field: `${destination.field}.subset`, message };
    }
  },
};

/** A namespace whose callers follow the route and do not see the subset. */
function blindCaller(graph: ObjectGraph, { object, destination, name, subset }: SubsetDestination): string | undefined {
  const service = serviceOf(name);
  if (service === undefined) return undefined;
  const isOutside = (where: string): boolean => graph.isExternal("DestinationRule", where, service.name);
  return callersOf(graph, object, destination.route).find(
    (caller) => !seesSubset(graph, { name, namespace: service.namespace }, caller, subset) && ![caller, service.namespace].some(isOutside),
  );
}

function seesSubset(graph: ObjectGraph, host: CalledHost, caller: string, subset: string): boolean {
  return rulesFollowed(graph, host, caller).some((rule) => subsetNames(rule).includes(subset));
}

/** The first DestinationRule that has a subset, by host in full and subset. One that every caller follows is left out. */
function hiddenOwners(graph: ObjectGraph): ReadonlyMap<string, MeshObject> {
  const byHost = [...graph.derive(rulesByHost)];
  const hasWildcards = byHost.some(([host]) => host.startsWith("*"));
  const hidden = byHost.filter(([host, rules]) => hasWildcards || rules.length > 1 || !rules.every((rule) => isPlain(rule, host)));
  const owners = new Map<string, MeshObject>();
  for (const [host, rules] of hidden) {
    const subsets = rules.flatMap((rule) => subsetNames(rule).map((subset) => ({ rule, key: subsetKey(host, subset) })));
    for (const { rule, key } of subsets) if (!owners.has(key)) owners.set(key, rule);
  }
  return owners;
}

/** Whether a DestinationRule lies beside its Service and is shown to all. */
function isPlain(rule: MeshObject, host: string): boolean {
  return exportsOf(rule).length === 0 && serviceOf(host)?.namespace === rule.namespace;
}

/** Namespaces of which it is seen that proxies there follow a route. */
function callersOf(graph: ObjectGraph, object: MeshObject, { data }: Route): readonly string[] {
  const matches = records(data.match).map(({ gateways }) => texts(gateways));
  const isNarrowed = matches.length > 0 && matches.every((gateways) => gateways.length > 0);
  const gateways = isNarrowed ? matches.flat() : gatewaysOf(object);
  const named = [...new Set(gateways)].flatMap((gateway) =>
    gateway === "mesh" ? sidecarsFor(graph, object) : gatewaysFor(graph, object, gateway),
  );
  const exportTo = texts(object.spec.exportTo);
  return [...new Set(named)].filter((namespace) => isVisibleIn(exportTo, object.namespace, namespace));
}

/** Namespaces that a VirtualService is exported to by name, and its own where anything runs there that may have a sidecar. */
function sidecarsFor(graph: ObjectGraph, { namespace, spec }: MeshObject): readonly string[] {
  const exportTo = texts(spec.exportTo);
  const meant = exportTo.filter((entry) => entry !== "*").map((entry) => (entry === "." ? namespace : entry));
  return graph.derive(callingNamespaces).has(namespace) ? [...meant, namespace] : meant;
}

/** Namespaces with workloads that have a sidecar, or may have one. */
function callingNamespaces(graph: ObjectGraph): ReadonlySet<string> {
  const callers = graph.derive(running).filter((workload) => ["sidecar", "unknown"].includes(membershipOf(graph, workload)));
  return new Set(callers.map(({ namespace }) => namespace));
}

/** Namespaces of the pods of a Gateway: those that are seen, or of the ingress gateway that Istio brings. */
function gatewaysFor(graph: ObjectGraph, object: MeshObject, written: string): readonly string[] {
  const [place, name] = written.includes("/") ? written.split("/", 2) : [object.namespace, written];
  const namespace = place === "." ? object.namespace : (place ?? "");
  const pods = graph.derive(gatewayPods).get(`${namespace}/${name}`);
  if (pods !== undefined) return [...new Set(pods.slice(0, 50).map((pod) => pod.namespace))];
  const gateway = graph.find("Gateway", namespace, name ?? "");
  const assumed = graph.derive(assumedGateway);
  const isAssumed = gateway !== undefined && record(gateway.spec.selector).istio === "ingressgateway";
  return isAssumed && assumed !== undefined ? [assumed.namespace] : [];
}

function example(exportTo: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  exportTo:
    - "${exportTo}"
  subsets:
    - name: v2
      labels:
        version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: web
spec:
  hosts:
    - pricing.shop.svc.cluster.local
  exportTo:
    - .
  http:
    - route:
        - destination:
            host: pricing.shop.svc.cluster.local
            subset: v2
`;
}
