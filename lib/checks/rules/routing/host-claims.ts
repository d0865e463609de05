import { HostPatterns } from "../../graph/host-patterns";

/** That an object speaks for a host. */
export interface HostClaim<Item> {
  readonly object: Item;
  /** In full, or a wildcard. */
  readonly host: string;
  /** Namespaces that it holds for; `["*"]` for all. */
  readonly scopes: readonly string[];
}

/** Objects that speak for a host which others speak for as well. */
export interface SharedHost<Item> {
  readonly host: string;
  readonly objects: readonly Item[];
  /** Those that each of them meets; they may be among these themselves. */
  readonly rivals: readonly (readonly Item[])[];
}

/**
 * Hosts that several objects speak for, as Istio's analyzers see them: in all namespaces hosts must be the same; what holds in one namespace also
 * meets what holds in all where their wildcards cover each other.
 */
export function* sharedHosts<Item>(claims: readonly HostClaim<Item>[]): Iterable<SharedHost<Item>> {
  const { everywhere, within } = byScope(claims);
  for (const [host, owners] of everywhere) {
    const objects = [...owners];
    if (objects.length > 1) yield { host, objects, rivals: [objects] };
  }
  if (within.size === 0) return;
  const patterns = new HostPatterns([...everywhere].flatMap(([host, owners]) => [...owners].map((owner) => [host, owner] as const)));
  const told = new Set<readonly Item[]>();
  for (const [host, scopes] of within) {
    const others = [...patterns.overlapping(host)].filter((owners) => owners.length > 0);
    const [first = new Set<Item>()] = scopes.values();
    for (const objects of others) if (!told.has(objects)) yield { host, objects, rivals: [[...first]] };
    for (const objects of others) told.add(objects);
    yield* sharedWithin(host, scopes, others);
  }
}

/** A host in each of the namespaces that someone speaks for it in, beside those that speak for it everywhere. */
function* sharedWithin<Item>(
  host: string,
  scopes: ReadonlyMap<string, ReadonlySet<Item>>,
  others: readonly (readonly Item[])[],
): Iterable<SharedHost<Item>> {
  for (const owners of scopes.values()) {
    const objects = [...owners];
    if (objects.length > 1 || others.length > 0) yield { host, objects, rivals: [objects, ...others] };
  }
}

interface ByScope<Item> {
  /** By host. */
  readonly everywhere: ReadonlyMap<string, ReadonlySet<Item>>;
  /** By host, then by namespace. */
  readonly within: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<Item>>>;
}

function byScope<Item>(claims: readonly HostClaim<Item>[]): ByScope<Item> {
  const everywhere = new Map<string, Set<Item>>();
  const within = new Map<string, Map<string, Set<Item>>>();
  for (const { host, scopes, object } of claims) {
    for (const scope of scopes) {
      const owners = scope === "*" ? everywhere : entry(within, host, () => new Map<string, Set<Item>>());
      entry(owners, scope === "*" ? host : scope, () => new Set<Item>()).add(object);
    }
  }
  return { everywhere, within };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
