import { bool, type Check, oneOf, optional } from "../core/check";
import type { DurationText } from "../core/duration";
import { problem } from "../core/problem";
import { atLeastOneOf, part, type Rule } from "./part";
import type { Since } from "./since";
import { count31, count32, duration, durationOrZero, tryGoMilliseconds } from "./text";
import { tolerated } from "./tolerated";

/** How many connections and requests may be open to a destination. More wait, or are refused with 503. */
export interface ConnectionPoolSettings {
  /** Limits on connections. */
  readonly tcp?: TcpSettings;
  /** Limits on requests. */
  readonly http?: HttpSettings;
}

/** Limits for connections. */
export interface TcpSettings {
  /** Connections to the destination, HTTP/1.1 included. Per calling proxy. @default 4294967295 */
  readonly maxConnections?: number;
  /** How long making a connection may take. Unit: duration text, at least 1ms. @default "10s" */
  readonly connectTimeout?: DurationText;
  /** Keepalive probes of the kernel. */
  readonly tcpKeepalive?: TcpKeepalive;
  /** How long a connection may last. Unit: duration text, at least 1ms. @default - for ever */
  readonly maxConnectionDuration?: DurationText;
  /** How long a TCP connection may be silent; `"0s"` for ever. From Istio 1.21. @default "1h" */
  readonly idleTimeout?: DurationText;
}

/** Keepalive probes of the kernel, on connections to the destination. */
export interface TcpKeepalive {
  /** Probes without an answer after which the connection is dead. @default - the kernel's, 9 on Linux */
  readonly probes?: number;
  /** Silence before the first probe. Unit: duration text. @default - the kernel's, 2h on Linux */
  readonly time?: DurationText;
  /** Time between probes. Unit: duration text. @default - the kernel's, 75s on Linux */
  readonly interval?: DurationText;
}

/** Limits for HTTP requests. */
export interface HttpSettings {
  /** Requests that wait for a connection. One more is refused with 503. @default 4294967295 */
  readonly http1MaxPendingRequests?: number;
  /** Requests at the same time, over HTTP/1.1 and HTTP/2. @default 4294967295 */
  readonly http2MaxRequests?: number;
  /** Requests after which a connection is closed; 1 switches keep-alive off. @default 0, which is without end */
  readonly maxRequestsPerConnection?: number;
  /** Retries at the same time, to all pods of the destination together. @default 4294967295 */
  readonly maxRetries?: number;
  /** How long a connection without requests is kept. Unit: duration text, at least 1ms. @default "1h" */
  readonly idleTimeout?: DurationText;
  /** Whether HTTP/1.1 is sent as HTTP/2. @default "DEFAULT", as the mesh is configured */
  readonly h2UpgradePolicy?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
  /** Whether the version that the caller speaks is kept. Not with `UPGRADE`. @default false */
  readonly useClientProtocol?: boolean;
  /** Requests at the same time on one HTTP/2 connection. From Istio 1.21. @default 2147483647 */
  readonly maxConcurrentStreams?: number;
  /** PING frames on HTTP/2 connections. From Istio 1.31. */
  readonly http2KeepAlive?: Http2KeepAlive;
}

/** PING frames that find dead HTTP/2 connections. */
export interface Http2KeepAlive {
  /** Time between frames. Unit: duration text, at least 1ms. */
  readonly interval: DurationText;
  /** How long an answer may take. Unit: duration text, at least 1ms. */
  readonly timeout: DurationText;
}

const tcp: Check = part<TcpSettings>({
  maxConnections: optional(count31),
  connectTimeout: optional(duration),
  tcpKeepalive: optional(part<TcpKeepalive>({ probes: optional(count32), time: optional(duration), interval: optional(duration) })),
  maxConnectionDuration: optional(duration),
  idleTimeout: optional(tolerated(durationOrZero, isBelowMillisecond)),
});

const keptProtocol: Rule<HttpSettings> = ({ useClientProtocol, h2UpgradePolicy }, path) =>
  useClientProtocol === true && h2UpgradePolicy === "UPGRADE"
    ? [problem(`${path}.useClientProtocol`, true, "nothing, because UPGRADE does not keep what the caller speaks")]
    : [];

const http: Check = part<HttpSettings>(
  {
    http1MaxPendingRequests: optional(count31),
    http2MaxRequests: optional(count31),
    maxRequestsPerConnection: optional(count31),
    maxRetries: optional(count31),
    idleTimeout: optional(duration),
    h2UpgradePolicy: optional(oneOf("DEFAULT", "DO_NOT_UPGRADE", "UPGRADE")),
    useClientProtocol: optional(bool),
    maxConcurrentStreams: optional(count31),
    http2KeepAlive: optional(part<Http2KeepAlive>({ interval: duration, timeout: duration })),
  },
  keptProtocol,
);

/** Limits that Istio takes: at least one. */
export const connectionPool: Check = part<ConnectionPoolSettings>(
  { tcp: optional(tcp), http: optional(http) },
  atLeastOneOf("tcp", "http"),
);

/** What came later than Istio 1.17, below the limits. */
export const connectionPoolSince: Since = {
  "http.http2KeepAlive": "1.31",
  "http.maxConcurrentStreams": "1.21",
  "tcp.idleTimeout": "1.21",
};

/** Istio counts in whole milliseconds here, and takes none for no timeout. */
function isBelowMillisecond(value: unknown): boolean {
  const ms = value === "0" ? 0 : (tryGoMilliseconds(value) ?? 1);
  return ms < 1;
}
