import { type Check, oneOf, optional, port, satisfies, wholeNumber } from "../core/check";
import { isDnsLabel } from "../core/name";
import { type Problem, problem } from "../core/problem";
import { type ConnectionPoolSettings, connectionPool, connectionPoolSince } from "./connection-pool";
import { type Destination, destination } from "./destination";
import type { Kind } from "./kind";
import { distinct, each, given, isDeferred, items, noneOf, part, type Rule, withoutEffect } from "./part";
import { type LabelSelector, labelSelector } from "./selector";
import { type ServerTlsSettings, serverTls, serverTlsSince } from "./server-tls";
import { type Since, under } from "./since";
import { address, isFullHost, isHost, isTls, istioLabel, isUnixSocket, orEmpty, type Protocol, protocol, text } from "./text";
import { isText, tolerated, toleratedRule } from "./tolerated";

/**
 * What the sidecars of some pods know and do. With a selector it replaces the namespace's Sidecar for those pods; the two never merge.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export interface SidecarSpec {
  /** Pods it is for. @default - every pod of the namespace */
  readonly workloadSelector?: LabelSelector;
  /** Ports that callers come in by. @default - those of the pod's Services */
  readonly ingress?: readonly IstioIngressListener[];
  /** Services that the pods can call: what is not named here, their sidecars do not know. @default - all that the mesh lets them see */
  readonly egress?: readonly IstioEgressListener[];
  /** Limits for what comes in, on all ports. From Istio 1.20. */
  readonly inboundConnectionPool?: ConnectionPoolSettings;
  /** What happens to calls of hosts that the sidecar does not know. @default - as the mesh is configured */
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
}

/** A port that callers come in by. */
export interface IstioIngressListener {
  /** Port that the proxy listens on. */
  readonly port: SidecarPort;
  /** Address that is listened on. @default - the pod's */
  readonly bind?: string;
  /** How traffic gets to the listener. */
  readonly captureMode?: CaptureMode;
  /** Where the pod listens: `127.0.0.1:<port>`, `0.0.0.0:<port>`, `[::1]:<port>`, `[::]:<port>`, `:<port>` or `unix://<path>`. @default - the pod's address and the port */
  readonly defaultEndpoint?: string;
  /** TLS for callers outside the mesh. Only where mTLS is off for the port. */
  readonly tls?: ServerTlsSettings;
  /** Limits for what comes in by the port. From Istio 1.20. */
  readonly connectionPool?: ConnectionPoolSettings;
}

/** Services that can be called by a port, or by any. */
export interface IstioEgressListener {
  /** `namespace/host`; `*` stands for every namespace or host, `.` for the own namespace, `~` for none, from Istio 1.31 `~namespace` for all but that. */
  readonly hosts: readonly string[];
  /** @default - every port that the hosts have; only the last listener may leave it out */
  readonly port?: SidecarPort;
  /** Address that is listened on, or a Unix socket when the port's number is 0. */
  readonly bind?: string;
  /** How traffic gets to the listener. */
  readonly captureMode?: CaptureMode;
}

/** A port of a sidecar. */
export interface SidecarPort {
  /** Range: 1 to 65535, 0 for a Unix socket. */
  readonly number: number;
  /** @default - found out from what is sent */
  readonly protocol?: Protocol;
  readonly name?: string;
}

/** How connections get to the sidecar: redirected (`IPTABLES`), or because the pod names it (`NONE`). */
export type CaptureMode = "DEFAULT" | "IPTABLES" | "NONE";

/** What happens to calls of hosts that a sidecar does not know. */
export interface OutboundTrafficPolicy {
  /** `REGISTRY_ONLY` refuses them; `ALLOW_ANY` lets them out without TLS and without routes. */
  readonly mode?: "REGISTRY_ONLY" | "ALLOW_ANY";
  /** Sends them here instead. Only with `ALLOW_ANY`, and with a port. */
  readonly egressProxy?: Destination;
}

