/** An item of a list: where it stands, and what tells it from the others. */
export interface ItemStep {
  /** Place in the list: before the change, and of an added item after it. From 0. */
  readonly index: number;
  /** Merge key and its value: `{ name: "app" }`. @default - the items are told apart by their place */
  readonly key?: Readonly<Record<string, string>>;
  /** The list is a set: the place means nothing. @default false */
  readonly member?: boolean;
}

/** A step into an object: the name of a field, or an item of a list. */
export type Step = string | ItemStep;

/** The way from an object to a field of it. Empty for the whole. */
export type Path = readonly Step[];

/** A field that is new. */
interface AddedField {
  readonly kind: "added";
  readonly path: Path;
  readonly after: unknown;
}

/** A field that is gone. */
interface RemovedField {
  readonly kind: "removed";
  readonly path: Path;
  readonly before: unknown;
}

/** A field whose value is another one. */
export interface ChangedField {
  readonly kind: "changed";
  readonly path: Path;
  readonly before: unknown;
  readonly after: unknown;
  /** Both are the same amount or the same time, written in two ways. @default false */
  readonly sameMeaning?: boolean;
}

/** A list whose items stand in another order. Only those count that were there before and still are. */
interface MovedItems {
  readonly kind: "moved";
  /** Path of the list. */
  readonly path: Path;
  /** Places before the change, in the order after it. From 0. */
  readonly order: readonly number[];
  /** What the items are called, in the order after the change. */
  readonly after: readonly string[];
}

/** One difference between two values. */
export type FieldChange = AddedField | RemovedField | ChangedField | MovedItems;

/** A path as people read it: `spec.http[name=pricing].timeout`. Values of keys that are no plain word are quoted. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => `${text}${stepText(step, text === "")}`, "");
}

function stepText(step: Step, isFirst: boolean): string {
  if (typeof step !== "string") return step.member === true ? "" : `[${itemText(step)}]`;
  if (isFirst && /^[\w$./-]+$/.test(step)) return step;
  return /^[\w$/-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** An item as people name it: `name=app`, or its place. */
export function itemText({ index, key }: ItemStep): string {
  if (key === undefined) return String(index);
  return Object.entries(key)
    .map(([name, value]) => `${name}=${/^[\w./:*-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join(",");
}
