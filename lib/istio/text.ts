import { isIP } from "node:net";
import { all, type Check, didYouMean, matching, port, satisfies, wholeNumber } from "../core/check";
import { isCidr } from "../core/cidr";
import { duration as anyDuration, tryMilliseconds } from "../core/duration";
import { isDnsLabel, labelKey, labelValue } from "../core/name";
import { type Problem, problem } from "../core/problem";
import { dict, distinct, each } from "./part";
import { regexProblem } from "./re2-syntax";
import { isText, tolerated } from "./tolerated";

/** Any text, also an empty one. */
export const text: Check = satisfies("text", (value) => typeof value === "string");

/** Text that is not empty. */
export const someText: Check = satisfies("text that is not empty", (value) => typeof value === "string" && value !== "");

/** Text of so many characters. */
export function textOf(min: number, max: number): Check {
  const expected = min === 0 ? `text of at most ${max} characters` : `text of ${min} to ${max} characters`;
  return satisfies(expected, (value) => typeof value === "string" && value.length >= min && [...value].length <= max);
}

/** As the check says, or empty text: where Istio takes that for none. */
export function orEmpty(check: Check): Check {
  return (path, value) => (value === "" ? [] : check(path, value));
}

/** A label's value. Istio does not count its characters, though no pod can carry one of more than 63. */
const value: Check = tolerated(labelValue, (text) => isText(text) && /^[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/.test(text));

/** Labels as Kubernetes takes them, at most so many. */
export function labelsUpTo(max: number): Check {
  return dict(labelKey, value, { max });
}

/** Labels as Kubernetes takes them. */
export const labels: Check = labelsUpTo(Number.POSITIVE_INFINITY);

/** A whole number of 31 bits, as the CRDs' `int32`. */
export const count31: Check = wholeNumber(0, 2 ** 31 - 1);

/** A whole number of 32 bits, as the CRDs' `uint32`. */
export const count32: Check = wholeNumber(0, 2 ** 32 - 1);

/** A hundred years. Go cannot count more than about 292. */
const longest = 100 * 365 * 24 * 3_600_000;
const unitsOfGo: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };
const termsOfGo = /(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(h|ms|m|s|us|µs|ns)/gy;

/** Milliseconds of a span of time as Go writes it, which files from elsewhere hold: also several terms, such as `1h30m`, and a plus. */
export function tryGoMilliseconds(written: unknown): number | undefined {
  const simple = tryMilliseconds(written);
  if (simple !== undefined || typeof written !== "string" || written.length > 100) return simple;
  const value = written.replace(/^\+/, "");
  if (value === "") return undefined;
  const terms = [...value.matchAll(termsOfGo)];
  if (terms.reduce((length, [term]) => length + term.length, 0) !== value.length) return undefined;
  const ms = terms.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (unitsOfGo[unit] ?? Number.NaN), 0);
  return ms <= longest ? ms : undefined;
}

const someDuration: Check = anyDuration();
const wholeMilliseconds: Check = satisfies("whole milliseconds", (value) => {
  const ms = tryGoMilliseconds(value) ?? Number.NaN;
  return Math.abs(ms - Math.round(ms)) < 1e-6;
});

/** A duration of whole milliseconds, at least one. Istio refuses parts of a millisecond. */
export const duration: Check = (path, value) => ((tryGoMilliseconds(value) ?? 0) >= 1 ? wholeMilliseconds : someDuration)(path, value);

/** As {@link duration}, or `"0s"` for none. */
export const durationOrZero: Check = (path, value) => (tryGoMilliseconds(value) === 0 ? [] : duration(path, value));

/** Whether the text is a span of time as Go writes it, whatever its length; also a negative one. */
export function isAnyDuration(value: unknown): boolean {
  return isText(value) && tryGoMilliseconds(value.replace(/^-/, "")) !== undefined;
}

