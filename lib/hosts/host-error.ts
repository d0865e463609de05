/**
 * Why something on a host could not be done. Stable: programs may go by it.
 *
 * - `unreachable`: no connection, or no answer in time
 * - `host-key`: the host has another key than the pinned one
 * - `authentication`: the host does not let the user in
 * - `sudo`: the user is in, and does not become root
 * - `read-only`, `disk-full`: a file system takes no writes
 * - `unsupported`: the host lacks something that is needed
 * - `busy`: another run holds the host
 * - `conflict`: something on the host is in the way; nothing was written
 * - `not-held`: a value or file is not what it has to be
 * - `unfinished`: what a run had begun, this one or an earlier one that was cut off, is neither finished nor put back; the next apply or restore does that
 *   first
 * - `unqualified`: the host does not measure up to its pool's limits; nothing was written
 * - `timeout`: a command took too long
 * - `cut-off`: the connection broke under a command
 * - `unexpected`: the host said something that is not understood
 */
export type HostErrorReason =
  | "unreachable"
  | "host-key"
  | "authentication"
  | "sudo"
  | "read-only"
  | "disk-full"
  | "unsupported"
  | "busy"
  | "conflict"
  | "not-held"
  | "unfinished"
  | "unqualified"
  | "timeout"
  | "cut-off"
  | "unexpected";

/** A value, file or module that is not what it has to be. */
export interface Mismatch {
  /** What it is. */
  readonly kind: "value" | "file" | "module" | "hash-size";
  /** Name of the key or module, or path of the file. */
  readonly name: string;
  /** What it has to be. */
  readonly wanted: string;
  /** What is there instead; `absent` where nothing is. */
  readonly got: string;
}

/** What went wrong on one host, why, and what to do about it. Never holds a secret. */
export class HostError extends Error {
  override readonly name: string = "HostError";
  /** Address and port. */
  readonly host: string;
  /** Why, for programs to go by. */
  readonly reason: HostErrorReason;
  /** What does not hold, for the reason `not-held`. */
  readonly mismatches: readonly Mismatch[];

  constructor(
    host: string,
    reason: HostErrorReason,
    message: string,
    { mismatches = [], cause }: { readonly mismatches?: readonly Mismatch[]; readonly cause?: unknown } = {},
  ) {
    super(`${host}: ${message}`, cause === undefined ? undefined : { cause });
    this.host = host;
    this.reason = reason;
    this.mismatches = mismatches;
    // An uncaught error is printed with its message and its own fields: the message says it all.
    for (const field of ["name", "host", "reason", "mismatches"]) Object.defineProperty(this, field, { enumerable: false });
  }
}

/** Text from a host as an error may show it: printable, on one line, cut when it is long. */
export function quotedOutput(text: string, longest = 400): string {
  const line = text
    .replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .toWellFormed();
  return line.length > longest ? `…${line.slice(-longest)}` : line;
}

/** What a host said, as a sentence that follows another one; empty when it said nothing. */
export function saying(text: string): string {
  const heard = quotedOutput(text);
  return heard === "" ? "" : ` It said: ${heard}${/[.!?]$/.test(heard) ? "" : "."}`;
}

/** `key: wanted 1, got 2`, one a line. */
export function mismatchLines(mismatches: readonly Mismatch[]): string {
  return mismatches.map(({ kind, name, wanted, got }) => `\n  ${kind} ${name}: wanted ${wanted}, got ${got}`).join("");
}
