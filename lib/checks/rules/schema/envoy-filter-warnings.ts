import { at, type Data, record, records, text } from "../../fields";
import { quoted } from "./quoted";
import type { SpecWarning } from "./spec-warning";

/** Names that filters had before, and those they have now, below `envoy.filters.`. */
const renamed: Readonly<Record<string, string>> = {
  "envoy.buffer": "http.buffer",
  "envoy.cors": "http.cors",
  "envoy.csrf": "http.csrf",
  "envoy.http_dynamo_filter": "http.dynamo",
  "envoy.ext_authz": "http.ext_authz or envoy.filters.network.ext_authz",
  "envoy.fault": "http.fault",
  "envoy.grpc_http1_bridge": "http.grpc_http1_bridge",
  "envoy.grpc_json_transcoder": "http.grpc_json_transcoder",
  "envoy.grpc_web": "http.grpc_web",
  "envoy.gzip": "http.gzip",
  "envoy.health_check": "http.health_check",
  "envoy.ip_tagging": "http.ip_tagging",
  "envoy.lua": "http.lua",
  "envoy.rate_limit": "http.ratelimit",
  "envoy.router": "http.router",
  "envoy.squash": "http.squash",
  "envoy.listener.http_inspector": "listener.http_inspector",
  "envoy.listener.original_dst": "listener.original_dst",
  "envoy.listener.original_src": "listener.original_src",
  "envoy.listener.proxy_protocol": "listener.proxy_protocol",
  "envoy.listener.tls_inspector": "listener.tls_inspector",
  "envoy.client_ssl_auth": "network.client_ssl_auth",
  "envoy.http_connection_manager": "network.http_connection_manager",
  "envoy.mongo_proxy": "network.mongo_proxy",
  "envoy.ratelimit": "network.ratelimit",
  "envoy.redis_proxy": "network.redis_proxy",
  "envoy.tcp_proxy": "network.tcp_proxy",
};

/** Where extensions stand that Envoy finds by the type of their settings, in the value of a patch. */
const extensions: Readonly<Record<string, readonly (readonly string[])[]>> = {
  HTTP_FILTER: [[]],
  NETWORK_FILTER: [[]],
  LISTENER_FILTER: [[]],
  EXTENSION_CONFIG: [[]],
  CLUSTER: [["transport_socket"], ["cluster_type"], ["upstream_config"], ["typed_dns_resolver_config"]],
  FILTER_CHAIN: [["transport_socket"]],
  LISTENER: [["default_filter_chain", "transport_socket"]],
};
const ofListeners: readonly string[] = ["LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"];
const wholeListeners: readonly string[] = ["LISTENER", "FILTER_CHAIN"];
/** Unit: characters. */
const longestVersion = 1024;

/** What every EnvoyFilter risks, and what of its patches is out of date or does nothing. */
export function* envoyFilterWarnings(spec: Data): Iterable<SpecWarning> {
  yield {
    field: "spec.configPatches",
    message:
      "an EnvoyFilter writes into Envoy's own configuration, which each release may change: a patch that no longer fits is left out without a word, or makes proxies refuse their configuration.",
    fix: "Use another kind of Istio where one can say it, test each upgrade with the filter, and accept this with a reason where the filter has to be.",
  };
  for (const [index, change] of records(spec.configPatches).entries()) {
    if (isComplete(change)) yield* patchWarnings(change, `spec.configPatches[${index}]`);
  }
}

/** Of a patch that is refused, or is for a waypoint, Istio says nothing more. */
function isComplete({ applyTo, match, patch }: Data): boolean {
  const { operation, value } = record(patch);
  if (at(match, "context") === "WAYPOINT" || typeof applyTo !== "string" || typeof operation !== "string") return false;
  return operation === "REMOVE" || (value !== undefined && value !== null);
}

function* patchWarnings({ applyTo, match, patch }: Data, path: string): Iterable<SpecWarning> {
  const version = text(at(match, "proxy", "proxyVersion")) ?? "";
  if (version.length > longestVersion) {
    const message = `proxyVersion has ${version.length} characters: istiod compiles no more than ${longestVersion}, and the patch is for no proxy at all.`;
    yield { field: `${path}.match.proxy.proxyVersion`, message, fix: "Write a shorter pattern." };
  }
  if (ofListeners.includes(String(applyTo))) yield* filterWarnings(String(applyTo), match, `${path}.match.listener.filterChain.filter`);
  yield* untypedWarnings(String(applyTo), record(patch).value, `${path}.patch.value`);
}

function* filterWarnings(applyTo: string, match: unknown, path: string): Iterable<SpecWarning> {
  const filter = at(match, "listener", "filterChain", "filter");
  if (typeof filter !== "object" || filter === null) return;
  if (wholeListeners.includes(applyTo)) {
    const message = `a ${applyTo} is not found by its filters: the patch is for every one that the rest of the match finds.`;
    yield { field: path, message, fix: "Match by what the listener or the chain itself has, or apply to NETWORK_FILTER." };
  }
  yield* nameWarnings(at(filter, "name"), `${path}.name`);
  yield* nameWarnings(at(filter, "subFilter", "name"), `${path}.subFilter.name`);
}

function* nameWarnings(name: unknown, field: string): Iterable<SpecWarning> {
  if (typeof name !== "string" || !Object.hasOwn(renamed, name)) return;
  const now = `envoy.filters.${renamed[name]}`;
  yield { field, message: `${name} is an old name of ${now}: proxies of today have no filter of this name.`, fix: `Write ${now}.` };
}

/** Extensions without the type of their settings: Envoy no longer looks them up by name. One finding for a patch, as Istio gives. */
function* untypedWarnings(applyTo: string, value: unknown, path: string): Iterable<SpecWarning> {
  if (typeof value !== "object" || value === null || !Object.hasOwn(extensions, applyTo)) return;
  const untyped = (extensions[applyTo] ?? []).flatMap((steps) => {
    const part = partAt(value, steps);
    return part === undefined || isTyped(part) ? [] : [text(part.name) ?? ""];
  });
  if (untyped.length === 0) return;
  const message = `${quoted(untyped)} has no typed_config: Envoy does not know which extension is meant, and refuses the configuration.`;
  yield { field: path, message, fix: "Set typed_config with the @type of the extension." };
}

function partAt(value: object, steps: readonly string[]): Data | undefined {
  const found = steps.reduce<unknown>((part, step) => record(part)[step] ?? record(part)[camelCase(step)], value);
  return typeof found === "object" && found !== null ? record(found) : undefined;
}

function isTyped(part: Data): boolean {
  return ["typed_config", "config_discovery"].some((field) => (part[field] ?? part[camelCase(field)] ?? null) !== null);
}

function camelCase(name: string): string {
  return name.replaceAll(/_[a-z]/g, (letter) => letter.slice(1).toUpperCase());
}
