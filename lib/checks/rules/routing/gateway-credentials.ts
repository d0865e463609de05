import { record, records, text } from "../../fields";
import { judged } from "../../graph/judged";
import { selectedAnywhere, selectorText } from "../../graph/pod-groups";
import { remembered } from "../../graph/remembered";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** A Secret that a server of a Gateway takes its certificate from. */
export interface Credential {
  readonly gateway: MeshObject;
  /** `spec.servers[0].tls.credentialName`. */
  readonly field: string;
  /** As written. */
  readonly written: string;
  readonly name: string;
  /** Namespaces that the gateway's pods read it from: those that they run in. `any` for those of too many gateways to tell. */
  readonly namespaces: readonly string[] | "any";
}

/** Credentials of every Gateway that selects pods. Those that come from elsewhere than a Secret are left out. */
export function gatewayCredentials(graph: ObjectGraph): readonly Credential[] {
  return judged(graph, "Gateway").flatMap((gateway) => {
    const named = records(gateway.spec.servers).flatMap(({ tls }, index) => {
      const written = text(record(tls).credentialName) ?? "";
      return written === "" ? [] : [{ written, field: `spec.servers[${index}].tls.credentialName` }];
    });
    // Without credentials nobody has to look for the pods.
    if (named.length === 0) return [];
    const running = podNamespaces(graph, gateway);
    return running.length === 0 ? [] : named.flatMap(({ written, field }) => credential(gateway, written, field, running));
  });
}

/** The Secret itself, if it is among the objects. */
export function findSecret(graph: ObjectGraph, { namespaces, name }: Credential): MeshObject | undefined {
  if (namespaces === "any") return graph.derive(secretsByName).get(name)?.[0];
  for (const namespace of namespaces) {
    const secret = graph.find("Secret", namespace, name);
    if (secret !== undefined) return secret;
  }
  return undefined;
}

/** Secrets by name: the first few of each. */
export function secretsByName(graph: ObjectGraph): ReadonlyMap<string, readonly MeshObject[]> {
  const known = new Map<string, MeshObject[]>();
  for (const secret of graph.of("Secret")) {
    const secrets = known.get(secret.name);
    if (secrets === undefined) known.set(secret.name, [secret]);
    else if (secrets.length < 3) secrets.push(secret);
  }
  return known;
}

/** More namespaces than these are not looked through. */
const most = 20;

/** Namespaces that a Gateway's pods run in. One without a selector is for every gateway, wherever it runs. */
function podNamespaces(graph: ObjectGraph, { spec }: MeshObject): readonly string[] | "any" {
  const labels = labelSelector(spec.selector);
  if (labels === "unreadable") return [];
  if (Object.keys(labels).length === 0) return "any";
  return remembered(graph, answers, selectorText(labels), () => {
    const namespaces = new Set(selectedAnywhere(graph, labels).map(({ namespace }) => namespace));
    return namespaces.size > most ? "any" : [...namespaces];
  });
}

function answers(): Map<string, readonly string[] | "any"> {
  return new Map();
}

function credential(gateway: MeshObject, written: string, field: string, running: readonly string[] | "any"): readonly Credential[] {
  const plain = written.startsWith("kubernetes://") ? written.slice("kubernetes://".length) : written;
  if (plain.includes("://")) return [];
  const slash = plain.indexOf("/");
  const name = plain.slice(slash + 1);
  return [{ gateway, field, written, name, namespaces: slash === -1 ? running : [plain.slice(0, slash)] }];
}
