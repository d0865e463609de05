import { type Data, record } from "../checks/fields";

/** Fields of the metadata that an API server writes, and takes from nobody. */
const written: readonly string[] = ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields"];
const identity: readonly string[] = ["resourceVersion", "selfLink", "uid"];
/** What `kubectl apply` wrote last, all of it once more; the next apply writes it anew. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * An object as somebody would write it: without its status, and without what an API server or `kubectl apply` put into its metadata. The
 * same data where there is nothing of the kind.
 */
export function withoutServerFields(data: Data): Data {
  const metadata = record(data.metadata);
  const names = [...written, ...identity].filter((name) => Object.hasOwn(metadata, name));
  const isApplied = Object.hasOwn(record(metadata.annotations), lastApplied);
  if (names.length === 0 && !isApplied && !Object.hasOwn(data, "status")) return data;
  const { annotations, ...rest } = without(metadata, names);
  const kept = without(record(annotations), isApplied ? [lastApplied] : []);
  const isKept = annotations !== undefined && !(isApplied && Object.keys(kept).length === 0);
  return { ...without(data, ["status"]), metadata: { ...rest, ...(isKept && { annotations: isApplied ? kept : annotations }) } };
}

function without(data: Data, names: readonly string[]): Data {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));
}
