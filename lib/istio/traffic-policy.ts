import { isIP } from "node:net";
import { all, bool, type Check, numberBetween, oneOf, optional, port, satisfies, wholeNumber } from "../core/check";
import type { DurationText } from "../core/duration";
import { type Problem, problem } from "../core/problem";
import { type ConnectionPoolSettings, connectionPool, connectionPoolSince } from "./connection-pool";
import { type LoadBalancerSettings, loadBalancer, loadBalancerSince } from "./load-balancer";
import { atLeastOneOf, atMostOneOf, distinct, each, noneOf, part, type Rule } from "./part";
import { type Since, under } from "./since";
import { count32, duration, isHost, someText, text } from "./text";
import { isMissing, isText, tolerated } from "./tolerated";

/** How requests are sent to a destination. Names at least one thing. */
export interface TrafficPolicy extends PortPolicy {
  /** Policies for ports; each replaces the whole policy for its port. */
  readonly portLevelSettings?: readonly PortTrafficPolicy[];
  /** Sends TCP through an HTTP proxy's CONNECT. Not together with `proxyProtocol`. */
  readonly tunnel?: TunnelSettings;
  /** Says the caller's address at the start of a connection. From Istio 1.21. */
  readonly proxyProtocol?: { readonly version?: "V1" | "V2" };
  /** How many of the requests may be retries. From Istio 1.27. */
  readonly retryBudget?: RetryBudget;
}

/** What may differ from port to port. */
export interface PortPolicy {
  /** How a pod is chosen. */
  readonly loadBalancer?: LoadBalancerSettings;
  /** Limits at which a caller gets a 503 at once. */
  readonly connectionPool?: ConnectionPoolSettings;
  /** When a failing pod is taken out. */
  readonly outlierDetection?: OutlierDetection;
  /** How callers connect. */
  readonly tls?: ClientTlsSettings;
}

/** The policy for one port of a destination. */
export interface PortTrafficPolicy extends PortPolicy {
  /** The port that it is for. */
  readonly port: { readonly number: number };
}

/** Takes pods out that fail, for a while. Each calling proxy judges by what it sees itself. */
export interface OutlierDetection {
  /** Answers with status 5xx in a row, failed connections included. 0 switches it off. @default 5 */
  readonly consecutive5xxErrors?: number;
  /** Answers 502, 503 and 504 in a row, failed connections included. @default - off */
  readonly consecutiveGatewayErrors?: number;
  /** Whether failed connections are counted apart from answers. @default false */
  readonly splitExternalLocalOriginErrors?: boolean;
  /** Failed connections in a row. Only with `splitExternalLocalOriginErrors`. @default 5 */
  readonly consecutiveLocalOriginFailures?: number;
  /** Statuses that count, in place of all 5xx. Range: 100 to 599. From Istio 1.31. */
  readonly outlierDetectionHttpErrorCodes?: readonly number[];
  /** Time between two looks. Unit: duration text, at least 1ms. @default "10s" */
  readonly interval?: DurationText;
  /** How long a pod is out the first time; the n-th time n times as long. Unit: duration text, at least 1ms. @default "30s" */
  readonly baseEjectionTime?: DurationText;
  /** Pods that may be out at once. From Istio 1.20 it also holds for the first pod: 10 takes none of nine out. Unit: percent. @default 10 */
  readonly maxEjectionPercent?: number;
  /** Healthy pods below which nothing is taken out any more. Unit: percent. @default 0 */
  readonly minHealthPercent?: number;
  /** Errors in a row. @deprecated Use `consecutive5xxErrors`. */
  readonly consecutiveErrors?: number;
}

/** TLS to a destination. Without it, sidecars use Istio's own where the destination has a sidecar too (auto mTLS). */
export interface ClientTlsSettings {
  /** `ISTIO_MUTUAL` takes the certificates of the mesh, and switches auto mTLS off: pods without a sidecar are not reached. */
  readonly mode: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
  /** File of the certificate, for `MUTUAL`. */
  readonly clientCertificate?: string;
  /** File of the key, for `MUTUAL`. */
  readonly privateKey?: string;
  /** File of the authorities that may have signed the server's certificate. */
  readonly caCertificates?: string;
  /** File of revoked certificates. From Istio 1.22. */
  readonly caCrl?: string;
  /** Secret that holds certificate, key and authorities. Not together with files. */
  readonly credentialName?: string;
  /** Names of which the server's certificate must hold one. */
  readonly subjectAltNames?: readonly string[];
  /** Name that the server is asked for. */
  readonly sni?: string;
  /** Whether the server's certificate is not looked at. @default false */
  readonly insecureSkipVerify?: boolean;
}

/** An HTTP proxy on the way. */
export interface TunnelSettings {
  /** @default "CONNECT" */
  readonly protocol?: "CONNECT" | "POST";
  /** Host behind the proxy. */
  readonly targetHost: string;
  /** Range: 1 to 65535. */
  readonly targetPort: number;
}

/** How many of the requests may be retries. */
export interface RetryBudget {
  /** Unit: percent of the requests at the same time, 0 to 100. @default 20 */
  readonly percent?: number;
  /** Retries that are always allowed at the same time. @default 3 */
  readonly minRetryConcurrency?: number;
  /** Time over which requests are counted. From Istio 1.31. Unit: duration text. */
  readonly budgetInterval?: DurationText;
}

const localOriginSplit: Rule<OutlierDetection> = (outlier, path) =>
  outlier.splitExternalLocalOriginErrors === undefined || outlier.splitExternalLocalOriginErrors === false
    ? noneOf(positive(outlier), path, "splitExternalLocalOriginErrors is not true", "consecutiveLocalOriginFailures")
    : [];

