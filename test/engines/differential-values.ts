import type { Random } from "./differential-random";
import { oneOf } from "./differential-random";

const hosts = ["pricing", "pricing.shop", "pricing.shop.svc.cluster.local", "pay.example.no", "*.example.no", "Pay.Example.no", "a-b.c"];
const names = ["v1", "edge", "pricing", "http", "https", "shop", "tcp-db", "a", "0"];
const durations = ["1s", "500ms", "1h30m", "1m", "0.5s", "1ms", "10s", "24h"];
const ranges = ["10.0.5.7", "10.0.5.0/24", "2001:db8::1", "2001:db8::/32", "0.0.0.0", "127.0.0.1"];
const keys = ["app", "version", "example.no/tier", "x-canary", "http", "a"];
const paths = ["/", "/api/", "/api/*", "*", "*.html", "/a/{*}/b", "/{**}"];
const principals = ["cluster.local/ns/shop/sa/payment", "*", "*/sa/test", "cluster.local/*"];
const protocols = ["HTTP", "HTTPS", "TCP", "TLS", "GRPC", "HTTP2", "MONGO", "http"];

/** Texts that go well with the fields of a name. */
const byName: Readonly<Record<string, readonly string[]>> = {
  address: [...ranges, "db.example.no", "unix:///run/db.sock"],
  addresses: ranges,
  allowMethods: ["GET", "*"],
  authority: hosts,
  bind: [...ranges, "unix:///run/shop.sock"],
  defaultEndpoint: ["127.0.0.1:8080", "0.0.0.0:80", "unix:///run/shop.sock", "[::1]:80"],
  destinationSubnets: ranges,
  duration: durations,
  expression: [
    "response.code >= 400",
    "true",
    "has(request.headers['x']) && size(request.path) < 10",
    "[1, 2].exists(x, x == 1)",
    "a ? b : c",
  ],
  exact: [...hosts, ...paths],
  exportTo: [".", "*", "~", "shop", "default"],
  failoverPriority: ["topology.kubernetes.io/region", "rack", "version=v1"],
  from: ["north", "north/*", "north/a/1", "*"],
  gateways: ["mesh", "edge", "istio-system/edge"],
  group: ["", "gateway.networking.k8s.io", "networking.istio.io"],
  host: hosts,
  hosts: [...hosts, "shop/*", "./*", "*/pay.example.no", "*", "~/*"],
  httpHeaderName: ["x-user"],
  ipBlocks: ranges,
  issuer: ["https://id.example.no", "me"],
  jwks: ['{"keys":[]}'],
  jwksUri: ["https://id.example.no/keys", "http://id.example.no:8080/keys"],
  keys,
  when: ["source.ip", "request.headers[x-team]", "source.namespace", "connection.sni", "destination.port", "request.auth.claims[a]"],
  kind: ["Gateway", "Service", "ServiceEntry", "GatewayClass"],
  methods: ["GET", "POST", "*"],
  network: ["vm", ""],
  notIpBlocks: ranges,
  notMethods: ["GET", "POST", "*"],
  notPaths: paths,
  notPorts: ["8080", "443"],
  notPrincipals: principals,
  notRemoteIpBlocks: ranges,
  paths,
  portKeys: ["8080", "443", "9090"],
  ports: ["8080", "443"],
  prefix: [...paths, "x"],
  principals,
  protocol: protocols,
  regex: [".*", "GET|HEAD", "^/v[0-9]+/(.*)$", "(?i)abc", "[[:alpha:]]+", "\\d+\\.\\d+"],
  remoteIpBlocks: ranges,
  retryOn: ["5xx", "gateway-error,connect-failure,503", "reset"],
  scheme: ["http", "https"],
  serviceAccounts: ["shop/payment", "payment"],
  sniHosts: hosts,
  uri: ["/", "/new"],
  url: ["oci://registry.example.no/filter:1.0", "https://example.no/filter.wasm", "file:///filter.wasm"],
  version: ["V1", "V2"],
};

/** Texts that go well with the fields of a name. */
export function textsFor(name: string): readonly string[] {
  return byName[name] ?? names;
}

/** A text that goes well with the fields of a name; any harmless one, where the name says nothing. */
export function likelyText(random: Random, name: string): string {
  return oneOf(random, byName[name] ?? harmless);
}

