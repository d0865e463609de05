import { X509Certificate } from "node:crypto";
import { record, text } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** Keys of a Secret that istiod takes a certificate and its private key from, in the order in which it looks. */
const pairs = [
  ["cert", "key"],
  ["tls.crt", "tls.key"],
] as const;

/**
 * What keeps a gateway from using the certificate of a Secret, as the end of a sentence. Undefined for a good one.
 *
 * Without a day nothing is said of certificates that have ended: the same objects would give other findings tomorrow.
 */
export function certificateProblem(graph: ObjectGraph, secret: MeshObject): string | undefined {
  // What SOPS has encrypted is no certificate until it is decrypted.
  if (secret.data.sops !== undefined) return undefined;
  const known = graph.derive(answers);
  if (!known.has(secret)) known.set(secret, problemOf(secret, graph.surroundings.today));
  return known.get(secret);
}

function answers(): Map<MeshObject, string | undefined> {
  return new Map();
}

function problemOf(secret: MeshObject, today: string | undefined): string | undefined {
  const pair = pairs.find(([cert, key]) => valueIn(secret, cert) !== "" && valueIn(secret, key) !== "");
  if (pair === undefined) {
    const keys = Object.keys({ ...record(secret.data.data), ...record(secret.data.stringData) }).sort();
    return `has neither tls.crt with tls.key nor cert with key; it has ${keys.length === 0 ? "no keys" : keys.slice(0, 5).join(", ")}`;
  }
  const certificate = read(valueIn(secret, pair[0]));
  return certificate === undefined ? `holds no certificate that can be read in ${pair[0]}` : outOfDate(certificate, today);
}

function outOfDate({ validFromDate, validToDate }: X509Certificate, today: string | undefined): string | undefined {
  const start = Date.parse(`${today}T00:00:00Z`);
  if (today === undefined || Number.isNaN(start)) return undefined;
  const day = 24 * 60 * 60 * 1000;
  if (validToDate.getTime() < start) return `holds a certificate that ended on ${isoDay(validToDate)}; the day is ${today}`;
  return validFromDate.getTime() >= start + day
    ? `holds a certificate that begins on ${isoDay(validFromDate)}; the day is ${today}`
    : undefined;
}

function isoDay(date: Date): string {
  return Number.isNaN(date.getTime()) ? "a day that cannot be read" : date.toISOString().slice(0, 10);
}

/** A value of a Secret as text: `stringData` goes before `data`. Empty where there is none. */
function valueIn({ data }: MeshObject, key: string): string {
  const plain = text(record(data.stringData)[key]);
  return plain ?? Buffer.from(text(record(data.data)[key]) ?? "", "base64").toString("latin1");
}

/** The first block of PEM as a certificate. */
function read(pem: string): X509Certificate | undefined {
  const start = pem.indexOf("-----BEGIN ");
  const end = pem.indexOf("-----END ", start);
  const firstLine = pem.indexOf("\n", start);
  if (start === -1 || end === -1 || firstLine === -1 || firstLine > end) return undefined;
  try {
    return new X509Certificate(Buffer.from(pem.slice(firstLine, end), "base64"));
  } catch {
    return undefined;
  }
}
