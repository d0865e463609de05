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

const noveltiesOf = new WeakMap<Since, readonly Novelty[]>();

/**
 * What the release does not know yet. Its API server would drop such a field in silence, or refuse the object.
 *
 * Costs nothing for a release that knows every field.
 */
export function tooNew(spec: object, path: string, since: Since, release: IstioRelease): readonly Problem[] {
  const own = minorNumber(release.row.minor);
  return novelties(since)
    .filter(({ minor }) => minorNumber(minor) > own)
    .flatMap(({ steps, word, minor }) => {
      const found = occurrences(spec, path, steps).filter(({ value }) => word === undefined || words(value).includes(word));
      return found.map(({ at, value }) =>
        problem(at, value, `nothing that came with Istio ${minor}, because the release is ${release.minor}`),
      );
    });
}

/** The same fields below several places. */
export function under(places: readonly string[], fields: Since): Since {
  return Object.fromEntries(places.flatMap((place) => Object.entries(fields).map(([field, minor]) => [`${place}.${field}`, minor])));
}

function novelties(since: Since): readonly Novelty[] {
  const known = noveltiesOf.get(since);
  if (known !== undefined) return known;
  const parsed = Object.entries(since).map(([field, minor]) => {
    const [path = "", word] = field.split("=");
    return { steps: path.replaceAll(/\[\]|\{\}/g, (mark) => `.${mark}`).split("."), word, minor };
  });
  noveltiesOf.set(since, parsed);
  return parsed;
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
  if (step === undefined) return value === undefined ? [] : [{ at, value }];
  if (step === "[]") return Array.isArray(value) ? value.flatMap((item, index) => occurrences(item, join(at, index), rest)) : [];
  if (!isRecord(value)) return [];
  if (step === "{}") return Object.entries(value).flatMap(([name, entry]) => occurrences(entry, join(at, name), rest));
  return occurrences(value[step], join(at, step), rest);
}
