import { isIP } from "node:net";
import { type Check, optional } from "../core/check";
import { dnsLabel } from "../core/name";
import type { Problem } from "../core/problem";
import { type Destination, destination, someWeight, weight } from "./destination";
import { claims } from "./header-operations";
import { type HttpRoute, httpRoute } from "./http-route";
import type { Kind } from "./kind";
import { each, given, isDeferred, items, noneOf, part, type Rule } from "./part";
import type { Since } from "./since";
import { cidrOrAddress, covers, coversAsWritten, exportedOnce, exportTo, gatewayNames, hostOrAddress, labels, portOrNone } from "./text";
import { isEmptyList, isText, type ToleratedProblem, tolerated } from "./tolerated";

/**
 * Where the requests for some hosts go.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
export interface VirtualServiceSpec {
  /** Hosts that callers ask for. Left out in a VirtualService that others delegate to. `*` needs a gateway. */
  readonly hosts?: readonly string[];
  /** Gateways that the routes are for, as `name` or `namespace/name`; `mesh` stands for all sidecars. @default ["mesh"] */
  readonly gateways?: readonly string[];
  /** Routes for HTTP and gRPC, the first that matches counts. */
  readonly http?: readonly HttpRoute[];
  /** Routes for TLS that nobody opens, by the name that the caller asks for. */
  readonly tls?: readonly TlsRoute[];
  /** Routes for any other TCP. */
  readonly tcp?: readonly TcpRoute[];
  /** Namespaces that see this object: names, `.` for its own, or `*` alone. @default ["*"] */
  readonly exportTo?: readonly string[];
}

/** Where connections with TLS go that nobody opens on the way. */
export interface TlsRoute {
  /** Conditions, of which one must hold. At least one. */
  readonly match: readonly TlsMatchAttributes[];
  /** Where the connections go. */
  readonly route: readonly RouteDestination[];
}

/** What a TLS connection must be like. */
export interface TlsMatchAttributes extends L4MatchAttributes {
  /** Names that the caller asks for (SNI), each among the hosts of the VirtualService. */
  readonly sniHosts: readonly string[];
}

/** Where connections go. */
export interface TcpRoute {
  /** Conditions, of which one must hold. @default - every connection */
  readonly match?: readonly TcpMatchAttributes[];
  /** Where the connections go. */
  readonly route: readonly RouteDestination[];
}

/** What a connection must be like. All conditions hold together. */
export interface L4MatchAttributes {
  /** Ranges that the address called lies in. */
  readonly destinationSubnets?: readonly string[];
  /** Port called. Range: 1 to 65535. */
  readonly port?: number;
  /** Labels of the calling pod. Not at gateways. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Namespace of the calling pod. */
  readonly sourceNamespace?: string;
  /** Gateways where the match counts, in place of those of the VirtualService. */
  readonly gateways?: readonly string[];
}

/** What a TCP connection must be like. */
export interface TcpMatchAttributes extends L4MatchAttributes {
  /** Range of the caller's address. @deprecated Istio does not look at it. */
  readonly sourceSubnet?: string;
}

/** A destination and its share of the connections. */
export interface RouteDestination {
  /** Where the connections go. */
  readonly destination: Destination;
  /** Share relative to the other destinations. A whole number from 0. */
  readonly weight?: number;
}

const since: Since = {
  "http[].corsPolicy.unmatchedPreflights": "1.23",
  "http[].mirrors": "1.19",
  "http[].redirect.prefixRewrite": "1.31",
  "http[].retries.backoff": "1.26",
  "http[].retries.retryIgnorePreviousHosts": "1.26",
  "http[].retries.retryOn=http3-post-connect-failure": "1.23",
  "http[].retries.retryOn=reset-before-request": "1.23",
  "http[].rewrite.uriRegexRewrite": "1.19",
};

/** What a sidecar asks a gateway with AUTO_PASSTHROUGH for: `outbound_.8080_._.pricing.shop.svc.cluster.local`. */
const sniOfSidecar = /^outbound_\.?\d[^_]*_[^_]*_[^_]*[a-zA-Z]/;
const hostOrSni: Check = (path, value) => (isText(value) && sniOfSidecar.test(value) ? [] : hostOrAddress(path, value));

const layer4 = {
  destinationSubnets: optional(each(cidrOrAddress)),
  port: optional(portOrNone),
  sourceLabels: optional(labels),
  sourceNamespace: optional(tolerated(dnsLabel, isText)),
  gateways: optional(gatewayNames),
};
const route: Check = each(part<RouteDestination>({ destination, weight: optional(weight) }), { min: 1 });
const tlsRoute: Check = part<TlsRoute>(
  { match: each(part<TlsMatchAttributes>({ ...layer4, sniHosts: each(hostOrSni, { min: 1 }) }), { min: 1 }), route },
  someWeight,
);
const tcpRoute: Check = part<TcpRoute>(
  { match: optional(each(part<TcpMatchAttributes>({ ...layer4, sourceSubnet: optional(tolerated(cidrOrAddress, isText)) }))), route },
  someWeight,
);

const someRoute: Rule<VirtualServiceSpec> = ({ http, tls, tcp }, path) =>
  given(http) || given(tls) || given(tcp) ? [] : [{ path, message: "got no route, expected at least one in http, tls or tcp." }];

