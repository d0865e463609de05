import { record, records, text } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** Browsers send requests for every host of a certificate over one connection. */
export const duplicateCertificate: Rule = {
  code: "IST0138",
  title: "one certificate in several Gateways",
  severity: "warning",
  consequence:
    "A browser that has a connection for one host uses it for every other host that its certificate names (HTTP/2). The gateway has bound that connection to the first Gateway, and answers 404 for the hosts of the other.",
  fix: "Put the hosts of one certificate into one server of one Gateway and let several VirtualServices bind to it, or give each Gateway a certificate of its own.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0138/",
    "https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate",
  ],
  example: { bad: twoGateways("payment", "shop-tls"), good: twoGateways("payment", "payment-tls") },
  *check(graph) {
    for (const object of distinct(judged(graph, "Gateway"))) {
      const own = selectorOf(object);
      if (own === undefined) continue;
      for (const { other, field, certificate } of othersOf(graph, object, own)) {
        const name = `${other.namespace}/${other.name}`;
        const message = `Gateway ${name} has the same certificate, ${certificate}. Browsers that know a host of one get 404 for the hosts of the other.`;
        yield { object, field, message };
      }
    }
  },
};

/** More than these are not told of one by one. */
const most = 8;

/** A server with a certificate. */
interface CertifiedServer {
  readonly field: string;
  /** What names the certificate: a Secret, or a file and its key. */
  readonly certificate: string;
}

interface Duplicate {
  readonly other: MeshObject;
  readonly field: string;
  readonly certificate: string;
}

/** Other Gateways with a certificate of this one, each once, for pods that this one selects as well. */
function othersOf(graph: ObjectGraph, gateway: MeshObject, own: Readonly<Record<string, string>>): readonly Duplicate[] {
  const found = new Map<MeshObject, Duplicate>();
  for (const { certificate, field } of certifiedServers(gateway)) {
    for (const other of sharing(graph, certificate, own)) {
      if (found.size === most) break;
      if (other !== gateway) found.set(other, { other, field, certificate });
    }
  }
  return [...found.values()];
}

/** Gateways with a certificate whose pods meet a selector. */
function* sharing(graph: ObjectGraph, certificate: string, own: Readonly<Record<string, string>>): Iterable<MeshObject> {
  for (const gateways of graph.derive(byCertificate).get(certificate)?.values() ?? []) {
    const [first] = gateways;
    if (first !== undefined && isPartOf(own, selectorOf(first) ?? {})) yield* gateways;
  }
}

/** Gateways by their certificates, then by what they select: those with one selector are judged together. */
function byCertificate(graph: ObjectGraph): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<MeshObject>>> {
  const known = new Map<string, Map<string, Set<MeshObject>>>();
  for (const gateway of distinct(judged(graph, "Gateway"))) {
    const labels = selectorOf(gateway);
    if (labels === undefined) continue;
    const selector = JSON.stringify(Object.entries(labels).sort());
    for (const { certificate } of certifiedServers(gateway)) {
      const groups = known.get(certificate) ?? new Map<string, Set<MeshObject>>();
      known.set(certificate, groups);
      groups.set(selector, (groups.get(selector) ?? new Set()).add(gateway));
    }
  }
  return known;
}

function certifiedServers({ spec }: MeshObject): readonly CertifiedServer[] {
  return records(spec.servers).flatMap(({ tls }, index) => {
    const { credentialName, serverCertificate, privateKey } = record(tls);
    const field = `spec.servers[${index}].tls`;
    const [secret, file, key] = [text(credentialName) ?? "", text(serverCertificate) ?? "", text(privateKey) ?? ""];
    if (secret !== "") return [{ field: `${field}.credentialName`, certificate: `Secret ${secret}` }];
    return file === "" || key === "" ? [] : [{ field: `${field}.serverCertificate`, certificate: `${file} with the key ${key}` }];
  });
}

function selectorOf({ spec }: MeshObject): Readonly<Record<string, string>> | undefined {
  const labels = labelSelector(spec.selector);
  return labels === "unreadable" ? undefined : labels;
}

function isPartOf(labels: Readonly<Record<string, string>>, of: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => of[name] === value);
}

function twoGateways(second: string, secret: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: shop
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 443
        name: https
        protocol: HTTPS
      hosts:
        - shop.example.no
      tls:
        mode: SIMPLE
        credentialName: shop-tls
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: ${second}
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 443
        name: https
        protocol: HTTPS
      hosts:
        - ${second}.example.no
      tls:
        mode: SIMPLE
        credentialName: ${secret}
`;
}
