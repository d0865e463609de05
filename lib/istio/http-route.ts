import { all, bool, type Check, oneOf, optional, satisfies, wholeNumber } from "../core/check";
import type { DurationText } from "../core/duration";
import { dnsLabel, dnsSubdomain } from "../core/name";
import type { Problem } from "../core/problem";
import { type Destination, destination, type Percent, percent, someWeight, weight } from "./destination";
import { authorityHeaders, corsHeader, type HttpHeaders, headers } from "./header-operations";
import { type HttpMatchRequest, httpMatch } from "./http-match";
import { type HttpRetry, httpRetry } from "./http-retry";
import {
  atLeastOneOf,
  atMostOneOf,
  each,
  exactlyOneOf,
  given,
  isDeferred,
  items,
  noneOf,
  part,
  type Rule,
  secondName,
  unsupported,
} from "./part";
import { originMatch, type StringMatch } from "./string-match";
import { duration, portOrNone, regex, someText, text, tryGoMilliseconds } from "./text";
import { isEmpty, isMissing, isText, tolerated, toleratedRule } from "./tolerated";

/** What is done with the HTTP requests that match. The first route that matches counts. */
export interface HttpRoute {
  /** Name of the route, for the access log and for controllers that move its weights. */
  readonly name?: string;
  /** Conditions, of which one must hold. @default - every request */
  readonly match?: readonly HttpMatchRequest[];
  /** Where requests go. Not together with `redirect`, `directResponse` or `delegate`. */
  readonly route?: readonly HttpRouteDestination[];
  /** Answers with a redirect. */
  readonly redirect?: HttpRedirect;
  /** Answers by itself, without a destination. */
  readonly directResponse?: HttpDirectResponse;
  /** Leaves the route to another VirtualService without hosts. */
  readonly delegate?: Delegate;
  /** Changes the path or host before the request goes on. */
  readonly rewrite?: HttpRewrite;
  /**
   * Time limit of a request with all its tries. Unit: duration text, at least 1ms.
   *
   * @default - none
   */
  readonly timeout?: DurationText;
  /** How failed tries are repeated. @default - 2 retries as the mesh is configured */
  readonly retries?: HttpRetry;
  /** Fails or delays requests on purpose. */
  readonly fault?: HttpFaultInjection;
  /** Also sends requests here, and throws the answers away. Not together with `mirrors`. */
  readonly mirror?: Destination;
  /** Share of the requests for `mirror`. @default - all */
  readonly mirrorPercentage?: Percent;
  /** Share of the requests for `mirror`. @deprecated Use `mirrorPercentage`. */
  readonly mirrorPercent?: number;
  /** Also sends requests to these, and throws the answers away. From Istio 1.19. */
  readonly mirrors?: readonly HttpMirrorPolicy[];
  /** Which web pages of other origins may call. */
  readonly corsPolicy?: CorsPolicy;
  /** Headers changed for every destination of the route. */
  readonly headers?: HttpHeaders;
}

/** A destination and its share of the requests. */
export interface HttpRouteDestination {
  /** Where the requests go. */
  readonly destination: Destination;
  /** Share relative to the other destinations. A whole number from 0; 0 sends nothing. @default - all, for the only destination */
  readonly weight?: number;
  /** Headers changed for this destination. */
  readonly headers?: HttpHeaders;
}

/** Another VirtualService that routes on. */
export interface Delegate {
  readonly name?: string;
  /** @default - the namespace of this VirtualService */
  readonly namespace?: string;
}

/** A redirect. Names at least one thing that changes. */
export interface HttpRedirect {
  /** Path of the new address. Not together with `prefixRewrite`. */
  readonly uri?: string;
  /** What replaces the prefix that the match found. From Istio 1.31. */
  readonly prefixRewrite?: string;
  /** Host of the new address. */
  readonly authority?: string;
  /** Port of the new address. Not together with `derivePort`. */
  readonly port?: number;
  /** Where the port of the new address comes from. */
  readonly derivePort?: "FROM_PROTOCOL_DEFAULT" | "FROM_REQUEST_PORT";
  /** `http` or `https`, in place of that of the request. */
  readonly scheme?: "http" | "https";
  /** Range: 300 to 399. @default 301 */
  readonly redirectCode?: number;
}

/** An answer that Envoy gives by itself. */
export interface HttpDirectResponse {
  /** Range: 200 to 599. */
  readonly status: number;
  /** At most 1 MB; more than 100 kB burdens the control plane. */
  readonly body?: { readonly string: string } | { readonly bytes: string };
}

/** A changed path or host. */
export interface HttpRewrite {
  /** What replaces the path, or the prefix that the match found. Not together with `uriRegexRewrite`. */
  readonly uri?: string;
  /** What replaces a part of the path. `\1` stands for the first group. From Istio 1.19. */
  readonly uriRegexRewrite?: { readonly match: string; readonly rewrite: string };
  /** What replaces the host. */
  readonly authority?: string;
}

