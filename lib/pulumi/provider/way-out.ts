import { HostError, type HostErrorReason } from "../../hosts/host-error";

const unseen: readonly HostErrorReason[] = ["unreachable", "authentication", "sudo", "timeout", "cut-off"];

/** Works on a host; what it rejects with says what to do where the host itself cannot be asked. */
export async function withWayOut<Result>(urn: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new Error(`${error.message}${wayOut(error.reason, urn)}`, { cause: error });
  }
}

/** How a machine that is gone for good leaves the state. */
export function forget(urn: string): string {
  return `If the machine is gone for good, forget it: pulumi state delete '${urn}'`;
}

function wayOut(reason: HostErrorReason, urn: string): string {
  if (unseen.includes(reason))
    return `\nA host that cannot be asked is not taken for gone. If it has a new address or login, run pulumi up without --refresh. ${forget(urn)}`;
  if (reason !== "host-key") return "";
  return `\nIf the key was changed on purpose, take the new one from the machine itself (its console, not the network), set connection.hostKey to it, and run pulumi up without --refresh. ${forget(urn)}`;
}