const label = "[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?";
const hostPattern = new RegExp(`^${label}(?:\\.${label})*\\.?$`);
const wildcardPattern = new RegExp(`^(?:\\*|(?:\\*-?)?${label})(?:\\.${label})*\\.?$`);
const gatewayPattern = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/i;

/** Whether the text is a host name as Istio takes it; its first label may be or begin with `*`. */
function isWildcardHost(host: string): boolean {
  return host.length <= 255 && wildcardPattern.test(host) && !(host.includes(".") && endsInNumber(host));
}

/** Whether the text is a host name without a wildcard. */
export function isHost(host: string): boolean {
  return host.length <= 255 && hostPattern.test(host) && !endsInNumber(host);
}

function endsInNumber(host: string): boolean {
  return /^\d+$/.test(host.slice(host.lastIndexOf(".") + 1));
}

/** Whether a host is written in full; a wildcard stands for whole labels. */
export function isFullHost(host: string): boolean {
  return host === "*" || (host.includes(".") && isWildcardHost(host) && (!host.includes("*") || host.startsWith("*.")));
}

/** A host name, whose first label may be a wildcard. */
export const wildcardHost: Check = satisfies(
  "a host name such as pricing, pricing.shop.svc.cluster.local or *.example.no",
  (value) => typeof value === "string" && isWildcardHost(value),
);

/** A host name, whose first label may be a wildcard, or an address. */
export const hostOrAddress: Check = satisfies(
  "a host name such as pricing or *.example.no, or an address",
  (value) => typeof value === "string" && (isWildcardHost(value) || isIP(value) > 0),
);

/** The host of a destination: anything but `*` alone. */
export const destinationHost: Check = satisfies(
  "a host name such as pricing or pricing.shop.svc.cluster.local",
  (value) => typeof value === "string" && value !== "*" && isWildcardHost(value),
);

/** Whether every name that the second pattern stands for is also one of the first. */
export function covers(wide: string, narrow: string): boolean {
  if (!wide.startsWith("*")) return wide.toLowerCase() === narrow.toLowerCase();
  return narrow.replace(/^\*/, "").toLowerCase().endsWith(wide.slice(1).toLowerCase());
}

/** As {@link covers}, and capitals count, as they do in SNI. */
export function coversAsWritten(wide: string, narrow: string): boolean {
  return wide.startsWith("*") ? narrow.replace(/^\*/, "").endsWith(wide.slice(1)) : wide === narrow;
}

/** A gateway's name, as `name`, `namespace/name` or the reserved `mesh`. */
const gatewayName: Check = satisfies("a gateway such as edge, istio-system/edge or mesh", (value) => {
  if (typeof value !== "string") return false;
  const [first = "", second, ...rest] = value.split("/");
  if (second === undefined) return isHost(first);
  return rest.length === 0 && gatewayPattern.test(first) && gatewayPattern.test(second);
});

/** Names of gateways. Istio looks no further than the first without a namespace. */
export const gatewayNames: Check = (path, value) => {
  const last = Array.isArray(value) ? value.findIndex((name) => isText(name) && !name.includes("/")) : -1;
  const unseen = Array.isArray(value) && last >= 0 ? value.slice(last + 1) : [];
  const name = (at: string, name: unknown): readonly Problem[] =>
    (unseen.includes(name) ? tolerated(gatewayName, isText) : gatewayName)(at, name);
  return each(name)(path, value);
};

/** An address range or a bare address. */
export const cidrOrAddress: Check = satisfies(
  "an address range such as 10.0.5.0/24, or an address",
  (value) => typeof value === "string" && (isCidr(value) || isIP(value) > 0),
);

/** An address. */
export const address: Check = satisfies("an address such as 10.0.5.7", (value) => typeof value === "string" && isIP(value) > 0);

/** A path of a Unix socket, or an abstract one. */
export function isUnixSocket(value: string): boolean {
  return /^unix:\/\/[/@]/.test(value) && !value.endsWith("/");
}

/** An RFC 1123 label, also with capitals: what Istio takes for the name of a port or a subset. */
export const istioLabel: Check = matching(new RegExp(`^${label}$`), "a name of at most 63 letters, digits and dashes", 63);

