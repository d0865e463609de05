import { type Data, list, record, text, texts } from "../../fields";
import { quoted } from "./quoted";
import type { SpecWarning } from "./spec-warning";

/** Cipher suites that Envoy's TLS library has, by their OpenSSL names. */
const cipherSuites: ReadonlySet<string> = new Set([
  ...["ECDHE-ECDSA", "ECDHE-RSA"].flatMap((exchange) =>
    ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA"].map((cipher) => `${exchange}-${cipher}`),
  ),
  "AES128-GCM-SHA256",
  "AES256-GCM-SHA384",
  "AES128-SHA",
  "AES256-SHA",
  "DES-CBC3-SHA",
]);
const old: readonly unknown[] = ["TLSV1_0", "TLSV1_1"];
const passing: readonly unknown[] = ["PASSTHROUGH", "AUTO_PASSTHROUGH"];
const certificates = [
  "caCrl",
  "serverCertificate",
  "privateKey",
  "caCertificates",
  "tlsCertificates",
  "credentialName",
  "credentialNames",
] as const;

/** What of a server's TLS settings does nothing, or not what was meant. */
export function* serverTlsWarnings(value: unknown, path: string): Iterable<SpecWarning> {
  const tls = record(value);
  yield* oldVersion(tls, path);
  yield* ciphers(tls, path);
  yield* unusedCertificates(tls, path);
}

function* oldVersion({ minProtocolVersion, cipherSuites: suites }: Data, path: string): Iterable<SpecWarning> {
  if (!old.includes(minProtocolVersion) || list(suites).length > 0) return;
  yield {
    field: `${path}.minProtocolVersion`,
    message: `minProtocolVersion is ${minProtocolVersion}, and the cipher suites are Envoy's own, none of which goes with it: a caller that speaks nothing newer is refused all the same.`,
    fix: "Name cipher suites of the old version in cipherSuites, or ask for TLSV1_2 at least.",
  };
}

function* ciphers(tls: Data, path: string): Iterable<SpecWarning> {
  const suites = texts(tls.cipherSuites);
  const unknown = distinct(suites.filter((suite) => !isKnown(suite)));
  const known = suites.filter(isKnown);
  const twice = distinct(known.filter((suite, index) => known.indexOf(suite) !== index));
  const field = `${path}.cipherSuites`;
  if (unknown.length > 0) {
    const message = `Envoy knows no cipher suite ${quoted(unknown)}: Istio leaves ${unknown.length === 1 ? "it" : "them"} out of the list.`;
    yield { field, message, fix: "Use names of OpenSSL, such as ECDHE-RSA-AES128-GCM-SHA256. Those of TLS 1.3 cannot be chosen." };
  }
  if (twice.length > 0) {
    yield { field, message: `${quoted(twice)} is named more than once: Istio keeps the first.`, fix: "Name each cipher suite once." };
  }
}

/** Names that begin with an operator of OpenSSL are not looked at. */
function isKnown(suite: string): boolean {
  return suite === "" || suite === "ALL" || !/^[\p{L}\p{N}]/u.test(suite) || cipherSuites.has(suite);
}

function* unusedCertificates(tls: Data, path: string): Iterable<SpecWarning> {
  const mode = text(tls.mode) ?? "PASSTHROUGH";
  const named = passing.includes(mode) ? certificates.filter((name) => isGiven(tls[name])) : [];
  if (named.length === 0) return;
  yield {
    field: `${path}.${named[0]}`,
    message: `${mode} does not open TLS, so ${named.join(", ")} ${named.length === 1 ? "is" : "are"} not used: callers see the certificate of the destination.`,
    fix: "Set mode to SIMPLE or MUTUAL if the gateway is to show the certificate, else remove it.",
  };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === "string" && value !== "";
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
