import type { Host } from "../../hosts/host";
import { HostError } from "../../hosts/host-error";
import type { HostLook } from "../../hosts/host-plan";
import type { HostProfile } from "../../hosts/host-profile";
import { type RollOutStep, tryEach } from "../../hosts/roll-out";
import { conflictError } from "../../hosts/run-error";
import type { Connections } from "./connections";
import type { NamedHost } from "./named-hosts";

/** A host, and what it is to have. */
export interface Target extends NamedHost {
  readonly profile: HostProfile;
}

/** A host that was looked at, with its connection. */
export interface Seen {
  readonly host: Host;
  readonly look: HostLook;
}

/**
 * Looks at all hosts, and writes to none. What keeps one of them from being changed is its error: it cannot be asked, something is in the way,
 * another program looks after it, or it is a machine that stands in the inventory already.
 */
export async function lookAt(targets: readonly Target[], connections: Connections): Promise<readonly RollOutStep<Target, Seen>[]> {
  const steps = await tryEach(targets, async (target): Promise<Seen> => {
    const host = await connections.open(target.connection);
    const look = await host.look(target.profile);
    refuseOtherPool(host, target, look);
    if (look.plan.conflicts.length > 0) throw conflictError(host.name, target.profile, look.plan.conflicts);
    return { host, look };
  });
  return withoutTwins(steps);
}

/** Two programs that look after one host would each undo what the other did. */
function refuseOtherPool({ name }: Host, { pool }: Target, { facts: { applied } }: HostLook): void {
  if (applied === undefined || applied.pool === pool) return;
  throw new HostError(
    name,
    "conflict",
    `it is tuned for the pool ${JSON.stringify(applied.pool)}, not for ${JSON.stringify(pool)}: another program or inventory looks after it. Restore it there first, or correct its pool.`,
  );
}

/** A host is its machine-id: two addresses of one machine would be two owners of it. */
function withoutTwins(steps: readonly RollOutStep<Target, Seen>[]): readonly RollOutStep<Target, Seen>[] {
  const owners = new Map<string, string>();
  return steps.map((step) => {
    if (step.state !== "done") return step;
    const { target, result } = step;
    const { machineId } = result.look.facts;
    const owner = owners.get(machineId);
    owners.set(machineId, owner ?? target.name);
    if (owner === undefined) return step;
    const message = `its machine-id ${machineId} is that of ${owner} too. Take one of the two out of the inventory or, if these are two machines made from one image, give each a machine-id of its own: rm /etc/machine-id && systemd-machine-id-setup.`;
    return { state: "failed", target, error: new HostError(result.host.name, "conflict", message) };
  });
}