/** A port that is matched or changed to. Istio reads 0 as none. */
export const portOrNone: Check = tolerated(port, (value) => value === 0);

/** What a port speaks. */
export type Protocol =
  | "HTTP"
  | "HTTPS"
  | "HTTP2"
  | "HTTP_PROXY"
  | "GRPC"
  | "GRPC-WEB"
  | "TCP"
  | "TLS"
  | "UDP"
  | "MONGO"
  | "REDIS"
  | "MYSQL";

const protocols: readonly Protocol[] = [
  "HTTP",
  "HTTPS",
  "HTTP2",
  "HTTP_PROXY",
  "GRPC",
  "GRPC-WEB",
  "TCP",
  "TLS",
  "UDP",
  "MONGO",
  "REDIS",
  "MYSQL",
];
const http: readonly string[] = ["HTTP", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB"];

/** A protocol's name; Istio does not mind capitals. */
export const protocol: Check = satisfies(
  `one of ${protocols.map((word) => JSON.stringify(word)).join(", ")}`,
  (value) => typeof value === "string" && protocols.some((word) => word === value.toUpperCase()),
  (value) => didYouMean(value, protocols),
);

/** Whether a protocol is carried by TLS that a gateway or sidecar sees. */
export function isTls(name: string): boolean {
  return name.toUpperCase() === "HTTPS" || name.toUpperCase() === "TLS";
}

/** Whether a protocol is HTTP in the clear. */
export function isHttp(name: string): boolean {
  return http.includes(name.toUpperCase());
}

const namespaces: Check = satisfies(
  'a namespace, "." for this one or "*" for all',
  (value) => value === "." || value === "*" || (typeof value === "string" && isDnsLabel(value)),
);
const namespacesOrNone: Check = satisfies(
  'a namespace, "." for this one, "*" for all or "~" for none',
  (value) => value === "." || value === "*" || value === "~" || (typeof value === "string" && isDnsLabel(value)),
);

/** The namespaces that see an object: `*` and `~` stand alone. */
export function exportTo({ none = false }: { readonly none?: boolean } = {}): Check {
  return all(each(tolerated(none ? namespacesOrNone : namespaces, (value) => istioLabel("", value).length === 0)), (path, value) => {
    const list = value as readonly string[];
    if (!Array.isArray(list)) return [];
    return [...distinct(list, path, (namespace) => namespace), ...alone(list, path)];
  });
}

function alone(list: readonly string[], path: string): readonly Problem[] {
  return list.length > 1
    ? ["*", "~"]
        .filter((word) => list.includes(word))
        .map((word) => ({ path, message: `"${word}" stands alone, without other namespaces.` }))
    : [];
}

/** The own namespace stands in `exportTo` once, as `.` or by its name. */
export function exportedOnce(
  { namespace }: Readonly<Record<string, unknown>>,
  { exportTo }: Readonly<Record<string, unknown>>,
): readonly Problem[] {
  const list: readonly unknown[] = Array.isArray(exportTo) ? exportTo : [];
  return isText(namespace) && list.includes(".") && list.includes(namespace)
    ? [problem("spec.exportTo", exportTo, `either "." or "${namespace}", which are the same namespace`)]
    : [];
}

/** A regular expression of RE2: at most 1024 bytes. */
export const regex: Check = satisfies(
  "a regular expression (RE2) of at most 1024 characters, without lookaround and back references",
  (value) => typeof value === "string" && value !== "" && Buffer.byteLength(value) <= 1024 && regexProblem(value) === undefined,
  (value) => (typeof value === "string" && value.length <= 1024 ? sentence(regexProblem(value)) : undefined),
);

/** A phrase as a sentence of its own. */
export function sentence(phrase: string | undefined): string | undefined {
  return phrase === undefined ? undefined : `${phrase.slice(0, 1).toUpperCase()}${phrase.slice(1)}.`;
}
