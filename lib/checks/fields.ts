/** Data from outside: any field may hold anything. These readers take a field for what it should be, or for nothing. */
export type Data = Readonly<Record<string, unknown>>;

const nothing: Data = Object.freeze({});
const noItems: readonly unknown[] = Object.freeze([]);

/** The value where it is an object, else an empty one. */
export function record(value: unknown): Data {
  return isData(value) ? value : nothing;
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value where it is a list, else an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : noItems;
}

/** The items of a list as objects, an empty one for each that is none: indices stay those of the manifest. */
export function records(value: unknown): readonly Data[] {
  const items = list(value);
  return items.every(isData) ? (items as readonly Data[]) : items.map(record);
}

/** The value where it is text, else undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The items of a list that are text. */
export function texts(value: unknown): readonly string[] {
  const items = list(value);
  return items.every((item) => typeof item === "string") ? (items as readonly string[]) : items.filter((item) => typeof item === "string");
}

/** The value where it is a finite number, else undefined. */
export function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The value where it is a map of texts; what else the map holds is left out. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  const map = record(value);
  return Object.values(map).every((item) => typeof item === "string")
    ? (map as Record<string, string>)
    : Object.fromEntries(Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The value at a path of names and indices, undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) found = typeof step === "number" ? list(found)[step] : own(record(found), step);
  return found;
}

/** A field that the data itself has: never one of Object's. */
function own(data: Data, name: string): unknown {
  return Object.hasOwn(data, name) ? data[name] : undefined;
}