/** Requests that fail or wait on purpose, to see what their callers do. */
export interface HttpFaultInjection {
  /** Fails requests before they are sent. */
  readonly abort?: {
    /** Range: 200 to 599. Not together with `grpcStatus`. */
    readonly httpStatus?: number;
    /** A code's name: `UNAVAILABLE`. */
    readonly grpcStatus?: string;
    /** @default - all */
    readonly percentage?: Percent;
  };
  /** Holds requests back before they are sent. */
  readonly delay?: {
    /** Unit: duration text, at least 1ms. */
    readonly fixedDelay: DurationText;
    /** @default - all */
    readonly percentage?: Percent;
    /** Share of the requests. @deprecated Use `percentage`. */
    readonly percent?: number;
  };
}

/** A destination that gets copies of requests. */
export interface HttpMirrorPolicy {
  /** Where the copies go. */
  readonly destination: Destination;
  /** @default - all */
  readonly percentage?: Percent;
}

/** What browsers are told of pages from other origins. */
export interface CorsPolicy {
  /** Origins whose pages may call. */
  readonly allowOrigins?: readonly StringMatch[];
  /** @deprecated Use `allowOrigins`. */
  readonly allowOrigin?: readonly string[];
  /** Methods in capitals, or `*`. */
  readonly allowMethods?: readonly string[];
  /** Request headers that pages may send. */
  readonly allowHeaders?: readonly string[];
  /** Response headers that pages may read. */
  readonly exposeHeaders?: readonly string[];
  /** How long a browser may remember. Unit: duration text in whole seconds. */
  readonly maxAge?: DurationText;
  /** Whether pages may send cookies. */
  readonly allowCredentials?: boolean;
  /** What happens to preflights of other origins. From Istio 1.23. @default "FORWARD" */
  readonly unmatchedPreflights?: "FORWARD" | "IGNORE";
}

/** Istio takes one more than there are. */
const httpStatus: Check = tolerated(wholeNumber(200, 599), (value) => value === 600);
const sharePercent: Check = part<Percent>({
  value: tolerated(
    satisfies("0, or a number from 0.0001 to 100", (value) => value === 0 || (typeof value === "number" && value >= 1e-4 && value <= 100)),
    isMissing,
  ),
});

const routeDestination: Check = part<HttpRouteDestination>({ destination, weight: optional(weight), headers: optional(headers) });

const redirect: Check = part<HttpRedirect>(
  {
    uri: optional(someText),
    prefixRewrite: optional(someText),
    authority: optional(someText),
    port: optional(portOrNone),
    derivePort: optional(oneOf("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT")),
    scheme: optional(tolerated(oneOf("http", "https"), (value) => value === "")),
    redirectCode: optional(tolerated(wholeNumber(300, 399), (value) => value === 0)),
  },
  atMostOneOf("uri", "prefixRewrite"),
  atMostOneOf("port", "derivePort"),
  atLeastOneOf("uri", "prefixRewrite", "authority", "port", "derivePort", "scheme"),
);

const base64: Check = satisfies(
  "bytes as base64",
  (value) => typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value),
);

type Body = { readonly string?: string; readonly bytes?: string };

const body: Check = part<Body>(
  { string: optional(shortText), bytes: optional(all(base64, shortBytes)) },
  toleratedRule(exactlyOneOf<Body>("string", "bytes"), isEmpty),
);

/** Istio reads an empty text as one that is not written. */
const saysRewrite: Rule<HttpRewrite> = ({ uri, uriRegexRewrite, authority }, path) =>
  uriRegexRewrite === undefined && [uri, authority].every((text) => text === undefined || text === "")
    ? [{ path, message: "changes neither uri nor authority, because both are empty." }]
    : [];

const rewrite: Check = part<HttpRewrite>(
  {
    uri: optional(tolerated(someText, isText)),
    uriRegexRewrite: optional(part<{ readonly match: string; readonly rewrite: string }>({ match: regex, rewrite: someText })),
    authority: optional(tolerated(someText, isText)),
  },
  atMostOneOf("uri", "uriRegexRewrite"),
  atLeastOneOf("uri", "uriRegexRewrite", "authority"),
  saysRewrite,
);

const grpcStatus: Check = oneOf(
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
);

type Abort = NonNullable<HttpFaultInjection["abort"]> & { readonly http2Error?: string };
type Delay = NonNullable<HttpFaultInjection["delay"]> & { readonly exponentialDelay?: string };

