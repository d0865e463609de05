import { isIP } from "node:net";
import { type Check, optional, satisfies, wholeNumber } from "../core/check";
import { dnsLabel, isDnsLabel, labelKey, labelValue } from "../core/name";
import { type Problem, problem } from "../core/problem";
import type { Kind } from "./kind";
import { dict, distinct, each, isDeferred, part, type Rule, withoutEffect } from "./part";
import { opensNothing, type ServerTlsSettings, serverTls, serverTlsSince } from "./server-tls";
import { type Since, under } from "./since";
import { isFullHost, isHttp, isTls, isUnixSocket, type Protocol, protocol, someText, text } from "./text";
import { isText, tolerated } from "./tolerated";

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
    port: part<GatewayPort & { readonly targetPort?: number }>({
      number: wholeNumber(0, 65535),
      protocol,
      name: someText,
      targetPort: withoutEffect,
    }),
    hosts: each(
      tolerated(serverHost, (value) => isText(value) && isServerHost(value.toLowerCase())),
      { min: 1 },
    ),
    tls: optional(serverTls),
    name: optional(text),
    bind: optional(bind),
    defaultEndpoint: optional(text),
  },
  portOrSocket,
  tlsForProtocol,
);

/** Istio looks at no label: with one that pods cannot carry it finds no gateway. */
const selector: Check = dict(tolerated(labelKey, isText), tolerated(labelValue, isText));

const gateway: Check = part<GatewaySpec>({ servers: each(server, { min: 1 }), selector: optional(selector) }, ({ servers }, path) =>
  distinct(servers, `${path}.servers`, ({ port }) => port?.name, "port.name"),
);

/** What is to know of a Gateway to check it. */
export const gatewayKind: Kind<"Gateway"> = { kind: "Gateway", spec: gateway, metadata: nameProblems, since };

/** Istio takes no dot in the name: VirtualServices would read what follows it as a namespace. */
function nameProblems({ name }: Readonly<Record<string, unknown>>): readonly Problem[] {
  return name === undefined || isDeferred(name) ? [] : dnsLabel("metadata.name", name);
}

function isServerHost(value: string): boolean {
  const slash = value.indexOf("/");
  const namespace = slash < 0 ? undefined : value.slice(0, slash);
  const host = value.slice(slash + 1);
  if (namespace !== undefined && namespace !== "*" && namespace !== "." && !isDnsLabel(namespace)) return false;
  return isFullHost(host) || (isIP(host) > 0 && host.includes("."));
}
