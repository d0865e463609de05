import { bool, type Check, oneOf, optional } from "../core/check";
import { type Problem, problem } from "../core/problem";
import { below, each, given, isDeferred, items, noneOf, part, type Rule } from "./part";
import type { Since } from "./since";
import { someText } from "./text";
import { isText, tolerated, toleratedRule } from "./tolerated";

/** TLS of a port that callers come in by. */
export interface ServerTlsSettings {
  /** Whether callers without TLS are sent to HTTPS, with status 301. Only on ports that speak HTTP. @default false */
  readonly httpsRedirect?: boolean;
  /**
   * `SIMPLE` the gateway's certificate, `MUTUAL` also one from the caller, `OPTIONAL_MUTUAL` (from Istio 1.19) one where
   * the caller has it, `ISTIO_MUTUAL` those of the mesh, `PASSTHROUGH` none, TLS goes on to the destination,
   * `AUTO_PASSTHROUGH` the same by the name that the caller asks for, without routes.
   *
   * @default "PASSTHROUGH"
   */
  readonly mode?: ServerTlsMode;
  /** Secret with certificate and key, in the namespace of the gateway's pods. */
  readonly credentialName?: string;
  /** Two Secrets, for an RSA and an ECDSA certificate. From Istio 1.26. */
  readonly credentialNames?: readonly string[];
  /** Secret with the authorities for `MUTUAL`. From Istio 1.28. */
  readonly caCertCredentialName?: string;
  /** File of the certificate. */
  readonly serverCertificate?: string;
  /** File of the key. */
  readonly privateKey?: string;
  /** File of the authorities that may have signed a caller's certificate, for `MUTUAL`. */
  readonly caCertificates?: string;
  /** File of revoked certificates. Not with `SIMPLE`. From Istio 1.22. */
  readonly caCrl?: string;
  /** Files of two certificates, one RSA and one ECDSA. From Istio 1.26. */
  readonly tlsCertificates?: readonly TlsCertificate[];
  /** Names of which a caller's certificate must hold one. */
  readonly subjectAltNames?: readonly string[];
  /** Hashes of certificates, of which a caller's must be one. Unit: SHA-256 as hex, with or without colons. */
  readonly verifyCertificateHash?: readonly string[];
  /** Hashes of keys, of which a caller's must be one. Unit: SHA-256 as base64. */
  readonly verifyCertificateSpki?: readonly string[];
  /** @default "TLSV1_2" */
  readonly minProtocolVersion?: TlsVersion;
  /** @default "TLSV1_3" */
  readonly maxProtocolVersion?: TlsVersion;
  /** Cipher suites by their OpenSSL names, for TLS 1.2 and older. @default - Envoy's */
  readonly cipherSuites?: readonly string[];
  /** Whether a caller's certificate is not looked at. From Istio 1.31. @default false */
  readonly insecureSkipVerify?: boolean;
}

/** How TLS is opened. */
export type ServerTlsMode = "PASSTHROUGH" | "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL" | "ISTIO_MUTUAL" | "AUTO_PASSTHROUGH";
/** A version of TLS. */
export type TlsVersion = "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";

/** Files of one certificate. */
export interface TlsCertificate {
  /** Path of the certificate in the gateway's pod. */
  readonly serverCertificate: string;
  /** Path of the key in the gateway's pod. */
  readonly privateKey: string;
  /** Path of the CA for callers' certificates in the gateway's pod. */
  readonly caCertificates?: string;
}

const version: Check = oneOf("TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3");
const opened: readonly unknown[] = ["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"];

const meshCertificates: Rule<ServerTlsSettings> = (tls, path) =>
  tls.mode === "ISTIO_MUTUAL"
    ? noneOf(
        tls,
        path,
        "ISTIO_MUTUAL takes the certificates of the mesh",
        "serverCertificate",
        "privateKey",
        "caCertificates",
        "tlsCertificates",
        "credentialName",
        "credentialNames",
      )
    : [];

