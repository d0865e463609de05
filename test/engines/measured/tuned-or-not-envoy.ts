/** Ports of the Envoy under test. */
export const ports = {
  /** As Istio makes listeners: without a length of their queue. */
  http: 8_080,
  /** With Envoy's own limit of the queue, `tcp_backlog_size`. */
  short: 8_081,
} as const;

/** What `tcp_backlog_size` says at the listener that has one. */
export const shortBacklog = 128;

/**
 * Configuration of an Envoy that answers `/direct` itself, asks its upstream for `/`, and makes a new connection to the upstream for each request
 * to `/churn`, and to itself for each to `/loopback`. No limit of Envoy's own is in the way.
 */
export function proxyConfiguration(upstream: string): unknown {
  return {
    static_resources: {
      listeners: [listener("http", ports.http, routes), { ...listener("short", ports.short, routes), tcp_backlog_size: shortBacklog }],
      clusters: [cluster("kept", upstream), cluster("churned", upstream, onceEach), cluster("loopback", "127.0.0.1", onceEach)],
    },
  };
}

/** A connection for each request, which Envoy closes: it is Envoy's port that waits in TIME-WAIT. */
const onceEach = { max_requests_per_connection: 1 };

/** Configuration of an Envoy that answers everything itself. */
export function upstreamConfiguration(): unknown {
  return { static_resources: { listeners: [listener("http", ports.http, [direct("/")])] } };
}

const routes = [
  direct("/direct"),
  { match: { prefix: "/churn" }, route: { cluster: "churned" } },
  { match: { prefix: "/loopback" }, route: { cluster: "loopback", prefix_rewrite: "/direct" } },
  { match: { prefix: "/" }, route: { cluster: "kept" } },
];

function direct(prefix: string): unknown {
  return { match: { prefix }, direct_response: { status: 200, body: { inline_string: "ok" } } };
}

function listener(name: string, port: number, routes: readonly unknown[]): Record<string, unknown> {
  const type = (path: string): string => `type.googleapis.com/envoy.extensions.filters.${path}`;
  return {
    name,
    address: { socket_address: { address: "0.0.0.0", port_value: port } },
    filter_chains: [
      {
        filters: [
          {
            name: "http",
            typed_config: {
              "@type": type("network.http_connection_manager.v3.HttpConnectionManager"),
              stat_prefix: name,
              http_filters: [{ name: "router", typed_config: { "@type": type("http.router.v3.Router") } }],
              route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
            },
          },
        ],
      },
    ],
  };
}

function cluster(name: string, address: string, protocol: object = {}): unknown {
  const most = 1_000_000;
  return {
    name,
    connect_timeout: "5s",
    circuit_breakers: { thresholds: [{ max_connections: most, max_pending_requests: most, max_requests: most }] },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http_protocol_options: {} },
        common_http_protocol_options: protocol,
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: ports.http } } } }] }],
    },
  };
}
