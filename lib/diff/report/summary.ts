import type { Change, Difference } from "../difference";

/** `3 objects differ: 1 removed, 2 changed. 1 file differs: 1 added.`; of no difference, that there is none. */
export function summary({ objects, files, findings: { appeared, gone } }: Difference): string {
  const parts = [
    ...counted("object", objects),
    ...counted("file", files),
    ...counts("finding", appeared.length, "new"),
    ...counts("finding", gone.length, "gone"),
  ];
  return parts.length === 0 ? "No difference." : parts.join(" ");
}

/** What a removal in an output means for the cluster, where there is one. */
export function removalNote({ objects }: Difference): string | undefined {
  if (!objects.some(({ change }) => change === "removed")) return undefined;
  return "kubectl apply leaves removed objects in the cluster; Pulumi, and GitOps with pruning, delete them.";
}

function counted(noun: string, entries: readonly { readonly change: Change }[]): readonly string[] {
  if (entries.length === 0) return [];
  const parts = (["removed", "changed", "added"] as const)
    .map((change) => [change, entries.filter((entry) => entry.change === change).length] as const)
    .filter(([, count]) => count > 0)
    .map(([change, count]) => `${count} ${change}`);
  return [`${entries.length} ${noun}${entries.length === 1 ? " differs" : "s differ"}: ${parts.join(", ")}.`];
}

function counts(noun: string, count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"} ${what}.`];
}