const delegateOnly: Rule<VirtualServiceSpec> = (spec, path) => {
  if (given(spec.hosts)) return [];
  const delegates = items(spec.http).flatMap((http, index) =>
    noneOf(http, `${path}.http[${index}]`, "a delegate does not delegate on", "delegate"),
  );
  return [...noneOf(spec, path, "without hosts this is a delegate", "gateways", "tls", "tcp"), ...delegates];
};

/** Sidecars take no host `*`, and have no verified JWT to look at. */
const gatewayOnly: Rule<VirtualServiceSpec> = ({ hosts, gateways, http }, path) => {
  if (isDeferred(gateways) || items(gateways).some(isDeferred) || (given(gateways) && !items(gateways).includes("mesh"))) return [];
  return [
    ...items(hosts).flatMap((host, index) =>
      host === "*"
        ? [{ path: `${path}.hosts[${index}]`, message: 'got "*", expected a narrower host, because the routes are for sidecars too.' }]
        : [],
    ),
    ...items(http).flatMap((route, index) => (route.match === undefined ? [] : claimProblems(route, `${path}.http[${index}]`))),
  ];
};

function claimProblems({ match }: HttpRoute, path: string): readonly Problem[] {
  return items(match).flatMap(({ headers = {}, withoutHeaders = {} }, index) =>
    claims([...Object.keys(headers), ...Object.keys(withoutHeaders)]).map((name) => ({
      path: `${path}.match[${index}]`,
      message: `looks at ${name}, but the routes are for sidecars too, and only gateways can.`,
    })),
  );
}

/** No host is another one's wildcard: Envoy refuses the same domain twice. */
const distinctHosts: Rule<VirtualServiceSpec> = ({ hosts }, path) => {
  if (items(hosts).length < 2) return [];
  const full = new Map<string, string>();
  const wildcards: string[] = [];
  return items(hosts).flatMap((host, index) => {
    if (isDeferred(host)) return [];
    const wide = host.startsWith("*");
    const twin =
      wildcards.find((earlier) => covers(earlier, host) || covers(host, earlier)) ??
      (wide ? [...full.values()].find((earlier) => covers(host, earlier)) : full.get(host.toLowerCase()));
    if (wide) wildcards.push(host);
    else full.set(host.toLowerCase(), host);
    return twin === undefined ? [] : [overlap(`${path}.hosts[${index}]`, host, twin)];
  });
};

/** Istio tells hosts apart by their capitals; Envoy does not, and refuses them. */
function overlap(path: string, host: string, twin: string): Problem | ToleratedProblem {
  const message = `got "${host}", which overlaps "${twin}".`;
  return coversAsWritten(host, twin) || coversAsWritten(twin, host) ? { path, message } : { path, message, reason: "tolerated" };
}

const sniAmongHosts: Rule<VirtualServiceSpec> = ({ hosts, tls }, path) => {
  if (tls === undefined || isDeferred(hosts) || items(hosts).some(isDeferred)) return [];
  return items(tls).flatMap(({ match }, route) =>
    items(match).flatMap(({ sniHosts }, index) =>
      items(sniHosts)
        .filter((sni) => !isDeferred(sni) && isIP(sni) === 0 && !items(hosts).some((host) => coversAsWritten(host, sni)))
        .map((sni) => ({
          path: `${path}.tls[${route}].match[${index}].sniHosts`,
          message: `got "${sni}", expected one of the hosts: ${items(hosts).join(", ")}.`,
        })),
    ),
  );
};

/** Only gateways are asked for the names that sidecars write, and only in TLS. */
const sniAtGateways: Rule<VirtualServiceSpec> = ({ hosts, gateways, tls }, path) => {
  const atGateway = isDeferred(gateways) || !items(gateways).includes("mesh");
  const inHosts = atGateway && gateways !== undefined && tls !== undefined;
  const names = [
    ...(inHosts ? [] : items(hosts).map((host, index) => ({ host, at: `${path}.hosts[${index}]` }))),
    ...(atGateway
      ? []
      : items(tls).flatMap(({ match }, route) =>
          items(match).flatMap(({ sniHosts }, index) =>
            items(sniHosts).map((host) => ({ host, at: `${path}.tls[${route}].match[${index}].sniHosts` })),
          ),
        )),
  ];
  return names.flatMap(({ host, at }) => (isText(host) && sniOfSidecar.test(host) ? hostOrAddress(at, host) : []));
};

const virtualService: Check = part<VirtualServiceSpec>(
  {
    hosts: optional(tolerated(each(hostOrSni, { min: 1 }), isEmptyList)),
    gateways: optional(gatewayNames),
    http: optional(each(httpRoute)),
    tls: optional(each(tlsRoute)),
    tcp: optional(each(tcpRoute)),
    exportTo: optional(exportTo()),
  },
  someRoute,
  delegateOnly,
  gatewayOnly,
  distinctHosts,
  sniAtGateways,
  sniAmongHosts,
);

/** What is to know of a VirtualService to check it. */
export const virtualServiceKind: Kind<"VirtualService"> = { kind: "VirtualService", spec: virtualService, metadata: exportedOnce, since };
