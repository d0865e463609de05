import { join, type Problem, problem } from "../core/problem";
import { minorNumber } from "./catalogue";
import type { IstioRelease } from "./release";

/**
 * Fields of a spec, or words in a field, to the minor that they came with.
 *
 * `http[].retries.backoff` is a field below each item of a list, `tags{}.formatter` below each value of a map,
 * `resolution=DYNAMIC_DNS` a word.
 */
export type Since = Readonly<Record<string, string>>;

/** What a release lacks at a place of a spec and below it: a tree, so that a spec is walked through once. */
interface Place {
  readonly name: string;
  /** Minor that the field here came with. */
  minor?: string;
  /** Words of the field here, and the minor that each came with. */
  readonly words: [word: string, minor: string][];
  readonly fields: Place[];
  items?: Place;
  values?: Place;
}

/** What each minor lacks, found out once: a tree has thousands of objects and one release. */
const lackingOf = new WeakMap<Since, Map<string, Place | undefined>>();

/**
 * What the release does not know yet. Its API server would drop such a field in silence, or refuse the object.
 *
 * Costs nothing for a release that knows every field.
 */
export function tooNew(spec: object, path: string, since: Since, release: IstioRelease): readonly Problem[] {
  const place = lacking(since, release.row.minor);
  if (place === undefined) return [];
  const found: Problem[] = [];
  search(spec, path, place, (at, value, minor) =>
    found.push(problem(at, value, `nothing, because it came with Istio ${minor} and the release is ${release.minor}`)),
  );
  return found;
}

/** The same fields below several places. */
export function under(places: readonly string[], fields: Since): Since {
  return Object.fromEntries(places.flatMap((place) => Object.entries(fields).map(([field, minor]) => [`${place}.${field}`, minor])));
}

function lacking(since: Since, minor: string): Place | undefined {
  const byMinor = lackingOf.get(since) ?? new Map<string, Place | undefined>();
  lackingOf.set(since, byMinor);
  if (!byMinor.has(minor)) byMinor.set(minor, placesOf(since, minorNumber(minor)));
  return byMinor.get(minor);
}

function placesOf(since: Since, minor: number): Place | undefined {
  const newer = Object.entries(since).filter(([, came]) => minorNumber(came) > minor);
  if (newer.length === 0) return undefined;
  const root = newPlace("");
  for (const [field, came] of newer) {
    const [path = "", word] = field.split("=");
    const place = path
      .replaceAll(/\[\]|\{\}/g, (mark) => `.${mark}`)
      .split(".")
      .reduce(stepInto, root);
    if (word === undefined) place.minor = came;
    else place.words.push([word, came]);
  }
  return root;
}

function newPlace(name: string): Place {
  return { name, words: [], fields: [] };
}

function stepInto(place: Place, step: string): Place {
  const known = step === "[]" ? place.items : step === "{}" ? place.values : place.fields.find(({ name }) => name === step);
  if (known !== undefined) return known;
  const next = newPlace(step);
  if (step === "[]") place.items = next;
  else if (step === "{}") place.values = next;
  else place.fields.push(next);
  return next;
}

type Report = (at: string, value: unknown, minor: string) => void;

function search(value: unknown, at: string, place: Place, report: Report): void {
  const minor = typeof value === "string" && place.words.length > 0 ? newestOf(value, place) : place.minor;
  if (minor !== undefined) report(at, value, minor);
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) searchItems(value, at, place.items, report);
  else searchFields(value as Readonly<Record<string, unknown>>, at, place, report);
}

/** The release that has the field and every word in it. */
function newestOf(text: string, { minor, words }: Place): string | undefined {
  const found = text.split(",");
  const came = words.flatMap(([word, since]) => (found.includes(word) ? [since] : []));
  return [...(minor === undefined ? [] : [minor]), ...came].sort((a, b) => minorNumber(a) - minorNumber(b)).at(-1);
}

function searchItems(list: readonly unknown[], at: string, place: Place | undefined, report: Report): void {
  if (place === undefined) return;
  list.forEach((item, index) => {
    search(item, `${at}[${index}]`, place, report);
  });
}

function searchFields(fields: Readonly<Record<string, unknown>>, at: string, place: Place, report: Report): void {
  for (const field of place.fields) {
    const value = fields[field.name];
    if (value !== undefined) search(value, `${at}.${field.name}`, field, report);
  }
  if (place.values === undefined) return;
  for (const [name, entry] of Object.entries(fields)) search(entry, join(at, name), place.values, report);
}
