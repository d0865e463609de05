import { isIP } from "node:net";
import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type Check, optional, satisfies, wholeNumber } from "../core/check";
import { dnsLabel, isDnsLabel } from "../core/name";
import { type Problem, problem } from "../core/problem";
import { distinct, each, isDeferred, part, type Rule } from "./part";
import { manifest } from "./resource";
import { opensNothing, type ServerTlsSettings, serverTls, serverTlsSince } from "./server-tls";
import { type Since, under } from "./since";
import { isHttp, isTls, isUnixSocket, isWildcardHost, labels, type Protocol, protocol, someText, text } from "./text";

export type { ServerTlsMode, ServerTlsSettings, TlsCertificate, TlsVersion } from "./server-tls";
export type { Protocol } from "./text";

/**
 * The ports that a gateway's pods open to callers from outside, and for which hosts.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/
 */
export interface GatewaySpec {
  /** At least one. */
  readonly servers: readonly GatewayServer[];
  /** Labels of the gateway's pods, in any namespace unless the mesh restricts it. */
  readonly selector?: Readonly<Record<string, string>>;
}

/** A port and the hosts that it is open for. */
export interface GatewayServer {
  /** Port that the server listens on. */
  readonly port: GatewayPort;
  /** Hosts in full, `*.example.no` or `*`; `namespace/host` lets only VirtualServices of that namespace use it, `./host` those of its own. */
  readonly hosts: readonly string[];
  /** Required for HTTPS and TLS; for HTTP only `httpsRedirect`. */
  readonly tls?: ServerTlsSettings;
  /** Name of the server, for Envoy's logs. */
  readonly name?: string;
  /** Address or Unix socket that is listened on. @default - every address of the pod */
  readonly bind?: string;
  /** @deprecated Istio does not look at it. */
  readonly defaultEndpoint?: string;
}

/** A port of a gateway. */
export interface GatewayPort {
  /** The port that callers name, which the gateway's Service maps to the pod. Range: 1 to 65535, 0 for a Unix socket. */
  readonly number: number;
  /** What is spoken on the port. */
  readonly protocol: Protocol;
  /** Once in the Gateway. */
  readonly name: string;
}

/** Props of a {@link Gateway}. */
export interface GatewayProps {
  /** Name, namespace, labels and annotations. The name is an RFC 1123 label, without dots. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** The ports. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: GatewaySpec;
}

/**
 * Istio's Gateway, in the apiVersion of the tree's release. Not the Gateway API's kind of the same name.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { Gateway, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new Gateway(new Chart(app, "edge"), "Gateway", {
 *   metadata: { name: "edge" },
 *   spec: {
 *     selector: { istio: "ingressgateway" },
 *     servers: [
 *       {
 *         port: { number: 443, protocol: "HTTPS", name: "https" },
 *         hosts: ["pay.example.no"],
 *         tls: { mode: "SIMPLE", credentialName: "pay-tls" },
 *       },
 *     ],
 *   },
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: Gateway
 * metadata:
 *   name: edge
 * spec:
 *   selector:
 *     istio: ingressgateway
 *   servers:
 *     - hosts:
 *         - pay.example.no
 *       port:
 *         name: https
 *         number: 443
 *         protocol: HTTPS
 *       tls:
 *         credentialName: pay-tls
 *         mode: SIMPLE
 * ```
 */
export class Gateway extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id, manifest(scope, id, props, { kind: "Gateway", problems: allProblems, since }));
  }
}

/** What Istio's own validation would refuse in a spec, looking at nothing else in the mesh. */
export function gatewayProblems(spec: GatewaySpec): readonly Problem[] {
  return gateway("spec", spec);
}

const since: Since = under(["servers[].tls"], serverTlsSince);

const serverHost: Check = satisfies(
  "a host name in full, *.example.no or *, with or without namespace/ before it",
  (value) => typeof value === "string" && isServerHost(value),
);

const bind: Check = satisfies(
  "an address, or a Unix socket such as unix:///run/edge.sock",
  (value) => typeof value === "string" && (isIP(value) > 0 || isUnixSocket(value)),
);

/** A port number, or none for a Unix socket. */
const portOrSocket: Rule<GatewayServer> = ({ port, bind }, path) => {
  if (isDeferred(port) || isDeferred(bind) || typeof port.number !== "number") return [];
  const socket = bind?.startsWith("unix://") === true;
  if (socket === (port.number === 0)) return [];
  return [problem(`${path}.port.number`, port.number, socket ? "0, because bind is a Unix socket" : "a port from 1 to 65535")];
};

const tlsForProtocol: Rule<GatewayServer> = ({ port, tls }, path) => {
  if (isDeferred(port) || isDeferred(tls) || typeof port.protocol !== "string") return [];
  if (isTls(port.protocol))
    return tls === undefined ? [problem(`${path}.tls`, tls, `settings, because the port speaks ${port.protocol}`)] : [];
  if (tls === undefined || (isHttp(port.protocol) && opensNothing(tls))) return [];
  const allowed = isHttp(port.protocol) ? "only httpsRedirect" : "nothing";
  return [problem(`${path}.tls`, tls, `${allowed}, because the port speaks ${port.protocol}, without TLS`)];
};

const server: Check = part<GatewayServer>(
  {
    port: part<GatewayPort>({ number: wholeNumber(0, 65535), protocol, name: someText }),
    hosts: each(serverHost, { min: 1 }),
    tls: optional(serverTls),
    name: optional(text),
    bind: optional(bind),
    defaultEndpoint: optional(text),
  },
  portOrSocket,
  tlsForProtocol,
);

const gateway: Check = part<GatewaySpec>({ servers: each(server, { min: 1 }), selector: optional(labels) }, ({ servers }, path) =>
  distinct(servers, `${path}.servers`, ({ port }) => port?.name, "port.name"),
);

function allProblems({ metadata, spec }: GatewayProps): readonly Problem[] {
  const name = metadata?.name;
  return [...(name === undefined || isDeferred(name) ? [] : dnsLabel("metadata.name", name)), ...gatewayProblems(spec)];
}

function isServerHost(value: string): boolean {
  const slash = value.indexOf("/");
  const namespace = slash < 0 ? undefined : value.slice(0, slash);
  const host = value.slice(slash + 1);
  if (namespace !== undefined && namespace !== "*" && namespace !== "." && !isDnsLabel(namespace)) return false;
  return isFullHost(host) || isIP(host) > 0;
}

/** Whether a host is written in full; a wildcard stands for whole labels. */
export function isFullHost(host: string): boolean {
  return host === "*" || (host.includes(".") && isWildcardHost(host) && (!host.includes("*") || host.startsWith("*.")));
}