/** The certificate comes from one place. */
const oneSource: Rule<ServerTlsSettings> = (tls, path) => {
  const sources = [
    tls.serverCertificate !== undefined && tls.privateKey !== undefined && "serverCertificate",
    ...(["credentialName", "credentialNames", "tlsCertificates"] as const).map((name) => tls[name] !== undefined && name),
  ].filter((source) => source !== false);
  return sources.length < 2 ? [] : [{ path, message: `got certificates by ${sources.join(" and ")}, expected one of them.` }];
};

/** A port that opens TLS has a certificate, and for callers' certificates their authorities. */
const certificates: Rule<ServerTlsSettings> = (tls, path) => {
  if (!opened.includes(tls.mode) || tls.credentialName !== undefined || given(tls.credentialNames)) return [];
  const pair = given(tls.tlsCertificates) ? [] : missing(tls, path, "serverCertificate", "privateKey");
  const authorities = tls.mode === "SIMPLE" ? [] : missing(tls, path, "caCertificates");
  const crl = tls.mode === "SIMPLE" ? noneOf(tls, path, "SIMPLE looks at no caller's certificate", "caCrl") : [];
  return [...pair, ...authorities, ...crl];
};

/** A certificate has its key. */
const pairs: Rule<ServerTlsSettings> = (tls, path) =>
  items(tls.tlsCertificates).flatMap((pair, index) =>
    (["serverCertificate", "privateKey"] as const)
      .filter((name) => !isDeferred(pair) && pair[name] === undefined)
      .map((name) => problem(`${path}.tlsCertificates[${index}].${name}`, undefined, "a file")),
  );

/** Istio looks at no file where the port opens no TLS, or a Secret holds them. */
function isClosed({ mode, credentialName, credentialNames }: ServerTlsSettings): boolean {
  return !opened.includes(mode) || credentialName !== undefined || given(credentialNames);
}

const file: Check = optional(someText);

/** Names, of which Istio passes on also an empty one. */
const names: Check = optional(each(tolerated(someText, isText)));

/** TLS settings that Istio takes. */
export const serverTls: Check = part<ServerTlsSettings>(
  {
    httpsRedirect: optional(bool),
    mode: optional(oneOf("PASSTHROUGH", "SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL", "AUTO_PASSTHROUGH")),
    credentialName: optional(someText),
    credentialNames: optional(each(tolerated(someText, isText), { min: 1, max: 2 })),
    caCertCredentialName: optional(tolerated(someText, isText)),
    serverCertificate: optional(someText),
    privateKey: optional(someText),
    caCertificates: optional(someText),
    caCrl: optional(tolerated(someText, isText)),
    tlsCertificates: optional(
      each(part<Partial<TlsCertificate>>({ serverCertificate: file, privateKey: file, caCertificates: file }), { min: 1, max: 2 }),
    ),
    subjectAltNames: names,
    verifyCertificateHash: names,
    verifyCertificateSpki: names,
    minProtocolVersion: optional(version),
    maxProtocolVersion: optional(version),
    cipherSuites: names,
    insecureSkipVerify: optional(bool),
  },
  meshCertificates,
  oneSource,
  certificates,
  toleratedRule(pairs, isClosed),
);

/** What came later than Istio 1.17, below the settings. */
export const serverTlsSince: Since = {
  caCertCredentialName: "1.28",
  caCrl: "1.22",
  credentialNames: "1.26",
  insecureSkipVerify: "1.31",
  "mode=OPTIONAL_MUTUAL": "1.19",
  tlsCertificates: "1.26",
};

/** Whether the settings only send callers to HTTPS or leave TLS closed: all that a port of plain HTTP may have. */
export function opensNothing(tls: ServerTlsSettings): boolean {
  const { mode = "PASSTHROUGH", caCertificates, privateKey, serverCertificate } = tls;
  if (isDeferred(mode)) return true;
  return mode.endsWith("PASSTHROUGH") && [caCertificates, privateKey, serverCertificate].every((file) => file === undefined);
}

function missing(tls: ServerTlsSettings, path: string, ...names: readonly (keyof ServerTlsSettings)[]): readonly Problem[] {
  return names
    .filter((name) => tls[name] === undefined)
    .map((name) => problem(below(path, name), undefined, `a file, because the mode is ${tls.mode} and there is no credentialName`));
}