const since: Since = {
  ...under(["inboundConnectionPool", "ingress[].connectionPool"], connectionPoolSince),
  ...under(["ingress[].tls"], serverTlsSince),
  inboundConnectionPool: "1.20",
  "ingress[].connectionPool": "1.20",
};

const captureMode: Check = oneOf("DEFAULT", "IPTABLES", "NONE");
const portNumbered = (number: Check): Check =>
  part<SidecarPort & { readonly targetPort?: number }>({
    number,
    protocol: optional(orEmpty(protocol)),
    name: optional(istioLabel),
    targetPort: withoutEffect,
  });
const sidecarPort: Check = portNumbered(optional(wholeNumber(0, 65535)));
const ingressPort: Check = portNumbered(port);

const egressHost: Check = satisfies(
  'namespace/host, such as "./*", "istio-system/*" or "shop/pricing.shop.svc.cluster.local"',
  (value) => typeof value === "string" && isEgressHost(value),
);
const bind: Check = satisfies(
  "an address, or a Unix socket such as unix:///run/shop.sock",
  (value) => typeof value === "string" && (value.startsWith("unix://") ? isUnixSocket(value) : address("", value).length === 0),
);
const defaultEndpoint: Check = satisfies(
  "127.0.0.1:<port>, 0.0.0.0:<port>, [::1]:<port>, [::]:<port>, :<port> or unix://<path>",
  (value) => typeof value === "string" && isEndpoint(value),
);

/** TLS of a sidecar takes files only, and is opened there. */
const sidecarTls: Rule<IstioIngressListener> = ({ port, tls }, path) => {
  if (tls === undefined || isDeferred(tls)) return [];
  const { protocol = "TCP" } = port;
  const at = `${path}.tls`;
  const because = "sidecars do not support it";
  const mode =
    tls.mode === "ISTIO_MUTUAL" || tls.mode === "AUTO_PASSTHROUGH"
      ? [problem(`${at}.mode`, tls.mode, "SIMPLE, MUTUAL, OPTIONAL_MUTUAL or PASSTHROUGH")]
      : [];
  const plain =
    !isDeferred(port) && !isDeferred(protocol) && !isTls(protocol)
      ? [problem(at, tls, `nothing, because the port speaks ${protocol}, without TLS`)]
      : [];
  const redirect = tls.httpsRedirect === true ? noneOf(tls, at, because, "httpsRedirect") : [];
  return [
    ...mode,
    ...plain,
    ...redirect,
    ...noneOf(tls, at, because, "subjectAltNames", "credentialName", "credentialNames", "tlsCertificates"),
  ];
};

const ingress: Check = part<IstioIngressListener>(
  {
    port: ingressPort,
    bind: optional(orEmpty(address)),
    captureMode: optional(captureMode),
    defaultEndpoint: optional(defaultEndpoint),
    tls: optional(serverTls),
    connectionPool: optional(connectionPool),
  },
  sidecarTls,
);

/** A Unix socket has no port number and is not redirected to. */
const socketOrPort: Rule<IstioEgressListener> = ({ port, bind, captureMode }, path) => {
  if (port === undefined || isDeferred(port) || isDeferred(port.number) || isDeferred(bind)) return [];
  const socket = bind?.startsWith("unix://") === true;
  const { number = 0 } = port;
  if (number === 0 && !socket) return [problem(`${path}.bind`, bind, "a Unix socket, because the port's number is 0")];
  if (number !== 0 && socket) return [problem(`${path}.port.number`, port.number, "0, because bind is a Unix socket")];
  return socket && captureMode === "IPTABLES"
    ? [problem(`${path}.captureMode`, captureMode, "DEFAULT or NONE, because bind is a Unix socket")]
    : [];
};

