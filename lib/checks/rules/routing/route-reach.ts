import { type Data, list, number, record, text } from "../../fields";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { canonicalText } from "./canonical-text";
import { isCovered, namedFields, type PrefixMatch, prefixMatch } from "./match-cover";

/** A rule of a VirtualService that no request comes to. */
interface UnreachableRule {
  /** `spec.http[1]`. */
  readonly field: string;
  readonly reason: string;
}

/** A match of a VirtualService that is never met first. */
interface IneffectiveMatch {
  /** `spec.http[1].match[0]`. */
  readonly field: string;
  readonly reason: string;
}

/** What of a VirtualService's routes has no effect. */
export interface RouteReach {
  readonly unreachable: readonly UnreachableRule[];
  readonly ineffective: readonly IneffectiveMatch[];
}

/** What has no effect in the VirtualServices that Istio judges, for those that have anything of the kind. */
export function routeReaches(graph: ObjectGraph): readonly (readonly [object: MeshObject, reach: RouteReach])[] {
  return judged(graph, "VirtualService").flatMap((object) => {
    const reach = routeReach(object);
    return reach.unreachable.length + reach.ineffective.length === 0 ? [] : [[object, reach] as const];
  });
}

/** Rules and matches of each protocol that those before them leave nothing for. */
export function routeReach({ spec }: MeshObject): RouteReach {
  const protocols = (["http", "tcp", "tls"] as const).filter((protocol) => hasSeveral(spec[protocol]));
  const found = protocols.map((protocol) => reachOf(rulesOf(spec[protocol], protocol), protocol));
  return { unreachable: found.flatMap(({ unreachable }) => unreachable), ineffective: found.flatMap(({ ineffective }) => ineffective) };
}

/** Whether there are several rules, or one of several matches: one alone takes nothing from another. */
function hasSeveral(rules: unknown): boolean {
  const [first, second] = list(rules);
  return second !== undefined || list(record(first).match).length > 1;
}

interface RouteRule {
  readonly field: string;
  /** Field, and the name where it has one. */
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
    const isRule = typeof item === "object" && item !== null && !Array.isArray(item);
    if (!isRule || !(match === null || Array.isArray(match))) return [];
    const field = `spec.${protocol}[${index}]`;
    const matches = list(match).map((data, at) => ({ field: `${field}.match[${at}]`, data: record(data) }));
    const own = protocol === "http" ? text(name) : undefined;
    return [{ field, name: own === undefined || own === "" ? field : `${field} (${own})`, matches }];
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
  const matches = rules.flatMap((owner) => owner.matches.filter((match) => !repeated.has(match)).map((match) => ({ match, owner })));
  const placed = matches.flatMap(({ match: { data, field }, owner }, place) => {
    const match = prefixMatch(data);
    return match === undefined ? [] : [{ match, field, owner, place }];
  });
  const trees = new Map([...grouped(placed, ({ match }) => shapeOf(match))].map(([shape, group]) => [shape, prefixTree(group)]));
  return placed.flatMap((later) => {
    const covers = coversOf(later, trees.get(shapeOf(later.match))?.get(later.match.prefix)?.above);
    return covers.map(({ match, owner }) => ({ field: later.field, reason: `${owner.name} takes the prefix ${match.prefix} before it` }));
  });
}

/** A match on a prefix, and its place among those of its VirtualService. */
interface PlacedMatch {
  readonly match: PrefixMatch;
  readonly field: string;
  readonly owner: RouteRule;
  readonly place: number;
}

/** Matches on one prefix, and those on the next shorter prefix of it. */
interface PrefixNode {
  readonly prefix: string;
  readonly matches: readonly PlacedMatch[];
  readonly above: PrefixNode | undefined;
}

/** More than these are not told of one by one. */
const most = 8;

/** More than these are not compared with one match. */
const mostCandidates = 100;

/** The first few matches on shorter prefixes that come before a match and cover it. */
function coversOf(later: PlacedMatch, above: PrefixNode | undefined): readonly PlacedMatch[] {
  const candidates: PlacedMatch[] = [];
  for (let node = above; node !== undefined && candidates.length < mostCandidates; node = node.above) {
    candidates.push(...node.matches.slice(0, mostCandidates - candidates.length));
  }
  return candidates.filter(({ match, place }) => place < later.place && isCovered(later.match, match)).slice(0, most);
}

/** Nodes by prefix. In the order of the alphabet a prefix stands before all that begin with it. */
function prefixTree(matches: readonly PlacedMatch[]): ReadonlyMap<string, PrefixNode> {
  const nodes = new Map<string, PrefixNode>();
  const byPrefix = [...grouped(matches, ({ match }) => match.prefix)].sort(([a], [b]) => (a < b ? -1 : 1));
  let last: PrefixNode | undefined;
  for (const [prefix, group] of byPrefix) {
    let above = last;
    while (above !== undefined && !prefix.startsWith(above.prefix)) above = above.above;
    last = { prefix, matches: group, above };
    nodes.set(prefix, last);
  }
  return nodes;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Port, and names of headers and parameters: where these differ, Istio does not compare two matches. */
function shapeOf({ data }: PrefixMatch): string {
  return JSON.stringify([number(data.port) ?? 0, namedFields.map((field) => Object.keys(record(data[field])).sort())]);
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
