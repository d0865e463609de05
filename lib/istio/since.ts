import { isRecord } from "../core/check";
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

interface Novelty {
  readonly steps: readonly string[];
  readonly word: string | undefined;
  readonly minor: string;
}

/** What each minor lacks, found out once: a tree has thousands of objects and one release. */
const lackingOf = new WeakMap<Since, Map<string, readonly Novelty[]>>();

/**
 * What the release does not know yet. Its API server would drop such a field in silence, or refuse the object.
 *
 * Costs nothing for a release that knows every field.
 */
export function tooNew(spec: object, path: string, since: Since, release: IstioRelease): readonly Problem[] {
  return lacking(since, release.row.minor).flatMap(({ steps, word, minor }) => {
    const found = occurrences(spec, path, steps).filter(({ value }) => word === undefined || words(value).includes(word));
    return found.map(({ at, value }) =>
      problem(at, value, `nothing, because it came with Istio ${minor} and the release is ${release.minor}`),
    );
  });
}

/** The same fields below several places. */
export function under(places: readonly string[], fields: Since): Since {
  return Object.fromEntries(places.flatMap((place) => Object.entries(fields).map(([field, minor]) => [`${place}.${field}`, minor])));
}

function lacking(since: Since, minor: string): readonly Novelty[] {
  const byMinor = lackingOf.get(since) ?? new Map<string, readonly Novelty[]>();
  lackingOf.set(since, byMinor);
  const found = byMinor.get(minor) ?? novelties(since).filter((novelty) => minorNumber(novelty.minor) > minorNumber(minor));
  byMinor.set(minor, found);
  return found;
}

function novelties(since: Since): readonly Novelty[] {
  return Object.entries(since).map(([field, minor]) => {
    const [path = "", word] = field.split("=");
    return { steps: path.replaceAll(/\[\]|\{\}/g, (mark) => `.${mark}`).split("."), word, minor };
  });
}

function words(value: unknown): readonly string[] {
  return typeof value === "string" ? value.split(",") : [];
}

interface Occurrence {
  readonly at: string;
  readonly value: unknown;
}

function occurrences(value: unknown, at: string, steps: readonly string[]): readonly Occurrence[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [{ at, value }];
  if (step === "[]") return Array.isArray(value) ? value.flatMap((item, index) => occurrences(item, join(at, index), rest)) : [];
  if (!isRecord(value)) return [];
  if (step === "{}") return Object.entries(value).flatMap(([name, entry]) => occurrences(entry, join(at, name), rest));
  return value[step] === undefined ? [] : occurrences(value[step], join(at, step), rest);
}
