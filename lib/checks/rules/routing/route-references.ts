import { canJudgeHost } from "../../graph/destination-hosts";
import { fullHost, type Host, isExternalHost, serviceOf } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { subsetNames } from "../../graph/subsets";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";
import { findGateway, gatewayReferences, isMissing } from "./gateway-names";
import { type ResolvedDestination, resolvedDestinations } from "./resolved-routes";

/** Hosts, ports, subsets and Gateways that VirtualServices name, and that are not among the objects. */
export function* routeReferences(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const resolved of graph.derive(resolvedDestinations)) {
    const { destination, found } = resolved;
    if (found === undefined) yield* hostOf(graph, resolved);
    else if (destination.port !== undefined) yield* portOf(resolved, found);
    if (destination.subset !== undefined && !hasSubset(graph, nameOf(resolved), destination.subset)) yield* subsetOf(graph, resolved);
  }
  for (const object of judged(graph, "VirtualService")) yield* gatewaysOf(graph, object);
}

/** The destination's host in full. */
function nameOf({ object, destination, found }: ResolvedDestination): string {
  return found === undefined || found.name.startsWith("*") ? fullHost(destination.host, object.namespace) : found.name;
}

function* gatewaysOf(graph: ObjectGraph, object: MeshObject): Iterable<RuleFinding> {
  for (const reference of gatewayReferences(object)) {
    if (findGateway(graph, reference) !== undefined || !isMissing(graph, reference, object)) continue;
    const full = `${reference.namespace}/${reference.name}`;
    yield {
      object,
      field: reference.field,
      message: `Gateway ${full} is not among the objects that were checked. If it is nowhere, none of these routes takes traffic from outside.`,
      fix: `Make the Gateway, correct the name, or declare it external: externals: ["Gateway ${full}"].`,
    };
  }
}

function* hostOf(graph: ObjectGraph, { object, destination: { host, field, mirror } }: ResolvedDestination): Iterable<RuleFinding> {
  const { namespace } = object;
  if (host === "" || isExternalHost(graph, host, namespace) || !canJudgeHost(graph, host, namespace)) return;
  const name = fullHost(host, namespace);
  yield {
    object,
    field: `${field}.host`,
    message: `${name} is none of the Services and ServiceEntries that were checked, or is not exported to here. If it is nowhere, ${outcome(mirror)}.`,
    fix: `Make it, correct the name, or declare it external: externals: ["${declaration(name)}"].`,
  };
}

function* portOf({ object, destination }: ResolvedDestination, found: Host): Iterable<RuleFinding> {
  const { host, field, port, mirror } = destination;
  // An ExternalName without ports of its own has those of the name that it stands for.
  if (found.object.spec.type === "ExternalName" && found.ports.length === 0) return;
  if (found.ports.some(({ number }) => number === port)) return;
  const ports = found.ports.flatMap(({ number }) => number ?? []).join(", ");
  yield {
    object,
    field: `${field}.port.number`,
    message: `${host} has ${ports === "" ? "no ports" : `the ports ${ports}`}, not ${port}: ${outcome(mirror)}.`,
    fix: "Name a port of the Service (not the port of its pods), or add the port to the Service.",
  };
}

function* subsetOf(graph: ObjectGraph, { object, destination, found }: ResolvedDestination): Iterable<RuleFinding> {
  const { host, subset, field, mirror } = destination;
  if (isRuleOutside(graph, object, host)) return;
  // A forgotten rule is told from one that others make by whether the host or any DestinationRule is among the objects.
  if (found === undefined && graph.of("DestinationRule").length === 0) return;
  yield {
    object,
    field: `${field}.subset`,
    message: `no DestinationRule for ${host} that was checked has the subset ${subset}: ${outcome(mirror)}.`,
    fix: `Add the subset to the host's DestinationRule, correct the name, or declare the rule external: externals: ["DestinationRule ${object.namespace}/*"].`,
  };
}

/** What callers see of a destination that Envoy has no cluster for. */
function outcome(mirror: boolean): string {
  return mirror ? "the copies of the requests go nowhere" : "requests of this route end with 503";
}

function declaration(name: string): string {
  const service = serviceOf(name);
  return service === undefined ? `Host ${name}` : `Service ${service.namespace}/${service.name}`;
}

/** The rule may belong to a host outside, or be one itself. */
function isRuleOutside(graph: ObjectGraph, { namespace }: MeshObject, host: string): boolean {
  const service = serviceOf(fullHost(host, namespace)) ?? { name: host, namespace };
  const isOutside = (where: string): boolean => graph.isExternal("DestinationRule", where, service.name);
  return isExternalHost(graph, host, namespace) || isOutside(namespace) || isOutside(service.namespace);
}

/** Whether a DestinationRule for a host, or for a wildcard that covers it, has a subset. */
function hasSubset(graph: ObjectGraph, name: string, subset: string): boolean {
  const known = graph.derive(subsetsByHost);
  if (known.get(name)?.has(subset) === true || known.get("*")?.has(subset) === true) return true;
  for (let dot = name.indexOf("."); dot !== -1 && name.length < 254; dot = name.indexOf(".", dot + 1)) {
    if (known.get(`*${name.slice(dot)}`)?.has(subset) === true) return true;
  }
  return false;
}

function subsetsByHost(graph: ObjectGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const rule of graph.of("DestinationRule")) {
    const { host } = rule.spec;
    if (typeof host !== "string") continue;
    const name = fullHost(host, rule.namespace);
    const names = known.get(name) ?? new Set();
    known.set(name, names);
    for (const subset of subsetNames(rule)) names.add(subset);
  }
  return known;
}
