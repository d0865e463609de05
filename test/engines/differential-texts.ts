import type { Manifest } from "../support/examples";
import { oneOf, type Random } from "./differential-random";

/** A field whose text has a language of its own, and what such texts are made of. */
export interface TextField {
  readonly language: string;
  readonly pieces: readonly string[];
  /** An object that is sound when its text is. */
  readonly object: (text: string) => Manifest;
}

const metadata = { name: "x", namespace: "default" };
const networking = (kind: string, spec: Readonly<Record<string, unknown>>): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata,
  spec,
});
const route = [{ destination: { host: "a" } }];
const virtualService = (http: object): Manifest => networking("VirtualService", { hosts: ["a"], http: [{ route, ...http }] });

/** Fields whose texts the library reads by itself, as Istio does. */
export const textFields: readonly TextField[] = [
  {
    language: "an expression of CEL",
    pieces:
      pieces(`a b.c a.all( x, has( a.b ) ( ) [ ] { } , : ? . .a && || ! - + * == != < in 1 -1 1.5 1u 0x1f .5 1e3 true null 'a' "b" r'\\d' b"x"
      '''q''' '\\n' '\\u00e9' '\\ud800' '\\q' // # = & for a.map(x,x) exists( size( 9223372036854775808 'a A{b:1} {'a':1} [1,2] a[0] a.filter(`),
    object: (expression) => ({
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata,
      spec: { accessLogging: [{ filter: { expression } }] },
    }),
  },
  {
    language: "a regular expression",
    pieces:
      pieces(`a . * + ? ( ) [ ] | ^ $ {2} {2,} {2,1} {1001} (?i) (?i: (?P<n> (?<n> (?= (?: \\d \\D \\b \\p{Greek} \\pL \\p{X} \\x41 \\x{110000} \\1 \\Q \\E [:alpha:]
      [^a] [a-z] [z-a] [[:alpha:]] \\ - , \\C \\z \\A \\Z *? +? ?? {0} \\07 \\w-z]`),
    object: (regex) => virtualService({ match: [{ uri: { regex } }] }),
  },
  {
    language: "a host",
    pieces: pieces("a b-c * . - _ 1 10 svc example.no A é / : ~ % 10.0.0.1 ::1 xn--a *. .. local"),
    object: (host) => networking("DestinationRule", { host }),
  },
  {
    language: "a duration",
    pieces: pieces("1 0 5 100 . s ms m h us ns µs d - + e3 1s 0s 1h30m _ 0.5"),
    object: (timeout) => virtualService({ timeout }),
  },
  {
    language: "an address range",
    pieces: pieces("10. 0. 0 10.0.0 / /8 /24 /33 /128 /0 : :: 1 f fe80 ffff: %eth0 . 256 01 /08"),
    object: (address) => networking("ServiceEntry", { hosts: ["a.no"], addresses: [address], ports: [{ number: 80, name: "http" }] }),
  },
  {
    language: "conditions of retries",
    pieces: pieces(
      "5xx gateway-error reset , 503 200 600 99 retriable-4xx unavailable 5XX - refused-stream connect-failure internal 0503 cancelled",
    ),
    object: (retryOn) => virtualService({ retries: { attempts: 1, retryOn } }),
  },
  {
    language: "a header's value",
    pieces: pieces(
      `% %% a b %START_TIME% %REQ(x)% %REQ(x?y):5% %DYNAMIC_METADATA(a:b)% %FOO% ( ) : " é %START_TIME(%s)% %PER_REQUEST_STATE(a)%`,
    ),
    object: (value) => virtualService({ headers: { request: { set: { "x-a": value } } } }),
  },
  {
    language: "a path of a policy",
    pieces: pieces("/ a * {*} {**} { } ** {a} // .html {*}a a{*} /{**}/ %2F ?"),
    object: (path) => ({
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata,
      spec: { rules: [{ to: [{ operation: { paths: [path] } }] }] },
    }),
  },
  {
    language: "a condition of a policy",
    pieces: pieces(
      "request.headers [ ] a source.ip source.namespace request.auth.claims connection.sni experimental.envoy.filters. . remote.ip destination.port destination.labels - *",
    ),
    object: (key) => ({
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata,
      spec: { rules: [{ when: [{ key, values: ["10.0.0.1"] }] }] },
    }),
  },
  {
    language: "hosts of an egress listener",
    pieces: pieces("./ */ ~/ * shop/ a . a.no *.no / istio-system/ A -"),
    object: (host) => networking("Sidecar", { egress: [{ hosts: [host] }] }),
  },
  {
    language: "hosts of a gateway",
    pieces: pieces("./ */ ~/ * shop/ a . a.no *.no / istio-system/ A - 10.0.0.1 ::1"),
    object: (host) => networking("Gateway", { servers: [{ hosts: [host], port: { number: 80, name: "http", protocol: "HTTP" } }] }),
  },
  {
    language: "a gateway's name",
    pieces: pieces("mesh shop / a . A - _ * a.b istio-system/edge"),
    object: (gateway) => networking("VirtualService", { hosts: ["a"], gateways: [gateway], http: [{ route }] }),
  },
  {
    language: "a place where a listener sends to",
    pieces: pieces("127.0.0.1:8080 unix:///a :80 127.0.0.1 0.0.0.0 [::1] [::] : 80 8080 0 65536 unix:// /a @a / . 10.0.0.1 080"),
    object: (defaultEndpoint) =>
      networking("Sidecar", { ingress: [{ port: { number: 80, protocol: "HTTP", name: "http" }, defaultEndpoint }] }),
  },
  {
    language: "an address of an endpoint",
    pieces: pieces("unix:// /a @a / . 10.0.0.1 ::1 a.no a - * 256 A _ :80"),
    object: (address) => networking("WorkloadEntry", { address }),
  },
  {
    language: "where keys of tokens are",
    pieces: pieces("http:// https:// a.no / : :80 keys ? @ 10.0.0.1 [::1] file:// .. :0 :99999 HTTPS:// a_b :x"),
    object: (jwksUri) => ({
      apiVersion: "security.istio.io/v1",
      kind: "RequestAuthentication",
      metadata,
      spec: { jwtRules: [{ issuer: "a", jwksUri }] },
    }),
  },
  {
    language: "where a plugin is",
    pieces: pieces("http:// https:// oci:// file:// a.no / : :80 x ? @ 10.0.0.1 [::1] ftp:// .. a_b % %20 :x { sha256:"),
    object: (url) => ({ apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin", metadata, spec: { url } }),
  },
];

function pieces(text: string): readonly string[] {
  return text.split(/\s+/).filter((piece) => piece !== "");
}

/** A text of one to eight pieces. */
export function textOf({ pieces: from }: TextField, random: Random): string {
  return Array.from({ length: 1 + random(1 + random(8)) }, () => oneOf(random, from)).join(random(4) === 0 ? " " : "");
}
