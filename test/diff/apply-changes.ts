import { isRecord } from "../../lib/core/check";
import type { FieldChange, Step } from "../../lib/diff/field-change";

type Deep = { readonly change: FieldChange; readonly rest: readonly Step[] };

/** What a value is after the changes: the meaning of each kind of change, written down once more to hold the differ against. */
export function applyChanges(before: unknown, changes: readonly FieldChange[]): unknown {
  return apply(
    before,
    changes.map((change) => ({ change, rest: change.path })),
  );
}

function apply(before: unknown, changes: readonly Deep[]): unknown {
  const [whole] = changes.filter(({ change, rest }) => rest.length === 0 && change.kind !== "moved");
  if (whole !== undefined) return whole.change.kind === "removed" || whole.change.kind === "moved" ? undefined : whole.change.after;
  if (Array.isArray(before)) return applyToList(before, changes);
  return isRecord(before) ? applyToMap(before, changes) : before;
}

function applyToMap(before: Readonly<Record<string, unknown>>, changes: readonly Deep[]): unknown {
  const fields = new Map(Object.entries(before));
  const names = new Set(changes.map(({ rest }) => rest[0] as string));
  for (const name of names) {
    const inner = below(changes, (step) => step === name);
    if (inner.some(({ change, rest }) => change.kind === "removed" && rest.length === 0)) fields.delete(name);
    else fields.set(name, apply(fields.get(name), inner));
  }
  return Object.fromEntries(fields);
}

function applyToList(before: readonly unknown[], changes: readonly Deep[]): unknown {
  const isEnd = (kind: FieldChange["kind"]) => (deep: Deep) => deep.change.kind === kind && deep.rest.length === 1;
  const [removed, added] = [changes.filter(isEnd("removed")), changes.filter(isEnd("added"))];
  const inside = changes.filter((deep) => !removed.includes(deep) && !added.includes(deep) && deep.rest.length > 0);
  const gone = new Set(removed.map(({ rest }) => place(rest[0])));
  const moved = changes.find(({ change, rest }) => change.kind === "moved" && rest.length === 0)?.change;
  const order = moved?.kind === "moved" ? moved.order : before.map((_, index) => index).filter((index) => !gone.has(index));
  const items = order.map((index) =>
    apply(
      before[index],
      below(inside, (step) => place(step) === index),
    ),
  );
  const inTurn = [...added].sort((a, b) => place(a.rest[0]) - place(b.rest[0]));
  for (const { change, rest } of inTurn) items.splice(place(rest[0]), 0, change.kind === "added" ? change.after : undefined);
  return items;
}

function place(step: Step | undefined): number {
  return typeof step === "object" ? step.index : -1;
}

function below(changes: readonly Deep[], isStep: (step: Step) => boolean): readonly Deep[] {
  return changes
    .filter(({ rest }) => rest[0] !== undefined && isStep(rest[0]))
    .map(({ change, rest }) => ({ change, rest: rest.slice(1) }));
}
