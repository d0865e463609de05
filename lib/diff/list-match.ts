import { at, type Data } from "../checks/fields";
import { isRecord } from "../core/check";
import type { ItemStep } from "./field-change";
import { isSet, type MergeKey, mergeKeys } from "./list-keys";

/** Which items of two lists are the same one. */
export interface ListMatch {
  /** The same item on both sides, in the order before. */
  readonly pairs: readonly { readonly step: ItemStep; readonly before: number; readonly after: number }[];
  /** Items that are gone. */
  readonly removed: readonly ItemStep[];
  /** Items that are new; their index is that after the change. */
  readonly added: readonly ItemStep[];
  /** Whether another order is a difference. */
  readonly ordered: boolean;
}

type Items = readonly unknown[];

/**
 * Matches the items of two lists: by their merge key, as Kubernetes does; those of a set by their value; else by what is equal, and the rest in turn.
 *
 * @param name - of the field that holds the list
 */
export function listMatch(name: string, before: Items, after: Items): ListMatch {
  if (isSet(name) && isTexts(before) && isTexts(after)) return setMatch(before, after);
  const key = before.every(isRecord) && after.every(isRecord) ? sharedKey(name, before, after) : undefined;
  return key === undefined ? contentMatch(before, after) : keyMatch(key, before as readonly Data[], after as readonly Data[]);
}

function isTexts(items: Items): boolean {
  return items.every((item) => typeof item === "string");
}

/** The first key that tells all items apart on both sides. */
function sharedKey(name: string, before: readonly Data[], after: readonly Data[]): MergeKey | undefined {
  return mergeKeys(name).find((key) => tellsApart(key, before) && tellsApart(key, after));
}

function tellsApart(key: MergeKey, items: readonly Data[]): boolean {
  const values = items.map((item) => keyText(item, key));
  // Of Istio's routes one may match everything: it has no match.
  const isComplete = key[0] === "match" || items.every((item) => isName(part(item, key[0])));
  return isComplete && new Set(values).size === items.length;
}

function isName(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function part(item: Data, path: string): unknown {
  const value = at(item, ...path.split("."));
  return path === "protocol" ? (value ?? "TCP") : value;
}

function keyText(item: Data, key: MergeKey): string {
  const parts = key.map((path) => part(item, path));
  // The fast way: parts of a name are no maps.
  return key[0] === "match" ? contentText(parts) : JSON.stringify(parts);
}

function itemKey(item: Data, key: MergeKey): ItemStep["key"] {
  if (key[0] === "match") return undefined;
  const values = key.map((path) => [lastName(path), part(item, path)] as const);
  const shown = values.filter(([name, value]) => isName(value) && !(name === "protocol" && value === "TCP"));
  return Object.fromEntries(shown.map(([name, value]) => [name, String(value)]));
}

/** `subset` of `destination.subset`, `port` of `destination.port.number`. */
function lastName(path: string): string {
  return path.split(".").findLast((name) => name !== "number") ?? path;
}

function keyMatch(key: MergeKey, before: readonly Data[], after: readonly Data[]): ListMatch {
  const places = new Map(after.map((item, index) => [keyText(item, key), index]));
  const step = (item: Data, index: number): ItemStep => {
    const shown = itemKey(item, key);
    return { index, ...(shown !== undefined && { key: shown }) };
  };
  const found = before.map((item) => places.get(keyText(item, key)));
  const taken = new Set(found);
  return {
    pairs: before.flatMap((item, index) => {
      const place = found[index];
      return place === undefined ? [] : [{ step: step(item, index), before: index, after: place }];
    }),
    removed: before.flatMap((item, index) => (found[index] === undefined ? [step(item, index)] : [])),
    added: after.flatMap((item, index) => (taken.has(index) ? [] : [step(item, index)])),
    ordered: true,
  };
}

function setMatch(before: Items, after: Items): ListMatch {
  const { pairs, left, right } = equalItems(before, after);
  const member = (index: number): ItemStep => ({ index, member: true });
  return {
    pairs: pairs.map((pair) => ({ ...pair, step: member(pair.before) })),
    removed: left.map(member),
    added: right.map(member),
    ordered: false,
  };
}

function contentMatch(before: Items, after: Items): ListMatch {
  const { pairs, left, right } = equalItems(before, after);
  const shared = Math.min(left.length, right.length);
  const changed = left.slice(0, shared).map((index, turn) => ({ before: index, after: right[turn] ?? 0 }));
  return {
    pairs: [...pairs, ...changed].map((pair) => ({ ...pair, step: { index: pair.before } })).sort((a, b) => a.before - b.before),
    removed: left.slice(shared).map((index) => ({ index })),
    added: right.slice(shared).map((index) => ({ index })),
    ordered: true,
  };
}

interface EqualItems {
  readonly pairs: readonly { readonly before: number; readonly after: number }[];
  /** Places of what has no equal on the other side. */
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** Items that are equal on both sides, each taken once, and what is left. */
function equalItems(before: Items, after: Items): EqualItems {
  const places = new Map<string, number[]>();
  for (const [index, item] of after.entries()) {
    const text = contentText(item);
    const same = places.get(text);
    if (same === undefined) places.set(text, [index]);
    else same.push(index);
  }
  for (const same of places.values()) same.reverse();
  const found = before.map((item, index) => ({ before: index, after: places.get(contentText(item))?.pop() }));
  const pairs = found.filter((pair): pair is { before: number; after: number } => pair.after !== undefined);
  const taken = new Set(pairs.map((pair) => pair.after));
  return {
    pairs,
    left: found.filter((pair) => pair.after === undefined).map((pair) => pair.before),
    right: after.flatMap((_, index) => (taken.has(index) ? [] : [index])),
  };
}

/** The same text for the same content, whatever the order of keys. */
export function contentText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner)) ?? "";
}

function sorted(map: Data): Data {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