const fault: Check = part<HttpFaultInjection>(
  {
    abort: optional(
      part<Abort>(
        { httpStatus: optional(httpStatus), grpcStatus: optional(grpcStatus), http2Error: unsupported, percentage: optional(sharePercent) },
        toleratedRule(exactlyOneOf<Abort>("httpStatus", "grpcStatus"), ({ httpStatus, grpcStatus }) => isEmpty({ httpStatus, grpcStatus })),
      ),
    ),
    delay: optional(
      part<Delay>({
        fixedDelay: tolerated(duration, isMissing),
        exponentialDelay: unsupported,
        percentage: optional(sharePercent),
        percent: optional(tolerated(wholeNumber(0, 100), isInt32)),
      }),
    ),
  },
  atLeastOneOf("abort", "delay"),
);

const corsPolicy: Check = part<CorsPolicy>({
  allowOrigins: optional(each(originMatch)),
  allowOrigin: optional(each(text)),
  allowMethods: optional(each(oneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"))),
  allowHeaders: optional(each(corsHeader)),
  exposeHeaders: optional(each(corsHeader)),
  maxAge: optional(
    all(
      duration,
      satisfies("whole seconds", (value) => (tryGoMilliseconds(value) ?? 0) % 1000 === 0),
    ),
  ),
  allowCredentials: optional(bool),
  unmatchedPreflights: optional(oneOf("FORWARD", "IGNORE", "UNSPECIFIED")),
});

/** A route says one thing that happens to its requests, and nothing that this excludes. */
const oneOutcome: Rule<HttpRoute> = (route, path) => {
  if (route.delegate !== undefined) return noneOf(route, path, "the route is delegated", "route", "redirect");
  if (route.redirect !== undefined) {
    return noneOf(route, path, "the route answers with a redirect", "route", "directResponse", "fault", "rewrite");
  }
  if (route.directResponse !== undefined) return noneOf(route, path, "the route answers by itself", "route", "fault", "rewrite");
  return given(route.route)
    ? []
    : [{ path: `${path}.route`, message: "got none, expected at least one destination, a redirect or a directResponse." }];
};

/** The host of the request is changed in one place only. */
const oneAuthority: Rule<HttpRoute> = (route, path) => {
  if (route.headers === undefined || isDeferred(route.rewrite) || isDeferred(route.headers)) return [];
  const places = [...(route.rewrite?.authority === undefined ? [] : ["rewrite.authority"]), ...authorityHeaders(route.headers.request)];
  return places.length < 2 ? [] : [{ path, message: `sets the authority in ${places.join(" and ")}, expected one place.` }];
};

const prefixesOnly: Rule<HttpRoute> = (route, path) => {
  if (isDeferred(route.redirect) || route.redirect?.prefixRewrite === undefined) return [];
  const other = items(route.match).some(({ uri }) => uri !== undefined && !("prefix" in uri) && !isDeferred(uri));
  return other
    ? [{ path: `${path}.redirect.prefixRewrite`, message: "replaces a prefix, but a match of the route compares the uri otherwise." }]
    : [];
};

/** A route that Istio takes. */
export const httpRoute: Check = part<HttpRoute & { readonly mirror_percent?: number }>(
  {
    name: optional(text),
    match: optional(each(httpMatch)),
    route: optional(each(routeDestination)),
    redirect: optional(redirect),
    directResponse: optional(part<HttpDirectResponse>({ status: httpStatus, body: optional(body) })),
    delegate: optional(
      part<Delegate>({ name: optional(tolerated(dnsSubdomain, isText)), namespace: optional(tolerated(dnsLabel, isText)) }),
    ),
    rewrite: optional(rewrite),
    timeout: optional(duration),
    retries: optional(httpRetry),
    fault: optional(fault),
    mirror: optional(destination),
    mirrorPercentage: optional(percent),
    mirror_percent: secondName("mirrorPercent", wholeNumber(0, 100)),
    mirrorPercent: optional(wholeNumber(0, 100)),
    mirrors: optional(each(part<HttpMirrorPolicy>({ destination, percentage: optional(percent) }))),
    corsPolicy: optional(corsPolicy),
    headers: optional(headers),
  },
  oneOutcome,
  someWeight,
  oneAuthority,
  prefixesOnly,
  atMostOneOf("mirror", "mirrors"),
);

function isInt32(value: unknown): boolean {
  return typeof value === "number" && (value | 0) === value;
}

function shortText(path: string, value: unknown): readonly Problem[] {
  const problems = text(path, value);
  return problems.length > 0 ? problems : atMostOneMb(path, Buffer.byteLength(String(value)));
}

function shortBytes(path: string, value: unknown): readonly Problem[] {
  return atMostOneMb(path, Buffer.byteLength(String(value), "base64"));
}

function atMostOneMb(path: string, bytes: number): readonly Problem[] {
  return bytes <= 1_048_576 ? [] : [{ path, message: "got more than 1 MB, expected at most 1 MB." }];
}
