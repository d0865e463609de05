import { type Data, list, record, text } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import { canonicalText } from "./canonical-text";
import { isCovered, namedFields, type PrefixMatch, prefixMatch } from "./match-cover";

/** A rule of a VirtualService that no request comes to. */
export interface UnreachableRule {
  /** `spec.http[1]`. */
  readonly field: string;
  readonly reason: string;
}

/** A match of a VirtualService that is never met first. */
export interface IneffectiveMatch {
  /** `spec.http[1].match[0]`. */
  readonly field: string;
  readonly reason: string;
}

/** What of a VirtualService's routes has no effect. */
export interface RouteReach {
  readonly unreachable: readonly UnreachableRule[];
  readonly ineffective: readonly IneffectiveMatch[];
}

/** Rules and matches of each protocol that those before them leave nothing for. */
export function routeReach({ spec }: MeshObject): RouteReach {
  const found = (["http", "tcp", "tls"] as const).map((protocol) => reachOf(rulesOf(spec[protocol], protocol), protocol));
  return { unreachable: found.flatMap(({ unreachable }) => unreachable), ineffective: found.flatMap(({ ineffective }) => ineffective) };
}

interface RouteRule {
  readonly field: string;
  /** Name, or number from 1. */
  readonly name: string;
  readonly matches: readonly RuleMatch[];
}

interface RuleMatch {
  readonly field: string;
  readonly data: Data;
}

/** Rules that can be read: one whose matches are no list is passed over. */
function rulesOf(value: unknown, protocol: string): readonly RouteRule[] {
  return list(value).flatMap((item, index) => {
    const { match = [], name } = record(item);
    if (typeof item !== "object" || item === null || !(match === null || Array.isArray(match))) return [];
    const field = `spec.${protocol}[${index}]`;
    const matches = list(match).map((data, at) => ({ field: `${field}.match[${at}]`, data: record(data) }));
    const own = protocol === "http" ? text(name) : undefined;
    return [{ field, name: own === undefined || own === "" ? `rule ${index + 1}` : `rule ${own}`, matches }];
  });
}

function reachOf(rules: readonly RouteRule[], protocol: string): RouteReach {
  const takesAll = rules.findIndex(({ matches }) => matches.length === 0);
  const reached = takesAll === -1 ? rules : rules.slice(0, takesAll);
  const shadowed = takesAll === -1 ? [] : rules.slice(takesAll + 1);
  const repeats = repeatedMatches(reached, protocol);
  const covered = protocol === "http" ? coveredMatches(reached, repeats) : [];
  const emptied = reached.filter(({ matches }) => matches.length > 0 && matches.every((match) => repeats.has(match)));
  return {
    unreachable: [
      ...emptied.map(({ field }) => ({ field, reason: "the rules before it have all of its matches" })),
      ...shadowed.map(({ field }) => ({ field, reason: `${rules[takesAll]?.name} before it has no match, so it takes every request` })),
    ],
    ineffective: [...[...repeats].map(([{ field }, rule]) => ({ field, reason: `${rule.name} asks for the same before it` })), ...covered],
  };
}

/** Matches that one before them says in the same words, with the rule that does. */
function repeatedMatches(rules: readonly RouteRule[], protocol: string): ReadonlyMap<RuleMatch, RouteRule> {
  const first = new Map<string, RouteRule>();
  const repeated = new Map<RuleMatch, RouteRule>();
  for (const rule of rules) {
    for (const match of rule.matches) {
      const key = matchKey(match.data, protocol);
      const before = key === undefined ? undefined : first.get(key);
      if (before !== undefined) repeated.set(match, before);
      else if (key !== undefined) first.set(key, rule);
    }
  }
  return repeated;
}

/** Matches on a prefix that a shorter one before them covers. */
function coveredMatches(rules: readonly RouteRule[], repeated: ReadonlyMap<RuleMatch, RouteRule>): readonly IneffectiveMatch[] {
  const before = new PrefixIndex();
  return rules.flatMap((rule) =>
    rule.matches.flatMap(({ data, field }, index) => {
      const own = prefixMatch(data);
      if (own === undefined || repeated.has(rule.matches[index] as RuleMatch)) return [];
      const covers = before.covering(own);
      before.add(own, rule);
      return covers.map(({ match, owner }) => ({ field, reason: `${owner.name} takes the prefix ${match.prefix} before it` }));
    }),
  );
}

interface IndexedMatch {
  readonly match: PrefixMatch;
  readonly owner: RouteRule;
}

/** Matches on prefixes, by what they ask for beside the path. */
class PrefixIndex {
  readonly #byPrefix = new Map<string, IndexedMatch[]>();
  readonly #lengths = new Set<number>();

  add(match: PrefixMatch, owner: RouteRule): void {
    const key = keyOf(match, match.prefix.length);
    const matches = this.#byPrefix.get(key);
    this.#lengths.add(match.prefix.length);
    if (matches === undefined) this.#byPrefix.set(key, [{ match, owner }]);
    else matches.push({ match, owner });
  }

  /** Matches on shorter prefixes that cover a match: the first few. */
  covering(later: PrefixMatch): readonly IndexedMatch[] {
    const lengths = [...this.#lengths].filter((length) => length < later.prefix.length);
    const candidates = lengths.flatMap((length) => this.#byPrefix.get(keyOf(later, length))?.slice(0, mostCandidates) ?? []);
    return candidates.filter(({ match }) => isCovered(later, match)).slice(0, most);
  }
}

/** More than these are not told of one by one. */
const most = 8;

/** Of matches on one prefix that differ in the values of headers alone, more than these are not compared. */
const mostCandidates = 100;

function keyOf({ prefix, data }: PrefixMatch, length: number): string {
  const names = namedFields.map((field) => Object.keys(record(data[field])).sort());
  return `${JSON.stringify([data.port ?? 0, names])} ${prefix.slice(0, length)}`;
}

/** A match without its name and without what means nothing, as text. */
function matchKey(data: Data, protocol: string): string | undefined {
  const meaningful = Object.entries(data).filter(([name, value]) => !(name === "name" && protocol === "http") && !isNothing(name, value));
  return canonicalText(Object.fromEntries(meaningful));
}

const maps: ReadonlySet<string> = new Set(["headers", "queryParams", "withoutHeaders", "sourceLabels"]);

function isNothing(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return maps.has(name) && Object.keys(record(value)).length === 0;
}
