import type { EnvoyFilterSpec } from "../../lib/istio/envoy-filter-spec";
import { type CheckedKind, kinds } from "../../lib/istio/kinds";
import type { ProxyConfigSpec } from "../../lib/istio/proxy-config-spec";
import type { WasmPluginSpec } from "../../lib/istio/wasm-plugin-spec";
import type { WorkloadEndpoint } from "../../lib/istio/workload-endpoint";
import type { WorkloadGroupSpec } from "../../lib/istio/workload-group-spec";
import { lines, samples } from "./samples";

/** A spec of a kind. */
export interface DataSample {
  readonly kind: CheckedKind;
  /** Uses every field that all releases of the catalogue know. */
  readonly spec: object;
  /** Uses every field that came later. */
  readonly newer?: object;
}

const workloadEntry: WorkloadEndpoint = {
  address: "10.0.5.7",
  ports: { http: 8080 },
  labels: { app: "db" },
  network: "vm",
  locality: "north/a",
  weight: 1,
  serviceAccount: "db",
};

const counts = { initialDelaySeconds: 5, timeoutSeconds: 3, periodSeconds: 4, successThreshold: 1, failureThreshold: 3 } as const;
const workloadGroup: WorkloadGroupSpec = {
  metadata: { labels: { app: "db" }, annotations: { "example.no/team": "shop" } },
  template: workloadEntry,
  probe: {
    ...counts,
    httpGet: { path: "/ready", port: 8080, host: "127.0.0.1", scheme: "HTTPS", httpHeaders: [{ name: "X-Probe", value: "mesh" }] },
  },
};

const listener = {
  name: "0.0.0.0_8080",
  portNumber: 8080,
  portName: "http",
  listenerFilter: "envoy.filters.listener.tls_inspector",
  filterChain: {
    name: "main",
    sni: "pay.example.no",
    transportProtocol: "tls",
    applicationProtocols: "h2",
    destinationPort: 8080,
    filter: { name: "envoy.filters.network.http_connection_manager", subFilter: { name: "envoy.filters.http.router" } },
  },
} as const;
const route = { name: "default", action: "ANY" } as const;

const envoyFilter: EnvoyFilterSpec = {
  workloadSelector: { labels: { app: "pricing" } },
  priority: -10,
  configPatches: [
    {
      applyTo: "HTTP_FILTER",
      match: { context: "SIDECAR_INBOUND", proxy: { proxyVersion: "1\\.30.*", metadata: { CLUSTER_ID: "oslo" } }, listener },
      patch: { operation: "INSERT_BEFORE", value: { name: "envoy.filters.http.lua" }, filterClass: "AUTHZ" },
    },
    {
      applyTo: "HTTP_ROUTE",
      match: {
        routeConfiguration: {
          name: "http.8080",
          portNumber: 8080,
          portName: "http",
          gateway: "istio-system/edge",
          vhost: { name: "pay.example.no:443", route },
        },
      },
      patch: { operation: "MERGE", value: {} },
    },
    {
      applyTo: "CLUSTER",
      match: { cluster: { name: "outbound|80||db", portNumber: 80, service: "db.shop.svc.cluster.local", subset: "v1" } },
      patch: { operation: "REMOVE" },
    },
  ],
};

const newerEnvoyFilter: EnvoyFilterSpec = {
  targetRefs: [{ kind: "Gateway", group: "gateway.networking.k8s.io", name: "edge" }],
  configPatches: [
    {
      applyTo: "HTTP_FILTER",
      match: { waypoint: { portNumber: 8080, filter: listener.filterChain.filter, route: { name: "default" } }, context: "WAYPOINT" },
      patch: { operation: "REMOVE" },
    },
    {
      applyTo: "VIRTUAL_HOST",
      match: { routeConfiguration: { vhost: { domainName: "pay.example.no" } } },
      patch: { operation: "MERGE_AND_REPLACE_LIST", value: {} },
    },
  ],
};

const proxyConfig: ProxyConfigSpec = {
  selector: { matchLabels: { app: "pricing" } },
  concurrency: 2,
  environmentVariables: { ISTIO_META_IDLE_TIMEOUT: "10s" },
  image: { imageType: "distroless" },
};

const wasmPlugin: WasmPluginSpec = {
  selector: { matchLabels: { app: "pricing" } },
  url: "oci://registry.example.no:5000/filters/quota:1.0",
  sha256: "1ef0c9a92b0420cf25f7fe5d481b231464bc88f486ca3b9c83ed5cc21d2f6210",
  imagePullPolicy: "IfNotPresent",
  imagePullSecret: "registry",
  verificationKey: "key",
  pluginConfig: { limit: 5, nested: { any: ["thing"] } },
  pluginName: "quota",
  phase: "AUTHZ",
  priority: -10,
  vmConfig: {
    env: [
      { name: "MODE", value: "strict", valueFrom: "INLINE" },
      { name: "POD_NAME", valueFrom: "HOST" },
    ],
  },
  match: [{ mode: "CLIENT", ports: [{ number: 8080 }, { number: 9090 }] }],
};

const newerWasmPlugin: WasmPluginSpec = {
  targetRefs: [{ kind: "Gateway", group: "gateway.networking.k8s.io", name: "edge" }],
  url: "https://example.no/quota.wasm",
  failStrategy: "FAIL_RELOAD",
  type: "NETWORK",
};

/** The kinds that no class makes. */
export const dataOnly: readonly DataSample[] = [
  { kind: "EnvoyFilter", spec: envoyFilter, newer: newerEnvoyFilter },
  { kind: "ProxyConfig", spec: proxyConfig },
  { kind: "WasmPlugin", spec: wasmPlugin, newer: newerWasmPlugin },
  { kind: "WorkloadEntry", spec: workloadEntry },
  { kind: "WorkloadGroup", spec: workloadGroup },
];

/** One of each kind that can be checked. */
export const dataSamples: readonly DataSample[] = [...samples, ...dataOnly];

/** What is wrong with a spec whatever the release, one a line. */
export function linesOf(kind: CheckedKind, spec: object): readonly string[] {
  return lines(kinds[kind].spec("spec", spec));
}

/** Where in a value something stands: `["http", 0, "timeout"]`. */
export type Place = readonly (string | number)[];

/** Every place below a value. */
export function places(value: unknown, at: Place = []): readonly Place[] {
  const below = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [
    ...(at.length > 0 ? [at] : []),
    ...below.flatMap(([key, entry]) => places(entry, [...at, Array.isArray(value) ? Number(key) : key])),
  ];
}

/** The value with something else in one place. */
export function replaced(value: unknown, [step, ...rest]: Place, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((entry: unknown, index) => (index === step ? replaced(entry, rest, by) : entry));
  return { ...(value as object), [step]: replaced((value as Readonly<Record<string, unknown>>)[step], rest, by) };
}
