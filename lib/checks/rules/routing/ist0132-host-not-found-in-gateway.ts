import { records, text, texts } from "../../fields";
import { HostPatterns } from "../../graph/host-patterns";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { type FoundGateway, findGateway, type GatewayReference, gatewayReferences, isMissing } from "./gateway-names";

/** A Gateway hands a VirtualService only the hosts that one of its servers has. */
export const hostNotFoundInGateway: Rule = {
  code: "IST0132",
  title: "VirtualService whose hosts the Gateway does not have",
  severity: "warning",
  consequence:
    "A gateway gives a VirtualService the requests for hosts that one of its servers has, and that the server leaves to the VirtualService's namespace. There is none, so its routes are never used there, and callers get 404.",
  fix: "Add one of the hosts to a server of the Gateway, for the VirtualService's namespace, or bind to another Gateway.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0132/",
    "https://istio.io/latest/docs/reference/config/networking/gateway/#Server-hosts",
  ],
  example: { bad: example("checkout.example.no"), good: example("shop.example.no") },
  *check(graph) {
    for (const object of judged(graph, "VirtualService")) {
      const hosts = texts(object.spec.hosts);
      for (const reference of gatewayReferences(object)) {
        const offer = offerOf(graph, reference, object);
        if (offer !== undefined && !["*", object.namespace].some((owner) => isAnyOffered(offer, owner, hosts)))
          yield { object, field: reference.field, message: messageOf(reference, offer, object) };
      }
    }
  },
};

/** Hosts of a Gateway, by the namespace whose VirtualServices may have them; `*` for all. */
interface Offer {
  readonly isThere: boolean;
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  readonly patterns: ReadonlyMap<string, HostPatterns<string>>;
}

const nothing: Offer = { isThere: false, hosts: new Map(), patterns: new Map() };

/** What a Gateway offers: nothing where it is missing. Undefined where it can be anywhere. */
function offerOf(graph: ObjectGraph, reference: GatewayReference, object: MeshObject): Offer | undefined {
  const gateway = findGateway(graph, reference);
  if (gateway === undefined) return isMissing(graph, reference, object) ? nothing : undefined;
  const known = graph.derive(offers);
  const offer = known.get(gateway.object) ?? makeOffer(gateway);
  known.set(gateway.object, offer);
  return offer;
}

function offers(): Map<MeshObject, Offer> {
  return new Map();
}

function makeOffer(gateway: FoundGateway): Offer {
  const hosts = new Map<string, string[]>();
  for (const [owner, host] of hostsOf(gateway)) {
    const list = hosts.get(owner);
    if (list === undefined) hosts.set(owner, [host]);
    else list.push(host);
  }
  const patterns = [...hosts].map(([owner, list]) => [owner, new HostPatterns(list.map((host) => [host, host] as const))] as const);
  return { isThere: true, hosts, patterns: new Map(patterns) };
}

function isAnyOffered({ patterns }: Offer, owner: string, hosts: readonly string[]): boolean {
  const offered = patterns.get(owner);
  return offered !== undefined && hosts.some((host) => !offered.overlapping(host)[Symbol.iterator]().next().done);
}

function messageOf({ namespace, name }: GatewayReference, { isThere, hosts }: Offer, object: MeshObject): string {
  const offered = ["*", object.namespace].flatMap((owner) => (hosts.get(owner) ?? []).slice(0, 4));
  const has = offered.length === 0 ? "no host" : fewHosts(offered);
  const what = isThere ? `has ${has} for the namespace ${object.namespace}` : "is not among the objects that were checked";
  return `Gateway ${namespace}/${name} ${what}: no request for ${fewHosts(texts(object.spec.hosts))} gets here through it.`;
}

/** Hosts of the servers of a Gateway: `host`, `namespace/host`, `./host` and `*` before the slash for any namespace. */
function hostsOf({ api, object }: FoundGateway): readonly (readonly [owner: string, host: string])[] {
  if (api === "kubernetes") return records(object.spec.listeners).map(({ hostname }) => ["*", text(hostname) || "*"]);
  const hosts = records(object.spec.servers).flatMap((server) => texts(server.hosts));
  return hosts.map((written) => {
    const slash = written.indexOf("/");
    const owner = slash === -1 ? "*" : written.slice(0, slash);
    return [owner === "." ? object.namespace : owner, written.slice(slash + 1)];
  });
}

function fewHosts(hosts: readonly string[]): string {
  if (hosts.length === 0) return "any host";
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(", ")} and others` : hosts.join(", ");
}

function example(host: string): string {
  return `
apiVersion: v1
kind: Service
metadata:
  name: shop
  namespace: shop
spec:
  selector:
    app: shop
  ports:
    - name: http
      port: 8080
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: edge
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts:
        - shop/shop.example.no
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  namespace: shop
spec:
  hosts:
    - ${host}
  gateways:
    - istio-system/edge
  http:
    - route:
        - destination:
            host: shop
`;
}
