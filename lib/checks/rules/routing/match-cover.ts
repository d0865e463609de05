import { type Data, record, text, textMap, texts } from "../../fields";
import { canonicalText } from "./canonical-text";

/** A string match in Istio's words: `exact:GET`, `prefix:/api`; empty for none, and for a regular expression. */
type MatchText = string;

/** A match of HTTP on a prefix of the path. */
export interface PrefixMatch {
  readonly prefix: string;
  readonly data: Data;
}

/** A match on a prefix; undefined for a match on anything else. */
export function prefixMatch(data: Data): PrefixMatch | undefined {
  const prefix = text(record(data.uri).prefix) ?? "";
  return prefix === "" ? undefined : { prefix, data };
}

/**
 * Whether whatever meets the later match meets the earlier one too, and Istio sees it: the path is longer, all else is asked for in the same
 * words, and a method that is not named is GET.
 *
 * Istio alone also calls matches covered that are not: it takes a narrower earlier method, host or header for a wider one, and does not look
 * at source labels. These are left out.
 */
export function isCovered(later: PrefixMatch, earlier: PrefixMatch): boolean {
  return later.prefix.startsWith(earlier.prefix) && istioSees(later.data, earlier.data) && isImplied(later.data, earlier.data);
}

/** Fields in which two matches must ask for the same names, for Istio to compare them at all. */
export const namedFields = ["headers", "queryParams", "withoutHeaders"] as const;

function istioSees(later: Data, earlier: Data): boolean {
  return (
    (later.port ?? 0) === (earlier.port ?? 0) &&
    methodText(earlier).startsWith(methodText(later)) &&
    matchText(earlier.authority).startsWith(matchText(later.authority)) &&
    namedFields.every((field) => sameNames(record(later[field]), record(earlier[field])))
  );
}

function sameNames(later: Data, earlier: Data): boolean {
  const names = Object.keys(earlier);
  return (
    names.length === Object.keys(later).length &&
    names.every((name) => Object.hasOwn(later, name) && matchText(earlier[name]).startsWith(matchText(later[name])))
  );
}

/** Whether each condition of the earlier match follows from one of the later. */
function isImplied(later: Data, earlier: Data): boolean {
  return (
    (["method", "authority", "scheme"] as const).every((field) => follows(later[field], earlier[field])) &&
    (["headers", "queryParams"] as const).every((field) => allFollow(record(later[field]), record(earlier[field]))) &&
    isSame(earlier.withoutHeaders ?? {}, later.withoutHeaders ?? {}) &&
    (earlier.ignoreUriCase === true || later.ignoreUriCase !== true) &&
    isFromSameCallers(later, earlier)
  );
}

function isFromSameCallers(later: Data, earlier: Data): boolean {
  const [gateways, own] = [texts(earlier.gateways), texts(later.gateways)];
  const labels = textMap(later.sourceLabels);
  return (
    ((text(earlier.sourceNamespace) ?? "") === "" || earlier.sourceNamespace === later.sourceNamespace) &&
    Object.entries(textMap(earlier.sourceLabels)).every(([name, value]) => labels[name] === value) &&
    (gateways.length === 0 || (own.length > 0 && own.every((gateway) => gateways.includes(gateway))))
  );
}

function allFollow(later: Data, earlier: Data): boolean {
  return Object.entries(earlier).every(([name, condition]) => Object.hasOwn(later, name) && follows(later[name], condition));
}

/** Whether a value that meets the later condition meets the earlier one. */
function follows(later: unknown, earlier: unknown): boolean {
  const wide = record(earlier);
  if (Object.keys(wide).length === 0) return true;
  const narrow = record(later);
  if (isSame(wide, narrow)) return true;
  const prefix = text(wide.prefix);
  return prefix !== undefined && (text(narrow.exact) ?? text(narrow.prefix) ?? "").startsWith(prefix);
}

function isSame(a: unknown, b: unknown): boolean {
  const written = canonicalText(a);
  return written !== undefined && written === canonicalText(b);
}

function methodText(data: Data): MatchText {
  return matchText(data.method) || "exact:GET";
}

function matchText(value: unknown): MatchText {
  const { exact, prefix } = record(value);
  if (typeof exact === "string" && exact !== "") return `exact:${exact}`;
  return typeof prefix === "string" && prefix !== "" ? `prefix:${prefix}` : "";
}
