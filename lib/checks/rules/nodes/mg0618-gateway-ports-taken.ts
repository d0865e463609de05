import { type LoadBalanced, loadBalanced } from "../../graph/load-balancers";
import { nodePools, type PoolFacts } from "../../graph/node-pools";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { listed } from "./pool-fields";

/** Ports of the Service that k3s makes for Traefik. */
const traefikPorts: ReadonlySet<string> = new Set(["80/TCP", "443/TCP"]);

/** ServiceLB opens a Service's ports on every node, and a port of a node goes to one Service. */
export const gatewayPortsTaken: Rule = {
  code: "MG0618",
  title: "ports of a gateway that k3s gives to another Service",
  severity: "error",
  consequence:
    "ServiceLB opens the ports of a LoadBalancer Service on each node. A port can be open once: the pods of the second Service stay Pending, the gateway gets no address, and callers reach Traefik's 404 instead.",
  fix: "Start k3s with --disable traefik.",
  see: ["https://docs.k3s.io/networking/networking-services"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: k3s
  k3s:
    disable: []
---
apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
  labels:
    istio: ingressgateway
spec:
  type: LoadBalancer
  selector:
    istio: ingressgateway
  ports:
    - name: http2
      port: 80
      targetPort: 8080
    - name: https
      port: 443
      targetPort: 8443
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: k3s
  k3s:
    disable: [traefik]
---
apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
  labels:
    istio: ingressgateway
spec:
  type: LoadBalancer
  selector:
    istio: ingressgateway
  ports:
    - name: http2
      port: 80
      targetPort: 8080
    - name: https
      port: 443
      targetPort: 8443
`,
  },
  *check(graph) {
    const pool = graph.derive(serviceLbPool);
    if (pool === undefined) return;
    yield* taken(graph, pool);
    // Whether ServiceLB runs is not known where nobody says what is left out.
    if (pool.disabled !== undefined) yield* twice(graph.derive(loadBalanced));
  },
};

/** A pool of k3s whose LoadBalancer Services are answered by ServiceLB. */
function serviceLbPool(graph: ObjectGraph): PoolFacts | undefined {
  const pools = graph.derive(nodePools).filter(({ distribution }) => distribution === "k3s");
  const told = pools.filter(({ disabled }) => disabled !== undefined);
  if (told.some(({ disabled = [] }) => disabled.includes("servicelb"))) return undefined;
  return told[0] ?? pools[0];
}

/** Traefik is there first: k3s makes its Service before anybody can make another. */
function* taken(graph: ObjectGraph, { object, disabled }: PoolFacts): Iterable<RuleFinding> {
  if (disabled?.includes("traefik") === true) return;
  const losers = graph
    .derive(loadBalanced)
    .filter(({ ports, name }) => name !== "Service kube-system/traefik" && ports.some((port) => traefikPorts.has(port)));
  if (losers.length === 0) return;
  const names = losers.slice(0, 3).map(({ name }) => name);
  const shown = listed(losers.length > 3 ? [...names, `${losers.length - 3} more`] : names);
  const known = disabled !== undefined;
  yield {
    object,
    field: "spec.k3s.disable",
    severity: known ? "error" : "note",
    message: known
      ? `k3s's Traefik has ports 80 and 443 of each node, and ${shown} ${losers.length === 1 ? "wants" : "want"} them too: what comes second stays Pending.`
      : `k3s brings Traefik with ports 80 and 443 of each node unless it is told not to, which the pool does not say; ${shown} ${losers.length === 1 ? "wants" : "want"} them too.`,
    fix: "Disable traefik, or, where another load balancer answers, servicelb; and say so: k3s: { disable: [traefik] }.",
  };
}

function* twice(all: readonly LoadBalanced[]): Iterable<RuleFinding> {
  const owners = new Map<string, LoadBalanced>();
  for (const wanting of all) {
    const keys = wanting.ports.map((port) => `${wanting.nodes} ${port}`);
    const clashing = keys.filter((key) => owners.has(key) && owners.get(key) !== wanting);
    const owner = owners.get(clashing[0] ?? "");
    for (const key of keys) if (!owners.has(key)) owners.set(key, wanting);
    if (owner === undefined) continue;
    const ports = listed([...new Set(clashing.map((key) => key.slice(wanting.nodes.length + 1)))]);
    yield {
      object: wanting.object,
      field: wanting.field,
      message: `${wanting.name} and ${owner.name} both want ${ports} of each node from ServiceLB: one of them stays Pending without an address.`,
      fix: "Give them different ports, keep each to nodes of its own (svccontroller.k3s.cattle.io/lbpool), or use another load balancer and disable servicelb.",
    };
  }
}
