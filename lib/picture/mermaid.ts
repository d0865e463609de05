import { namespacesOnly } from "./namespaces-only";
import type { Edge, GatewayNode, NamespaceNode, ServiceNode, Topology, Version } from "./topology";

/** Beyond that nobody reads a flowchart, and Mermaid draws none: 500 edges are its own limit. */
const most = { services: 150, edges: 400 } as const;

/**
 * The picture as a Mermaid flowchart, for a README: namespaces around their services, who calls whom, where requests come in and go out.
 * Of a large mesh only the namespaces.
 *
 * Ids are numbers, and every name stands in quotes with what Mermaid or HTML would read in it written as codes.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html#special-characters-that-break-syntax
 */
export function mermaid(whole: Topology): string {
  const isLarge = whole.services.length > most.services || whole.edges.length > most.edges;
  const topology = isLarge ? namespacesOnly(whole) : whole;
  const ids = new Map(nodesOf(topology).map((id, index) => [id, `n${index}`]));
  const idOf = (id: string): string => ids.get(id) ?? "";
  const services = Map.groupBy(topology.services, ({ parent }) => parent);
  const lines = [
    "flowchart LR",
    ...topology.outsiders.map(({ id, name }) => `  ${idOf(id)}>${quoted([name])}]`),
    ...topology.gateways.map((gateway) => `  ${idOf(gateway.id)}{{${quoted(gatewayLines(gateway))}}}`),
    ...topology.namespaces.flatMap((namespace) => subgraph(namespace, services.get(namespace.id) ?? [], idOf)),
    ...topology.externals.map(({ id, name }) => `  ${idOf(id)}([${quoted([name])}])`),
    ...topology.edges.filter(({ from, to }) => ids.has(from) && ids.has(to)).map((edge) => arrow(edge, idOf)),
  ];
  return `${lines.join("\n")}\n`;
}

function nodesOf({ outsiders, gateways, namespaces, services, externals }: Topology): readonly string[] {
  return [outsiders, gateways, namespaces, services, externals].flatMap((list) => list.map(({ id }) => id));
}

function gatewayLines({ name, hosts }: GatewayNode): readonly string[] {
  return hosts.length > 3 ? [name, ...hosts.slice(0, 3), `and ${hosts.length - 3} more`] : [name, ...hosts];
}

/** A namespace without services that are drawn is a node: Mermaid shows no subgraph without anything in it. */
function subgraph(
  { id, name, mtls, services: count }: NamespaceNode,
  services: readonly ServiceNode[],
  idOf: (id: string) => string,
): readonly string[] {
  const title = quoted([`${name} (${mtls})`]);
  if (services.length === 0)
    return count === 0 ? [`  ${idOf(id)}[${title}]`] : [`  ${idOf(id)}[${quoted([`${name} (${mtls})`, `${count} services`])}]`];
  return [
    `  subgraph ${idOf(id)}[${title}]`,
    ...services.map((service) => `    ${idOf(service.id)}[${quoted(serviceLines(service))}]`),
    "  end",
  ];
}

function serviceLines({ name, versions, plaintext = [] }: ServiceNode): readonly string[] {
  return [
    name,
    ...(versions.length > 1 ? [versions.map(versionText).join(", ")] : []),
    ...plaintext.map(({ port }) => `plaintext on ${port}`),
  ];
}

function versionText({ name, weight }: Version): string {
  return weight === undefined ? name : `${name} ${weight} %`;
}

/** Whole lines for what is known to call, dotted ones for what may. */
function arrow({ from, to, kind, plaintext }: Edge, idOf: (id: string) => string): string {
  const line = kind === "allowed" || kind === "seen" ? "-.->" : "-->";
  return `  ${idOf(from)} ${line}${plaintext === true ? '|"plaintext"|' : ""} ${idOf(to)}`;
}

/** Lines of text between quotes. Letters and digits of every script stay, and what Mermaid never reads; everything else is written as its code. */
function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => line.replace(/[^\p{L}\p{N} .,:/%()_*+-]/gu, code)).join("<br/>")}"`;
}

function code(character: string): string {
  return `#${character.codePointAt(0)};`;
}
