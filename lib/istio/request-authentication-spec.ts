import { bool, type Check, isRecord, matching, optional, satisfies } from "../core/check";
import type { DurationText } from "../core/duration";
import { schemeOfGo } from "./go-url";
import type { Kind } from "./kind";
import { atLeastOneOf, atMostOneOf, each, part, secondName } from "./part";
import { oneTarget, type PolicyTarget, policyTarget, policyTargetSince } from "./selector";
import { type Since, under } from "./since";
import { duration, someText, text } from "./text";
import { isText, tolerated } from "./tolerated";

/**
 * Which JWTs are verified. A request with a wrong token is refused with 401; one without a token goes on, and an
 * AuthorizationPolicy has to refuse it.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
export interface RequestAuthenticationSpec extends PolicyTarget {
  /** Issuers that are trusted, at most 4096. */
  readonly jwtRules?: readonly JwtRule[];
}

/** One issuer, and where its tokens and keys are. */
export interface JwtRule {
  /** The token's `iss`. Required unless `jwksUri` is there. */
  readonly issuer?: string;
  /** Audiences of which the token names one. @default - any */
  readonly audiences?: readonly string[];
  /** Address of the keys, with http or https. istiod fetches them, not the proxy. At most 2048 characters. @default - found by the issuer's OpenID discovery */
  readonly jwksUri?: string;
  /** The keys themselves, as JSON. Not together with `jwksUri`. */
  readonly jwks?: string;
  /** Headers that carry the token. @default - `Authorization: Bearer <token>` and the parameter `access_token` */
  readonly fromHeaders?: readonly { readonly name: string; readonly prefix?: string }[];
  /** Query parameters that carry the token. */
  readonly fromParams?: readonly string[];
  /** Cookies that carry the token. From Istio 1.21. */
  readonly fromCookies?: readonly string[];
  /** Whether the destination gets the token too. @default false */
  readonly forwardOriginalToken?: boolean;
  /** Header that carries the token's verified payload to the destination, as base64url. */
  readonly outputPayloadToHeader?: string;
  /** Headers that carry single claims to the destination. */
  readonly outputClaimToHeaders?: readonly { readonly header: string; readonly claim: string }[];
  /** How long fetching the keys may take. From Istio 1.22. Unit: duration text, at least 1ms. @default "5s" */
  readonly timeout?: DurationText;
  /** Claims whose text is a list with spaces, beside `scope` and `permission`. At most 64. From Istio 1.28. */
  readonly spaceDelimitedClaims?: readonly string[];
}

const since: Since = {
  ...policyTargetSince,
  ...under(["jwtRules[]"], { fromCookies: "1.21", spaceDelimitedClaims: "1.28", timeout: "1.22" }),
};

/** Istio takes some that no one can call. */
const jwksUri: Check = tolerated(
  satisfies(
    "an address with http:// or https://, at most 2048 characters",
    (value) => isTaken(value) && /^https?:\/\//i.test(value) && URL.canParse(value),
  ),
  isTaken,
);

function isTaken(value: unknown): value is string {
  return isText(value) && value.length <= 2048 && ["http", "https"].includes(schemeOfGo(value) ?? "");
}

const jwks: Check = satisfies('keys as JSON: {"keys": [...]}', (value) => typeof value === "string" && isKeySet(value));
const strictHeader: Check = matching(/^[-\w]+$/, "a header name of letters, digits, dashes and underscores");

type JwtFields = JwtRule & { readonly jwks_uri?: string };

const jwtRule: Check = part<JwtFields>(
  {
    issuer: optional(someText),
    audiences: optional(each(someText)),
    jwksUri: optional(jwksUri),
    jwks_uri: secondName("jwksUri", jwksUri),
    jwks: optional(tolerated(jwks, (value) => value === "")),
    fromHeaders: optional(each(part<{ readonly name: string; readonly prefix?: string }>({ name: someText, prefix: optional(text) }))),
    fromParams: optional(each(someText)),
    fromCookies: optional(each(someText)),
    forwardOriginalToken: optional(bool),
    outputPayloadToHeader: optional(text),
    outputClaimToHeaders: optional(
      each(part<{ readonly header: string; readonly claim: string }>({ header: strictHeader, claim: someText })),
    ),
    timeout: optional(duration),
    spaceDelimitedClaims: optional(each(someText, { max: 64 })),
  },
  atLeastOneOf<JwtFields>("issuer", "jwksUri", "jwks_uri"),
  atMostOneOf<JwtFields>("jwksUri", "jwks_uri", "jwks"),
);

const requestAuthentication: Check = part<RequestAuthenticationSpec>(
  { ...policyTarget, jwtRules: optional(each(jwtRule, { max: 4096 })) },
  oneTarget,
);

/** What is to know of a RequestAuthentication to check it. */
export const requestAuthenticationKind: Kind<"RequestAuthentication"> = {
  kind: "RequestAuthentication",
  spec: requestAuthentication,
  since,
};

/** What a key of each type holds. */
const keyFields: Readonly<Record<string, readonly string[]>> = { RSA: ["n", "e"], EC: ["crv", "x", "y"], OKP: ["crv", "x"], oct: ["k"] };

function isKey(key: unknown): boolean {
  const fields = isRecord(key) && typeof key.kty === "string" && Object.hasOwn(keyFields, key.kty) ? keyFields[key.kty] : undefined;
  return fields?.every((field) => typeof (key as Readonly<Record<string, unknown>>)[field] === "string") === true;
}

function isKeySet(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    if (!isRecord(parsed)) return false;
    return Array.isArray(parsed.keys) ? parsed.keys.every(isKey) : isKey(parsed);
  } catch {
    return false;
  }
}
