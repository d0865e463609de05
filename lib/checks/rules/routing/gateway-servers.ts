import { record, records, text, texts } from "../../fields";
import { assumedGateways } from "../../graph/assumed-gateway";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { podGroups, selectorText } from "../../graph/pod-groups";
import { labelSelector, SelectorIndex } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** A server of a Gateway. */
export interface GatewayServer {
  /** `spec.servers[0]`. */
  readonly field: string;
  readonly port: number;
  readonly bind: string;
  readonly hosts: readonly string[];
  /** Whether it takes HTTP without TLS: the routes of several such servers are put together. */
  readonly plain: boolean;
}

/** Other Gateways for a host of a server. */
export interface Rivals {
  readonly host: string;
  /** The first few. */
  readonly gateways: readonly MeshObject[];
  /** Whether all of their servers, and this one, take HTTP without TLS. */
  readonly plain: boolean;
}

/** More Gateways than these are not looked for: a message names three. */
const enough = 4;

const plainProtocols: ReadonlySet<string> = new Set(["HTTP", "HTTP2", "GRPC", "GRPC-WEB"]);

/** Servers of a Gateway whose port can be read. */
export function serversOf({ spec }: MeshObject): readonly GatewayServer[] {
  return records(spec.servers).flatMap((server, index) => {
    const { number: port = 0 } = record(server.port);
    if (typeof port !== "number") return [];
    const protocol = (text(record(server.port).protocol) ?? "").toUpperCase();
    const plain = plainProtocols.has(protocol) && (server.tls === undefined || server.tls === null);
    return [{ field: `spec.servers[${index}]`, port, bind: text(server.bind) ?? "", hosts: texts(server.hosts), plain }];
  });
}

/**
 * Other Gateways that configure the same pods for the port and a host of a server, and that host. Hosts are the same where they are written the
 * same. Undefined where there are none.
 */
export function rivalsOf(graph: ObjectGraph, gateway: MeshObject, server: GatewayServer): Rivals | undefined {
  const selector = textOf(gateway);
  const found = new Map<MeshObject, string>();
  for (const host of server.hosts) {
    for (const other of alike(graph, selector, graph.derive(gatewaysByHost).get(keyOf(server, host)))) {
      if (found.size === enough) break;
      if (other !== gateway && !found.has(other)) found.set(other, host);
    }
  }
  const [first] = found.values();
  if (first === undefined) return undefined;
  const plain = [...new Set(found.values())].every((host) => !graph.derive(encryptedHosts).has(keyOf(server, host)));
  return { host: first, gateways: [...found.keys()], plain };
}

/** Ports, addresses and hosts for which any server does more than take HTTP without TLS. */
function encryptedHosts(graph: ObjectGraph): ReadonlySet<string> {
  const servers = judged(graph, "Gateway").flatMap(serversOf);
  return new Set(servers.filter(({ plain }) => !plain).flatMap((server) => server.hosts.map((host) => keyOf(server, host))));
}

/** Gateways of a host and port whose selector is the same, or a part or the whole of it and met by the same pods. */
function* alike(
  graph: ObjectGraph,
  selector: string,
  bySelector: ReadonlyMap<string, ReadonlySet<MeshObject>> = new Map(),
): Iterable<MeshObject> {
  yield* bySelector.get(selector) ?? [];
  const met: ReadonlySet<string> = graph.derive(companions).get(selector) ?? new Set();
  for (const other of bySelector.size < met.size ? bySelector.keys() : met) {
    if (other === selector || !met.has(other)) continue;
    if (other.includes(selector) || selector.includes(other)) yield* bySelector.get(other) ?? [];
  }
}

/** Gateways by port, address and host, then by selector. */
function gatewaysByHost(graph: ObjectGraph): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<MeshObject>>> {
  const known = new Map<string, Map<string, Set<MeshObject>>>();
  for (const gateway of distinct(judged(graph, "Gateway"))) {
    const selector = textOf(gateway);
    for (const server of serversOf(gateway)) {
      for (const host of server.hosts) {
        const bySelector = known.get(keyOf(server, host)) ?? new Map<string, Set<MeshObject>>();
        known.set(keyOf(server, host), bySelector);
        bySelector.set(selector, (bySelector.get(selector) ?? new Set()).add(gateway));
      }
    }
  }
  return known;
}

function keyOf({ port, bind }: GatewayServer, host: string): string {
  return `${port} ${bind} ${host}`;
}

function textOf({ spec }: MeshObject): string {
  const labels = labelSelector(spec.selector);
  return labels === "unreadable" ? "unreadable" : selectorText(labels);
}

/** Selectors of Gateways that pods meet together with a selector. The empty one is met by whatever meets another. */
function companions(graph: ObjectGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const bySelector = new Map(judged(graph, "Gateway").map((gateway) => [textOf(gateway), labelSelector(gateway.spec.selector)]));
  const index = new SelectorIndex(
    bySelector,
    ([, labels]) => labels,
    () => "",
  );
  const known = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const standard = graph.derive(assumedGateways).map(({ labels }) => ({ labels: { istio: labels.istio ?? "" } }));
  for (const { labels } of [...graph.derive(podGroups), ...standard]) {
    const met = index.selecting("", labels).map(([text]) => text);
    if (bySelector.has("")) met.push("");
    const key = met.join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    for (const one of met)
      known.set(
        one,
        met.reduce((all, other) => all.add(other), known.get(one) ?? new Set<string>()),
      );
  }
  return known;
}
