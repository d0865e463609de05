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
  const owned = [...everywhere].flatMap(([host, owners]) => [...owners].map((owner) => [host, owner] as const));
  const patterns = new HostPatterns(within.size === 0 ? [] : owned);
  for (const [host, scopes] of within) yield* sharedWithin(host, [...scopes.values()], [...new Set(patterns.overlapping(host))]);
}

/** A host in each of the namespaces that someone speaks for it in, beside those that speak for it everywhere: these are told of once. */
function* sharedWithin<Item>(host: string, scopes: readonly ReadonlySet<Item>[], others: readonly Item[]): Iterable<SharedHost<Item>> {
  if (others.length > 0) yield { host, objects: others, rivals: [[...(scopes[0] ?? [])]] };
  for (const owners of scopes) {
    const objects = [...owners];
    if (objects.length + others.length > 1) yield { host, objects, rivals: [objects, others] };
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
