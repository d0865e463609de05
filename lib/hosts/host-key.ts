import { createHash } from "node:crypto";
import type { ServerHostKeyAlgorithm } from "ssh2";
import type { Check } from "../core/check";
import { problem } from "../core/problem";

/** A host's public key. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, … */
  readonly type: string;
  /** The key as it goes over the wire. */
  readonly blob: Buffer;
}

/** Key types that are taken, and under which names a server is asked for them. RSA with SHA-1 is none. */
const algorithms: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** A line of a public key file: type, key, and a comment that says nothing. Undefined for anything else. */
export function tryHostKey(text: unknown): HostKey | undefined {
  if (typeof text !== "string" || text.length > 16_384) return undefined;
  const [, type, base64] = /^([a-z0-9-]{7,32}) ([A-Za-z0-9+/]{40,}={0,2})(?: [^\n]*)?\n?$/.exec(text) ?? [];
  if (type === undefined || base64 === undefined || !Object.hasOwn(algorithms, type)) return undefined;
  const blob = Buffer.from(base64, "base64");
  return blob.toString("base64") === base64 && typeOf(blob) === type && fieldsOf(blob) === (type === "ssh-ed25519" ? 2 : 3)
    ? { type, blob }
    : undefined;
}

/** A host key that was checked before. */
export function hostKeyOf(text: string): HostKey {
  const key = tryHostKey(text);
  if (key === undefined) throw new RangeError("not a host key");
  return key;
}

/** A host's public key in OpenSSH form, whose type word and base64 agree. */
export const hostKey: Check = (path, value) => {
  if (tryHostKey(value) !== undefined) return [];
  const expected = 'a public host key as in /etc/ssh/ssh_host_ed25519_key.pub: "ssh-ed25519 AAAA…"';
  if (typeof value !== "string" || !/PRIVATE KEY/.test(value)) return [problem(path, value, expected, hint(value))];
  return [{ path, message: `got a private key, expected ${expected}. The public one stands in the file that ends in .pub.` }];
};

/** What OpenSSH prints: `SHA256:` and unpadded base64. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The first name in a key's wire form: what kind of key it says it is. */
export function typeOf(blob: Buffer): string {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return length > 0 && length <= 32 && blob.length >= 4 + length ? blob.toString("latin1", 4, 4 + length) : "unknown";
}

/** How many fields a key's wire form has, each with its length before it; undefined when they do not end where it ends. */
function fieldsOf(blob: Buffer): number | undefined {
  let [at, count] = [0, 0];
  while (at + 4 <= blob.length) {
    at += 4 + blob.readUInt32BE(at);
    count += 1;
  }
  return at === blob.length ? count : undefined;
}

/** What a server is asked for, so that one with several keys shows the pinned one. */
export function algorithmsFor(type: string): ServerHostKeyAlgorithm[] {
  return [...(algorithms[type] ?? [])];
}

function hint(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (value.startsWith("SHA256:")) return "A fingerprint is not enough: the whole key stands in that file on the host.";
  if (/^[^ ]+ (?:ssh|ecdsa)-/.test(value)) return "Leave out the host name that ssh-keyscan writes before it.";
  return undefined;
}