/** Istio looks at the address of a port only. */
const boundTo: Rule<IstioEgressListener> = ({ bind: at }, path) =>
  at === undefined || at === "" || isDeferred(at) ? [] : bind(`${path}.bind`, at);

/** Istio takes capitals too, though no namespace has any. */
const listenerHost: Check = tolerated(egressHost, (value) => isText(value) && isEgressHost(value.toLowerCase()));

const egress: Check = part<IstioEgressListener>(
  { hosts: each(listenerHost, { min: 1 }), port: optional(sidecarPort), bind: optional(text), captureMode: optional(captureMode) },
  toleratedRule(boundTo, ({ port }) => port === undefined),
  socketOrPort,
);

/** The listener for every port comes last: it would hide those after it. */
const catchAllLast: Rule<SidecarSpec> = ({ egress }, path) =>
  items(egress)
    .slice(0, -1)
    .flatMap((listener, index) =>
      isDeferred(listener) || listener.port !== undefined
        ? []
        : [problem(`${path}.egress[${index}].port`, undefined, "a port: only the last listener may leave it out")],
    );

const distinctPorts: Rule<SidecarSpec> = ({ ingress, egress }, path) => [
  ...distinct(ingress, `${path}.ingress`, ({ port }) => port?.number, "port.number"),
  ...distinct(
    egress,
    `${path}.egress`,
    ({ port, bind }) => (port !== undefined && (port.number ?? 0) === 0 ? bind : port?.number),
    "port.number",
  ),
];

const proxyNeeds: Rule<OutboundTrafficPolicy> = ({ mode, egressProxy }, path) => {
  if (egressProxy === undefined || isDeferred(egressProxy) || isDeferred(mode)) return [];
  const at = `${path}.egressProxy`;
  return [
    ...(mode === "ALLOW_ANY" ? [] : [problem(at, egressProxy, "nothing, because the mode is not ALLOW_ANY")]),
    ...(egressProxy.port === undefined ? [problem(`${at}.port`, undefined, "a port")] : []),
    ...(isDeferred(egressProxy.host) || isHost(egressProxy.host)
      ? []
      : [problem(`${at}.host`, egressProxy.host, "a host name without a wildcard")]),
  ];
};

const sidecar: Check = part<SidecarSpec>(
  {
    workloadSelector: optional(labelSelector),
    ingress: optional(each(ingress)),
    egress: optional(each(egress)),
    inboundConnectionPool: optional(connectionPool),
    outboundTrafficPolicy: optional(
      part<OutboundTrafficPolicy>({ mode: optional(oneOf("REGISTRY_ONLY", "ALLOW_ANY")), egressProxy: optional(destination) }, proxyNeeds),
    ),
  },
  saysSomething,
  catchAllLast,
  distinctPorts,
);

/** What is to know of a Sidecar to check it. */
export const sidecarKind: Kind<"Sidecar"> = { kind: "Sidecar", spec: sidecar, since };

function saysSomething({ egress, ingress, outboundTrafficPolicy, inboundConnectionPool }: SidecarSpec, path: string): readonly Problem[] {
  return given(egress) || given(ingress) || outboundTrafficPolicy !== undefined || inboundConnectionPool !== undefined
    ? []
    : [{ path, message: "is empty, expected at least one of egress, ingress, outboundTrafficPolicy, inboundConnectionPool." }];
}

function isEgressHost(value: string): boolean {
  const slash = value.indexOf("/");
  if (slash < 0) return false;
  const namespace = value.slice(0, slash);
  return (
    (namespace === "~" || namespace === "*" || namespace === "." || isDnsLabel(namespace.replace(/^~/, ""))) &&
    isFullHost(value.slice(slash + 1))
  );
}

function isEndpoint(value: string): boolean {
  if (value.startsWith("unix://")) return isUnixSocket(value);
  const [, number] = /^(?:127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\])?:(\d{1,5})$/.exec(value) ?? [];
  return Number(number) >= 1 && Number(number) <= 65535;
}
