import { type Data, records } from "../../fields";
import type { MeshObject } from "../../mesh-object";

/** What the Services of a port say of it: each value, with the Services that say it. */
export type Claims<Value> = ReadonlyMap<Value, ReadonlySet<string>>;

/**
 * What several Services say of the ports that they share: for each port, each value with the names of the Services that give it.
 *
 * A port that is given no key, or no value, is left out.
 */
export function claimsOf<Key, Value>(
  services: readonly MeshObject[],
  claim: (port: Data) => readonly [key: Key | undefined, value: Value | undefined],
): ReadonlyMap<Key, Claims<Value>> {
  const claims = new Map<Key, Map<Value, Set<string>>>();
  for (const { name, spec } of services) {
    for (const port of records(spec.ports)) {
      const [key, value] = claim(port);
      if (key === undefined || value === undefined) continue;
      const values = claims.get(key) ?? new Map<Value, Set<string>>();
      values.set(value, (values.get(value) ?? new Set()).add(name));
      claims.set(key, values);
    }
  }
  return claims;
}

/** Whether more than one Service claims something: one may say all that it likes. */
export function isShared<Value>(claims: Claims<Value>): boolean {
  return new Set([...claims.values()].flatMap((names) => [...names])).size > 1;
}

/** `TCP in shop-a and UDP in shop-b`: what is claimed, and by whom. */
export function claimsText<Value>(claims: Claims<Value>): string {
  return [...claims].map(([value, names]) => `${value} in ${namesText([...names])}`).join(" and ");
}

/** Names in their order; those beyond the third by their number. */
function namesText(names: readonly string[]): string {
  const sorted = [...names].sort((a, b) => (a < b ? -1 : 1));
  return sorted.length <= 3 ? sorted.join(", ") : `${sorted.slice(0, 3).join(", ")} and ${sorted.length - 3} more`;
}
