import { at, list, records, text } from "../../fields";
import { judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** TCP says no host name: only addresses tell one host from another. */
export const addressesRequired: Rule = {
  code: "IST0134",
  title: "ServiceEntry for TCP without addresses",
  severity: "warning",
  consequence:
    "A connection of TCP does not say which host it is for. Without addresses the proxy takes every connection to this port, whatever host it is for, and sends all of them to this one.",
  fix: "Set addresses, name a protocol that says its host (HTTP, TLS, HTTPS), or let Istio allocate addresses (ISTIO_META_DNS_CAPTURE and ISTIO_META_DNS_AUTO_ALLOCATE in proxyMetadata).",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0134/",
    "https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/#address-auto-allocation",
  ],
  example: { bad: example(""), good: example("\n  addresses:\n    - 10.20.0.15") },
  *check(graph) {
    if (allocatesAddresses(graph)) return;
    for (const object of judged(graph, "ServiceEntry")) {
      if (!hasAddresses(object)) yield* tcpPorts(object);
    }
  },
};

function* tcpPorts(object: MeshObject): Iterable<RuleFinding> {
  for (const [index, { protocol, number }] of records(object.spec.ports).entries()) {
    const name = text(protocol) ?? "";
    if (name !== "" && name.toUpperCase() !== "TCP") continue;
    const port = typeof number === "number" ? `port ${number}` : "a port";
    const message = `${port} is ${name === "" ? "of no protocol, so of TCP" : "of TCP"}, and there are no addresses: this host takes the connections of every other on ${port}.`;
    yield { object, field: `spec.ports[${index}].protocol`, message };
  }
}

function hasAddresses({ spec, data }: MeshObject): boolean {
  return list(spec.addresses).length > 0 || list(at(data, "status", "addresses")).length > 0;
}

/** Whether proxies answer DNS themselves, with addresses of their own for hosts that have none. */
function allocatesAddresses(graph: ObjectGraph): boolean {
  const metadata = (name: string): unknown => at(graph.derive(meshConfig).data, "defaultConfig", "proxyMetadata", name);
  if (metadata("ISTIO_META_DNS_CAPTURE") !== "true") return false;
  return metadata("ISTIO_META_DNS_AUTO_ALLOCATE") === "true" || metadata("PILOT_ENABLE_IP_AUTOALLOCATE") === "true";
}

function example(addresses: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ledger
  namespace: shop
spec:
  hosts:
    - ledger.example.no${addresses}
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - number: 5432
      name: tcp-postgres
      protocol: TCP
`;
}
