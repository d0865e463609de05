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
      for (const reference of gatewayReferences(object)) {
        const gateway = findGateway(graph, reference);
        if (gateway === undefined ? !isMissing(graph, reference, object) : offersAny(graph, gateway, object)) continue;
        yield { object, field: reference.field, message: messageOf(reference, gateway, object) };
      }
    }
  },
};

function messageOf({ namespace, name }: GatewayReference, gateway: FoundGateway | undefined, object: MeshObject): string {
  const has = gateway === undefined ? "is not among the objects that were checked" : offeredText(gateway, object);
  return `Gateway ${namespace}/${name} ${has}: no request for ${fewHosts(texts(object.spec.hosts))} gets here through it.`;
}

/** A host of a Gateway. */
interface OfferedHost {
  readonly host: string;
  /** Namespace whose VirtualServices may have it; `*` for all. */
  readonly to: string;
}

/** Whether a Gateway leaves any of the hosts of a VirtualService to its namespace. */
function offersAny(graph: ObjectGraph, { object: gateway, api }: FoundGateway, { spec, namespace }: MeshObject): boolean {
  const known = graph.derive(patterns);
  const offered = known.get(gateway) ?? new HostPatterns(hostsOf({ api, object: gateway }).map(({ host, to }) => [host, to]));
  known.set(gateway, offered);
  return texts(spec.hosts).some((host) => {
    for (const to of offered.overlapping(host)) if (to === "*" || to === namespace) return true;
    return false;
  });
}

function patterns(): Map<MeshObject, HostPatterns<string>> {
  return new Map();
}

/** Hosts of the servers of a Gateway: `host`, `namespace/host`, `./host` and `*` before the slash for any namespace. */
function hostsOf({ api, object }: FoundGateway): readonly OfferedHost[] {
  if (api === "kubernetes") return records(object.spec.listeners).map(({ hostname }) => ({ host: text(hostname) || "*", to: "*" }));
  const hosts = records(object.spec.servers).flatMap((server) => texts(server.hosts));
  return hosts.map((written) => {
    const slash = written.indexOf("/");
    const owner = slash === -1 ? "*" : written.slice(0, slash);
    return { host: written.slice(slash + 1), to: owner === "." ? object.namespace : owner };
  });
}

function offeredText(gateway: FoundGateway, { namespace }: MeshObject): string {
  const offered = hostsOf(gateway).filter(({ to }) => to === "*" || to === namespace);
  return offered.length === 0
    ? `has no host for the namespace ${namespace}`
    : `has ${fewHosts(offered.map(({ host }) => host))} for the namespace ${namespace}`;
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
