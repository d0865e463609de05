import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../core/check";
import type { FieldChange, Path } from "./field-change";
import { itemText } from "./field-change";
import { type ListMatch, listMatch } from "./list-match";
import { meansTheSame } from "./meaning";

type Fields = Readonly<Record<string, unknown>>;
type Items = readonly unknown[];

/**
 * The differences of two values, by field: none when they are equal.
 *
 * Done to the first value they give the second one, but for the order of keys and of sets.
 *
 * @param path - where the values stand in their object
 */
export function valueChanges(before: unknown, after: unknown, path: Path = []): readonly FieldChange[] {
  if (Object.is(before, after)) return [];
  if (isRecord(before) && isRecord(after)) return mapChanges(before, after, path);
  // To match the items of lists that are equal would be waste.
  if (Array.isArray(before) && Array.isArray(after)) return isDeepStrictEqual(before, after) ? [] : listChanges(before, after, path);
  return [{ kind: "changed", path, before, after, ...(meansTheSame(path, before, after) && { sameMeaning: true }) }];
}

/** In the order of the text before, what is new at the end. */
function mapChanges(before: Fields, after: Fields, path: Path): readonly FieldChange[] {
  const shared = Object.keys(before).flatMap((name): readonly FieldChange[] =>
    Object.hasOwn(after, name)
      ? valueChanges(before[name], after[name], [...path, name])
      : [{ kind: "removed", path: [...path, name], before: before[name] }],
  );
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
  return [...shared, ...added.map((name): FieldChange => ({ kind: "added", path: [...path, name], after: after[name] }))];
}

function listChanges(before: Items, after: Items, path: Path): readonly FieldChange[] {
  const match = listMatch(nameOf(path), before, after);
  return [
    ...match.pairs.flatMap((pair) => valueChanges(before[pair.before], after[pair.after], [...path, pair.step])),
    ...match.removed.map((step): FieldChange => ({ kind: "removed", path: [...path, step], before: before[step.index] })),
    ...match.added.map((step): FieldChange => ({ kind: "added", path: [...path, step], after: after[step.index] })),
    ...moves(match, path),
  ];
}

function moves({ pairs, ordered }: ListMatch, path: Path): readonly FieldChange[] {
  if (!ordered || pairs.every((pair, turn) => turn === 0 || pair.after > (pairs[turn - 1]?.after ?? 0))) return [];
  const sorted = [...pairs].sort((a, b) => a.after - b.after);
  return [{ kind: "moved", path, order: sorted.map((pair) => pair.before), after: sorted.map(({ step }) => itemText(step)) }];
}

function nameOf(path: Path): string {
  const last = path.findLast((step) => typeof step === "string");
  return last ?? "documents";
}
