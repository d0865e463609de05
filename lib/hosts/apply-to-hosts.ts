import { Host, type HostOutcome } from "./host";
import type { HostConnection } from "./host-connection";
import type { HostProfile } from "./host-profile";
import { type RollOutOptions, type RollOutStep, rollOut, tryEach } from "./roll-out";

/** How a profile is rolled out. */
export interface ApplyToHostsOptions extends RollOutOptions {
  /**
   * Makes the connection to a host.
   *
   * @default Host.connect
   */
  readonly connect?: (connection: HostConnection) => Promise<Pick<Host, "tryUnchanged" | "apply" | "close">>;
}

/**
 * Gives every host of a pool its profile. Each has one connection.
 *
 * First all hosts are looked at: when one of them cannot be reached, or has something in the way, nothing is written to any. Then those that lack
 * something are written to, the first alone, the others at most `atATime` at once. The first failure stops the roll-out: what is under way comes to
 * its end, and nothing more is begun. The steps say for each host, in the order given, what happened.
 *
 * @throws InvalidInput when `atATime` is not a whole number from 1 to 1000.
 */
export async function applyToHosts(
  connections: readonly HostConnection[],
  profile: HostProfile,
  { connect = Host.connect, ...options }: ApplyToHostsOptions = {},
): Promise<readonly RollOutStep<HostConnection, HostOutcome>[]> {
  const open: Pick<Host, "close">[] = [];
  try {
    const seen = await tryEach(connections, async (connection): Promise<Look> => {
      const host = await connect(connection);
      open.push(host);
      return { host, outcome: await host.tryUnchanged(profile) };
    });
    if (seen.some(({ state }) => state !== "done")) return seen.map(asStep);
    const lacking = seen.filter((step): step is Seen => step.state === "done" && step.result.outcome === undefined);
    const written = await rollOut(lacking, ({ result }) => result.host.apply(profile), options);
    const steps = new Map(written.map((step) => [step.target, { ...step, target: step.target.target }]));
    return seen.map((step) => steps.get(step as Seen) ?? asStep(step));
  } finally {
    await Promise.allSettled(open.map((host) => host.close()));
  }
}

interface Look {
  readonly host: Pick<Host, "apply">;
  /** Absent where something has to be written. */
  readonly outcome: HostOutcome | undefined;
}

type Seen = RollOutStep<HostConnection, Look> & { readonly state: "done" };

function asStep(step: RollOutStep<HostConnection, Look>): RollOutStep<HostConnection, HostOutcome> {
  if (step.state !== "done") return step;
  const { target, result } = step;
  return result.outcome === undefined ? { state: "not-begun", target } : { state: "done", target, result: result.outcome };
}