const harmless = [...names, ...hosts, ...durations, ...ranges, ...keys, ...paths];

/** Texts that people write by mistake, at the borders of what some field takes. */
export const unlikelyTexts: readonly string[] = [
  ...["", " ", ".", "..", "~", "*", "**", "/", "//", "%", "\\", "{", "é", "a\nb", "\u0000", "a b", "a,b", "a/b", "a/b/c", "true", "NaN"],
  ...["a..b", ".a", "a.", "-a", "a-", "A_b", "*.", "*a", "a*", "*a*", "*.*", "a.*.b", "a*b", "*-a.no", "*.com", "svc", "x/", "/x"],
  ...["10.0.0.1", "10.0.0.0/33", "10.0.0.256", "10.0.0", "010.0.0.1", "::/129", "::1", "1.2.3.4/", "fe80::1%eth0", "::ffff:10.0.0.1"],
  ...[
    "http://a.no",
    "https://",
    "a:80",
    ":80",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "10.0.0.1:80",
    "unix://",
    "unix:///",
    "unix://@abstract",
    "unix://x",
  ],
  ...["0", "-1", "80a", "65536", "080", "1e3", "600", "999", "200", "5xx,", "5xx, reset", "5XX", ","],
  ...["0s", "-1s", "1", "1d", "0.5ms", "1us", "100ns", "1s1s", "s", "+1s", "1 s", "1.s", ".5s", "9999999h", "500h", "1h1ms"],
  ...[
    "(",
    "[a",
    "a{2000}",
    "a{2,1}",
    "(?=a)",
    "(?<n>a)",
    "(?P<n>a)",
    "\\1",
    "\\p{Greek}",
    "\\pX",
    "a**",
    "a++",
    "[[:foo:]]",
    "\\Q(",
    "x*?",
  ],
  ...["%START_TIME%", "%START_TIME", "100%", "100%%", "%REQ(x)%", "%REQ(", "%FOO%", "%DYNAMIC_METADATA(a:b)%"],
  ...["{*}", "/{**}/a", "/{*}a", "/{**}/{**}", "/{a}", "/{*}/{**}.html", "/a/*/b", "/*/b"],
  ...["mesh", "*/*", "./", "~/a", "*/", "./a b", "shop/*.no", "shop/pay", "shop/10.0.0.1", "shop/a/b", "../*"],
  ...[
    "@request.auth.claims",
    "@request.auth.claims.",
    "@request.auth.claims[a]",
    "request.headers[",
    "request.headers[]",
    "source.foo",
    "source.ip[a]",
  ],
  ...[
    "experimental.envoy.filters.a",
    "experimental.envoy.filters.a[b]",
    "request.auth.claims[]",
    "request.auth.claims",
    "destination.ip",
    "source.principal",
  ],
  ...[
    "outbound_.8080_._.pricing.shop.svc.cluster.local",
    "outbound_.80_.v1_",
    "kubernetes://x",
    "kubernetes-gateway://x/y",
    "sds",
    "configmap://a/b",
  ],
  ...[
    "response.code >=",
    "a.b(",
    "a == 'b",
    "a.b.all(x)",
    "has(a)",
    "a && (b || !c)",
    "{'a': 1, 'b': }",
    "0x1g",
    "a.in",
    "response.code = 1",
    "1 in [2]",
  ],
  ...["host", "Host", ":authority", ":path", "X-Istio-Attributes", "content type", "istio.io/rev", "example.no/", "/tier", "a_b"],
  ...["x".repeat(63), "x".repeat(64), "x".repeat(254), "x".repeat(256), "x".repeat(300)],
];

const likely = [1, 1, 2, 3, 5, 50, 80, 100, 200, 443, 503, 8080] as const;

/** Numbers that go well with most fields, and those at the borders of what some field takes. */
export const numbers: Readonly<Record<"likely" | "any", readonly number[]>> = {
  likely,
  any: [
    ...likely,
    ...[0, -1, 1.5, 0.5, -0.5, 99, 100.5, 101, 199, 418, 509, 599, 600, 1000, 32768, 65535, 65536],
    ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 31), 1e12, 0.000_001],
  ],
};
