import { HostError, type HostErrorReason } from "../../hosts/host-error";

const unseen: readonly HostErrorReason[] = ["unreachable", "authentication", "sudo", "timeout", "cut-off"];

/**
 * Works on a host; what it rejects with says what to do where the host itself cannot be asked.
 *
 * @param id - of the resource; undefined while there is none
 */
export async function withWayOut<Result>(id: string | undefined, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new Error(`${error.message}${wayOut(error.reason, id)}`, { cause: error });
  }
}

/** How a machine that is gone for good leaves the state. */
export function forget(id: string): string {
  return `If the machine is gone for good, take it out of the program, or put another in its place, and forget it: ${forgetVariable}=${id} pulumi up`;
}

/** Variable of the environment that names machines, by the ids of their resources, that are gone for good. */
export const forgetVariable = "MESHGROUND_FORGET";

/** Ids that the variable names. @throws Error for anything that is none. */
export function forgottenIds(setting: string | undefined): ReadonlySet<string> {
  const ids = (setting ?? "").split(/[\s,]+/).filter((id) => id !== "");
  const odd = ids.filter((id) => !/^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/.test(id));
  if (odd.length === 0) return new Set(ids);
  throw new Error(
    `${forgetVariable}: got ${JSON.stringify(odd[0])}, expected ids of machines, as the errors name them, with commas between.`,
  );
}

function wayOut(reason: HostErrorReason, id: string | undefined): string {
  const forgetting = id === undefined ? "" : `\n${forget(id)}`;
  if (unseen.includes(reason))
    return `\nA host that cannot be asked is not taken for gone. If it has a new address or login, run pulumi up without --refresh.${forgetting}`;
  if (reason !== "host-key") return "";
  return `\nIf the key was changed on purpose, take the new one from the machine itself (its console, not the network), set connection.hostKey to it, and run pulumi up without --refresh.${forgetting}`;
}
