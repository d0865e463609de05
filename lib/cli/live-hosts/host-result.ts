import { HostError, type HostErrorReason, type Mismatch } from "../../hosts/host-error";
import type { KeyOrigin } from "../../hosts/host-facts";
import type { HostChange } from "../../hosts/host-plan";
import { hostName } from "../../hosts/ssh-session";
import type { NamedHost } from "./named-hosts";

/**
 * What became of a host, or would.
 *
 * - `unchanged`: there is nothing to do
 * - `pending`: there is something to do, and it was not done
 * - `changed`: it was done, and read back
 * - `not-begun`: it was to be changed, and is as it was, because another host failed before it or somebody interrupted
 * - `holds`, `drifted`: what was read back is as wanted, or is not
 * - `failed`: it could not be asked, or refused
 */
export type HostState = "unchanged" | "pending" | "changed" | "not-begun" | "holds" | "drifted" | "failed";

/** One host of a report. Plain data. */
export interface HostResult {
  readonly name: string;
  readonly pool: string;
  /** Address and port. */
  readonly address: string;
  readonly state: HostState;
  /** What was changed, or is to be. */
  readonly changes?: readonly HostChange[];
  /** What is not as wanted. */
  readonly mismatches?: readonly Mismatch[];
  /** Lines of other files that win at the next boot. */
  readonly overriding?: readonly KeyOrigin[];
  /** Whether an earlier run was cut off there, and is put back first. */
  readonly interrupted?: boolean;
  readonly error?: { readonly reason: HostErrorReason; readonly message: string };
}

/** A host in a state, with what is known of it. */
export function resultOf(
  { name, pool, connection }: NamedHost,
  state: HostState,
  more: Omit<HostResult, "name" | "pool" | "address" | "state"> = {},
): HostResult {
  return { name, pool, address: hostName(connection), state, ...more };
}

/** A host that failed. The message does not name the host once more. */
export function failureOf(host: NamedHost, error: unknown): HostResult {
  const address = hostName(host.connection);
  const { reason, message } = error instanceof HostError ? error : { reason: "unexpected" as const, message: String(error) };
  const own = message.startsWith(`${address}: `) ? message.slice(address.length + 2) : message;
  return resultOf(host, "failed", { error: { reason, message: own } });
}

/** 3 when a host could not be asked or refused, 1 when something is to be done, else 0. */
export function exitCodeOf(results: readonly HostResult[]): number {
  const states = new Set(results.map(({ state }) => state));
  if (states.has("failed") || states.has("not-begun")) return 3;
  return states.has("pending") || states.has("drifted") ? 1 : 0;
}
