import { type Check, optional, satisfies } from "../core/check";
import { dict, each, items, part } from "./part";

/** What is done to the headers of one direction. */
export interface HeaderOperations {
  /** Headers that are overwritten, or made when they are missing. Values may hold Envoy's `%VARIABLES%`; a percent sign is written `%%`. */
  readonly set?: Readonly<Record<string, string>>;
  /** Headers that get a further value, after those that they have. */
  readonly add?: Readonly<Record<string, string>>;
  /** Names of headers that are taken away. */
  readonly remove?: readonly string[];
}

/** What is done to headers on the way to a destination and back. */
export interface HttpHeaders {
  /** On the way to the destination. `:authority` and `host` may be set here, once. */
  readonly request?: HeaderOperations;
  /** On the way back to the caller. */
  readonly response?: HeaderOperations;
}

const authority = /^(?::authority|host)$/i;
/** The control characters of ASCII but the tab: Envoy refuses them. */
const controls = /[^\P{Cc}\t\u0080-\u009f]/u;
/** An argument is a text, or a list of texts in quotes; a quote ends the text. */
const rest = String.raw`(?:[^)"\\]|\\.)*`;
const argument = String.raw`\( *(?:\[ *"|[^ [])${rest}(?:" *, *"${rest})*(?:\)|" *\] *\)) *`;
const variable = new RegExp(`%%|%[^%(]*(?:${argument})?%`, "g");

const requestHeader: Check = satisfies(
  "a header name without a colon before it, or :authority",
  (value) => typeof value === "string" && value !== "" && (!value.startsWith(":") || authority.test(value)),
);
const otherHeader: Check = satisfies(
  "a header name without a colon before it, and not host",
  (value) => typeof value === "string" && value !== "" && !value.startsWith(":") && !authority.test(value),
);
const headerValue: Check = satisfies(
  "a header value without control characters, each % doubled or part of a %VARIABLE%",
  (value) => typeof value === "string" && !controls.test(value) && !value.replaceAll(variable, "").includes("%"),
);

const operations = (name: Check): Check =>
  part<HeaderOperations>({
    set: optional(dict(name, headerValue)),
    add: optional(dict(name, headerValue)),
    remove: optional(each(otherHeader)),
  });

/** Header names and values that Envoy takes. */
export const headers: Check = part<HttpHeaders>({
  request: optional(operations(requestHeader)),
  response: optional(operations(otherHeader)),
});

/** The names under which the operations set the request's authority. */
export function authorityHeaders(operations: HeaderOperations | undefined): readonly string[] {
  return [...Object.keys(operations?.set ?? {}), ...Object.keys(operations?.add ?? {})].filter((name) => authority.test(name));
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const claim = /^@request\.auth\.claims(?:\..+|\[.+\])$/i;
const pseudo: readonly string[] = [":method", ":scheme", ":authority", ":path", ":status"];

/** The name of a header that a match looks at: also a pseudo header or a claim of a JWT. */
export const matchedHeader: Check = satisfies(
  "a header name, a pseudo header such as :path, or @request.auth.claims.<name>",
  (value) => typeof value === "string" && (token.test(value) || pseudo.includes(value) || claim.test(value)),
);

/** The name of a header, or `*` for all. */
export const corsHeader: Check = satisfies("a header name, or *", (value) => typeof value === "string" && token.test(value));

/** Names that stand for a claim of a JWT, which only a gateway can look at. */
export function claims(names: readonly string[]): readonly string[] {
  return items(names).filter((name) => claim.test(name));
}
