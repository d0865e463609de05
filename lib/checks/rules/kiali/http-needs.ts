import { type Data, list, record, records, text } from "../../fields";
import type { MeshObject } from "../../mesh-object";

/** Fields of an operation that are read from a request of HTTP. */
const operations = ["methods", "notMethods", "paths", "notPaths", "hosts", "notHosts"] as const;
/** Fields of a source that are. */
const sources = ["requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks"] as const;
/** Conditions that ztunnel can judge. */
const ztunnel: ReadonlySet<string> = new Set(["source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"]);

/** The first field of an AuthorizationPolicy that ztunnel cannot judge: undefined where it can judge all. @see https://istio.io/latest/docs/ambient/usage/l4-policy/ */
export function authorizationNeed({ spec }: MeshObject): string | undefined {
  return first(spec.rules, "spec.rules", (rule, field) => {
    const operation = first(rule.to, `${field}.to`, (to, at) => named(record(to.operation), `${at}.operation`, operations));
    const source = first(rule.from, `${field}.from`, (from, at) => named(record(from.source), `${at}.source`, sources));
    const condition = first(rule.when, `${field}.when`, ({ key }, at) =>
      typeof key === "string" && !ztunnel.has(key) ? `${at}.key` : undefined,
    );
    return operation ?? source ?? condition;
  });
}

/** The first field of a Telemetry that asks for spans, access logs or metrics of requests. What only switches them off asks for nothing. */
export function telemetryNeed({ spec }: MeshObject): string | undefined {
  return (
    first(spec.tracing, "spec.tracing", ({ disableSpanReporting }, field) => (disableSpanReporting === true ? undefined : field)) ??
    first(spec.accessLogging, "spec.accessLogging", ({ disabled }, field) => (disabled === true ? undefined : field)) ??
    first(spec.metrics, "spec.metrics", ({ overrides }, field) => (list(overrides).length === 0 ? undefined : `${field}.overrides`))
  );
}

/** The first field of a DestinationRule that is about requests of HTTP. */
export function destinationNeed({ spec }: MeshObject): string | undefined {
  return (
    policyNeed(record(spec.trafficPolicy), "spec.trafficPolicy") ??
    first(spec.subsets, "spec.subsets", ({ trafficPolicy }, field) => policyNeed(record(trafficPolicy), `${field}.trafficPolicy`))
  );
}

/** The routes of a VirtualService that are chosen by what is in a request: `spec.http`, else `spec.tls`. */
export function routeNeed({ spec }: MeshObject): string | undefined {
  if (list(spec.http).length > 0) return "spec.http";
  return list(spec.tls).length > 0 ? "spec.tls" : undefined;
}

function policyNeed(policy: Data, field: string): string | undefined {
  return (
    settingsNeed(policy, field) ??
    first(policy.portLevelSettings, `${field}.portLevelSettings`, (settings, at) => settingsNeed(settings, at))
  );
}

function settingsNeed({ loadBalancer, connectionPool, outlierDetection }: Data, field: string): string | undefined {
  const hash = record(record(loadBalancer).consistentHash);
  const isByRequest = text(hash.httpHeaderName) !== undefined || text(hash.httpQueryParameterName) !== undefined || isSet(hash.httpCookie);
  if (isByRequest) return `${field}.loadBalancer.consistentHash`;
  if (isSet(record(connectionPool).http)) return `${field}.connectionPool.http`;
  return isSet(outlierDetection) ? `${field}.outlierDetection` : undefined;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function named(data: Data, field: string, names: readonly string[]): string | undefined {
  const name = names.find((one) => list(data[one]).length > 0);
  return name === undefined ? undefined : `${field}.${name}`;
}

/** What is found first in the items of a list. */
function first(items: unknown, field: string, find: (item: Data, field: string) => string | undefined): string | undefined {
  for (const [index, item] of records(items).entries()) {
    const found = find(item, `${field}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The field of a RequestAuthentication that asks for tokens. */
export function jwtNeed({ spec }: MeshObject): string | undefined {
  return list(spec.jwtRules).length > 0 ? "spec.jwtRules" : undefined;
}

/** The field of a WasmPlugin that names what is to be loaded. */
export function pluginNeed({ spec }: MeshObject): string | undefined {
  return isSet(spec.url) ? "spec.url" : undefined;
}
