import type { Severity } from "../../../core/finding";
import type { Share } from "../../graph/capacity";
import type { NodeGroup } from "../../graph/node-groups";

/** Shares that are asked for too much, the smallest sets of nodes first; one around another that is told already is left out. */
export function confined(shares: readonly Share[], exceeds: (share: Share) => boolean): readonly Share[] {
  const found = shares.filter(exceeds).sort((a, b) => a.groups.length - b.groups.length);
  const told: (readonly NodeGroup[])[] = [];
  return found.filter(({ groups }) => {
    const own = new Set(groups);
    if (told.some((others) => others.every((group) => own.has(group)))) return false;
    told.push(groups);
    return true;
  });
}

/** Pools are what somebody plans; Nodes are what is there at the moment, and an autoscaler may add more. */
export function severityOf(groups: readonly NodeGroup[]): Severity {
  return groups.every(({ pool }) => pool !== undefined) ? "error" : "warning";
}
