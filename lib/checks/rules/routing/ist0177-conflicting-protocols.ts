import { records, text, texts } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { namedFew } from "./named-few";

/** A port of a host speaks one protocol. */
export const conflictingProtocols: Rule = {
  code: "IST0177",
  title: "one port of a host with several protocols",
  severity: "warning",
  consequence:
    "Istio takes the protocol of one of the ServiceEntries for all connections to the host's port. Where that is HTTP and the server speaks something else, requests fail; where it is TCP, routes, retries and metrics of HTTP are lost.",
  fix: "Name the same protocol in every ServiceEntry for the host and port, or keep one of them.",
  versions: { istioFrom: "1.31" },
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0177/"],
  example: { bad: example("HTTP"), good: example("TLS") },
  *check(graph) {
    const told = new Set<MeshObject>();
    for (const conflict of conflicts(graph)) {
      for (const { object, field } of conflict.ports) {
        if (told.has(object)) continue;
        told.add(object);
        const { host, port, protocols, rivals } = conflict;
        const names = namedFew(rivals, object);
        const others = names === "" ? "This ServiceEntry alone" : `Together with ${names} it`;
        yield {
          object,
          field,
          message: `${others} says that port ${port} of ${host} speaks ${protocols.join(" and ")}: Istio takes one of these.`,
        };
      }
    }
  },
};

/** A port of a host, as one ServiceEntry has it. */
interface EntryPort {
  readonly object: MeshObject;
  /** `spec.ports[0].protocol`. */
  readonly field: string;
  readonly protocol: string;
}

interface Conflict {
  readonly host: string;
  readonly port: number;
  readonly protocols: readonly string[];
  /** Those to tell of. */
  readonly ports: readonly EntryPort[];
  readonly rivals: readonly (readonly MeshObject[])[];
}

/** A port of a host, by the namespaces that see it; `*` for all. */
interface HostPort {
  readonly host: string;
  readonly port: number;
  readonly scopes: ReadonlyMap<string, readonly EntryPort[]>;
}

/** In each namespace what it sees alone meets what all see. */
function* conflicts(graph: ObjectGraph): Iterable<Conflict> {
  for (const { host, port, scopes } of hostPorts(graph)) {
    const ports = scopes.get("*") ?? [];
    const [seenByAll, spokenToAll] = [objectsOf(ports), protocolsOf(ports)];
    const conflicting = [...scopes].flatMap(([scope, own]) => {
      const protocols = [...new Set([...protocolsOf(own), ...spokenToAll])].sort();
      const rivals = scope === "*" ? [seenByAll] : [objectsOf(own), seenByAll];
      return protocols.length < 2 ? [] : [{ host, port, protocols, ports: own, rivals }];
    });
    yield* conflicting;
    // What all see is told of once, with the first namespace that sees another protocol.
    if (conflicting[0] !== undefined) yield { ...conflicting[0], ports };
  }
}

function protocolsOf(ports: readonly EntryPort[]): readonly string[] {
  return [...new Set(ports.map(({ protocol }) => protocol))];
}

function objectsOf(ports: readonly EntryPort[]): readonly MeshObject[] {
  return [...new Set(ports.map(({ object }) => object))];
}

/** Every port of every host. */
function hostPorts(graph: ObjectGraph): Iterable<HostPort> {
  const known = new Map<string, { host: string; port: number; scopes: Map<string, EntryPort[]> }>();
  for (const { host, port, scope, entry } of claims(graph)) {
    const key = `${port} ${host}`;
    const found = known.get(key) ?? { host, port, scopes: new Map<string, EntryPort[]>() };
    known.set(key, found);
    const entries = found.scopes.get(scope);
    if (entries === undefined) found.scopes.set(scope, [entry]);
    else entries.push(entry);
  }
  return known.values();
}

interface Claim {
  readonly host: string;
  readonly port: number;
  readonly scope: string;
  readonly entry: EntryPort;
}

function claims(graph: ObjectGraph): readonly Claim[] {
  return distinct(judged(graph, "ServiceEntry")).flatMap((object) => {
    const scopes = scopesOf(object);
    const hosts = texts(object.spec.hosts);
    return records(object.spec.ports).flatMap(({ number: port, protocol }, index) => {
      if (typeof port !== "number") return [];
      const entry = { object, field: `spec.ports[${index}].protocol`, protocol: (text(protocol) ?? "").toUpperCase() };
      return hosts.flatMap((host) => scopes.map((scope) => ({ host, port, scope, entry })));
    });
  });
}

function scopesOf({ spec, namespace }: MeshObject): readonly string[] {
  const exportTo = texts(spec.exportTo);
  if (exportTo.length === 0 || exportTo.includes("*")) return ["*"];
  return [...new Set(exportTo.map((entry) => (entry === "." ? namespace : entry)))];
}

function example(protocol: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: bank
  namespace: shop
spec:
  hosts:
    - api.bank.example
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - number: 443
      name: tls
      protocol: TLS
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: bank
  namespace: payments
spec:
  hosts:
    - api.bank.example
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - number: 443
      name: ${protocol.toLowerCase()}
      protocol: ${protocol}
`;
}
