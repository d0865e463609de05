import { type Check, optional } from "../core/check";
import { atMostOneOf, exactlyOneOf, part } from "./part";
import { regex, someText, text } from "./text";
import { isEmpty, toleratedRule } from "./tolerated";

/** How a text is compared: in whole, by its start, or by a regular expression (RE2) that fits the whole. */
export type StringMatch = { readonly exact: string } | { readonly prefix: string } | { readonly regex: string };

/** How a header or query parameter is compared. An empty object asks only that it is there. */
export type PresenceMatch = StringMatch | Readonly<Record<string, never>>;

type Fields = { readonly exact?: string; readonly prefix?: string; readonly regex?: string };

const oneOf = exactlyOneOf<Fields>("exact", "prefix", "regex");
/** Istio takes an empty match for one of anything. */
const atMostOne = toleratedRule(oneOf, isEmpty);

/** Exactly one way of comparing; a prefix is not empty. */
export const stringMatch: Check = part<Fields>({ exact: optional(text), prefix: optional(someText), regex: optional(regex) }, atMostOne);

/** As {@link stringMatch}, but the prefix may be empty: every path has it. */
export const uriMatch: Check = part<Fields>({ exact: optional(text), prefix: optional(text), regex: optional(regex) }, atMostOne);

/** As {@link stringMatch}, or an empty object. */
export const presenceMatch: Check = part<Fields>(
  { exact: optional(text), prefix: optional(someText), regex: optional(regex) },
  atMostOneOf("exact", "prefix", "regex"),
);

/** As {@link presenceMatch}; the regular expression `*` stands for any value. */
export const absenceMatch: Check = part<Fields>(
  {
    exact: optional(text),
    prefix: optional(someText),
    regex: (path, value) => (value === undefined || value === "*" ? [] : regex(path, value)),
  },
  atMostOneOf("exact", "prefix", "regex"),
);

/** As {@link stringMatch}, and nothing in it is empty. */
export const originMatch: Check = part<Fields>({ exact: optional(someText), prefix: optional(someText), regex: optional(regex) }, oneOf);
