import { record, records, text } from "../../fields";
import { judged } from "../../graph/judged";
import { selectedAnywhere } from "../../graph/pod-groups";
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
  /** Namespaces that the gateway's pods read it from: those that they run in. */
  readonly namespaces: readonly string[];
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
  for (const namespace of namespaces) {
    const secret = graph.find("Secret", namespace, name);
    if (secret !== undefined) return secret;
  }
  return undefined;
}

function podNamespaces(graph: ObjectGraph, { spec }: MeshObject): readonly string[] {
  const labels = labelSelector(spec.selector);
  if (labels === "unreadable") return [];
  if (Object.keys(labels).length === 0) return graph.derive(everyNamespace);
  return [...new Set(selectedAnywhere(graph, labels).map(({ namespace }) => namespace))];
}

/** A Gateway without a selector is for every gateway, wherever it runs. */
function everyNamespace(graph: ObjectGraph): readonly string[] {
  return [...new Set([...selectedAnywhere(graph, {}).map(({ namespace }) => namespace), "istio-system"])];
}

function credential(gateway: MeshObject, written: string, field: string, running: readonly string[]): readonly Credential[] {
  const plain = written.startsWith("kubernetes://") ? written.slice("kubernetes://".length) : written;
  if (plain.includes("://")) return [];
  const slash = plain.indexOf("/");
  const name = plain.slice(slash + 1);
  return [{ gateway, field, written, name, namespaces: slash === -1 ? running : [plain.slice(0, slash)] }];
}