const outlierDetection: Check = part<OutlierDetection>(
  {
    consecutive5xxErrors: optional(count32),
    consecutiveGatewayErrors: optional(count32),
    splitExternalLocalOriginErrors: optional(bool),
    consecutiveLocalOriginFailures: optional(count32),
    outlierDetectionHttpErrorCodes: optional(each(wholeNumber(100, 599))),
    interval: optional(duration),
    baseEjectionTime: optional(duration),
    maxEjectionPercent: optional(wholeNumber(0, 100)),
    minHealthPercent: optional(wholeNumber(0, 100)),
    consecutiveErrors: optional(tolerated(wholeNumber(0, 2 ** 31 - 1), isInt32)),
  },
  localOriginSplit,
);

const trustedOrSkipped: Rule<ClientTlsSettings> = (tls, path) => {
  if (tls.insecureSkipVerify !== true || (tls.mode !== "SIMPLE" && tls.mode !== "MUTUAL")) return [];
  const because = "insecureSkipVerify looks at no certificate";
  const simple = tls.mode === "SIMPLE" ? noneOf(tls, path, because, "credentialName") : [];
  return [...noneOf(tls, path, because, "caCertificates", "subjectAltNames"), ...simple];
};

const secretOrFiles: Rule<ClientTlsSettings> = (tls, path) => {
  if (tls.mode !== "SIMPLE" && tls.mode !== "MUTUAL") return [];
  if (tls.credentialName !== undefined) {
    return noneOf(tls, path, "credentialName holds it", "clientCertificate", "privateKey", "caCertificates", "caCrl");
  }
  if (tls.mode === "SIMPLE") return [];
  return (["clientCertificate", "privateKey"] as const)
    .filter((name) => tls[name] === undefined)
    .map((name) => problem(`${path}.${name}`, undefined, "a file, because the mode is MUTUAL and there is no credentialName"));
};

const clientTls: Check = part<ClientTlsSettings>(
  {
    mode: tolerated(oneOf("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"), isMissing),
    clientCertificate: optional(someText),
    privateKey: optional(someText),
    caCertificates: optional(someText),
    caCrl: optional(tolerated(someText, isText)),
    credentialName: optional(someText),
    subjectAltNames: optional(each(tolerated(someText, isText))),
    sni: optional(text),
    insecureSkipVerify: optional(bool),
  },
  trustedOrSkipped,
  secretOrFiles,
);

const portPolicy = {
  loadBalancer: optional(loadBalancer),
  connectionPool: optional(connectionPool),
  outlierDetection: optional(outlierDetection),
  tls: optional(clientTls),
};

const portTrafficPolicy: Check = part<PortTrafficPolicy>(
  { ...portPolicy, port: part<{ readonly number: number }>({ number: tolerated(port, isAnyPort) }) },
  atLeastOneOf("loadBalancer", "connectionPool", "outlierDetection", "tls"),
);

const hostOrAddress: Check = satisfies(
  "a host name without a wildcard, or an address",
  (value) => typeof value === "string" && (isHost(value) || isIP(value) > 0),
);

/** A policy that Istio takes. */
export const trafficPolicy: Check = part<TrafficPolicy>(
  {
    ...portPolicy,
    portLevelSettings: optional(
      all(
        each(portTrafficPolicy, { max: 4096 }),
        tolerated(distinctPorts, () => true),
      ),
    ),
    tunnel: optional(
      part<TunnelSettings>({
        protocol: optional(tolerated(oneOf("CONNECT", "POST"), (value) => value === "")),
        targetHost: hostOrAddress,
        targetPort: port,
      }),
    ),
    proxyProtocol: optional(part<{ readonly version?: "V1" | "V2" }>({ version: optional(oneOf("V1", "V2")) })),
    retryBudget: optional(
      part<RetryBudget>({
        percent: optional(numberBetween(0, 100)),
        minRetryConcurrency: optional(count32),
        budgetInterval: optional(duration),
      }),
    ),
  },
  atLeastOneOf("loadBalancer", "connectionPool", "outlierDetection", "tls", "portLevelSettings", "tunnel", "proxyProtocol", "retryBudget"),
  atMostOneOf("tunnel", "proxyProtocol"),
);

const portSince: Since = {
  ...under(["connectionPool"], connectionPoolSince),
  ...under(["loadBalancer"], loadBalancerSince),
  "outlierDetection.outlierDetectionHttpErrorCodes": "1.31",
  "tls.caCrl": "1.22",
};

/** What came later than Istio 1.17, below a policy. */
export const trafficPolicySince: Since = {
  ...portSince,
  ...under(["portLevelSettings[]"], portSince),
  proxyProtocol: "1.21",
  retryBudget: "1.27",
  "retryBudget.budgetInterval": "1.31",
};

function positive(outlier: OutlierDetection): OutlierDetection {
  return outlier.consecutiveLocalOriginFailures === 0 ? {} : outlier;
}

/** What is no longer used is not looked at. */
function isInt32(value: unknown): boolean {
  return wholeNumber(-(2 ** 31), 2 ** 31 - 1)("", value).length === 0;
}

/** Istio looks at no number here. */
function isAnyPort(value: unknown): boolean {
  return value === undefined || count32("", value).length === 0;
}

/** Two policies for one port: only one would count. */
function distinctPorts(path: string, value: unknown): readonly Problem[] {
  return distinct(value as readonly PortTrafficPolicy[], path, ({ port }) => port?.number, "port.number");
}
