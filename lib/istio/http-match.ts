import { bool, type Check, optional } from "../core/check";
import { dnsLabel } from "../core/name";
import { matchedHeader } from "./header-operations";
import { dict, part } from "./part";
import { absenceMatch, type PresenceMatch, presenceMatch, type StringMatch, stringMatch, uriMatch } from "./string-match";
import { gatewayNames, istioLabel, labels, portOrNone, text } from "./text";
import { tolerated } from "./tolerated";

/** What a request must be like for a route. All conditions of one match hold together; one of several matches is enough. */
export interface HttpMatchRequest {
  /** Name of the match, for the access log. */
  readonly name?: string;
  /** The path, with its query left out. Case counts unless `ignoreUriCase` is true. */
  readonly uri?: StringMatch;
  /** `http` or `https`. */
  readonly scheme?: StringMatch;
  /** The method: `{ exact: "GET" }`. */
  readonly method?: StringMatch;
  /** The host the caller asked for, with its port where it gave one. */
  readonly authority?: StringMatch;
  /** Header names in lower case. An empty match asks only that the header is there. `@request.auth.claims.<name>` works at gateways only. */
  readonly headers?: Readonly<Record<string, PresenceMatch>>;
  /** Headers that must not match. */
  readonly withoutHeaders?: Readonly<Record<string, PresenceMatch>>;
  /** Query parameters. Prefixes are not supported by every release. */
  readonly queryParams?: Readonly<Record<string, PresenceMatch>>;
  /** Port of the destination. Range: 1 to 65535. */
  readonly port?: number;
  /** Labels of the calling pod. Not at gateways. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Namespace of the calling pod. */
  readonly sourceNamespace?: string;
  /** Gateways where the match counts, in place of those of the VirtualService. */
  readonly gateways?: readonly string[];
  /**
   * Whether capitals in `uri` do not matter. Only for exact matches and prefixes.
   *
   * @default false
   */
  readonly ignoreUriCase?: boolean;
  /** What this route's metrics begin with in Envoy. */
  readonly statPrefix?: string;
}

/** What Istio takes for the conditions of a route. */
export const httpMatch: Check = part<HttpMatchRequest>({
  name: optional(text),
  uri: optional(uriMatch),
  scheme: optional(stringMatch),
  method: optional(stringMatch),
  authority: optional(stringMatch),
  headers: optional(dict(matchedHeader, presenceMatch)),
  withoutHeaders: optional(dict(matchedHeader, absenceMatch)),
  queryParams: optional(dict(text, presenceMatch)),
  port: optional(portOrNone),
  sourceLabels: optional(labels),
  sourceNamespace: optional(tolerated(dnsLabel, (value) => istioLabel("", value).length === 0)),
  gateways: optional(gatewayNames),
  ignoreUriCase: optional(bool),
  statPrefix: optional(text),
});
