import { all, type Check, isRecord, oneOf, optional, satisfies, wholeNumber } from "../core/check";
import { join, type Problem, problem } from "../core/problem";
import { type EnvoyFilterMatch, type EnvoyMatch, envoyMatch } from "./envoy-match";
import type { Kind } from "./kind";
import { atMostOneOf, each, isDeferred, part, type Rule } from "./part";
import { type LabelSelector, labelSelector, type PolicyTargetReference, targetRefs } from "./selector";
import type { Since } from "./since";

/**
 * Changes to the configuration that Istio makes for Envoy. It is bound to how a release of Istio makes it.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
export interface EnvoyFilterSpec {
  /** Pods it is for. Not together with `targetRefs`. @default - every pod of the namespace; in the root namespace, of the mesh */
  readonly workloadSelector?: LabelSelector;
  /** Gateways of the Gateway API that it is for, at most 16. From Istio 1.22. */
  readonly targetRefs?: readonly Pick<PolicyTargetReference, "group" | "kind" | "name">[];
  /** The changes, in this order. */
  readonly configPatches?: readonly EnvoyPatch[];
  /** Order among filters of the same level, the lowest first. @default 0 */
  readonly priority?: number;
}

/** One change. */
export interface EnvoyPatch {
  /** What is changed. Required, but for the context `WAYPOINT`. */
  readonly applyTo?: EnvoyObject;
  /** Which of these objects. @default - all */
  readonly match?: EnvoyMatch;
  /** The change. Required, but for the context `WAYPOINT`. */
  readonly patch?: {
    readonly operation?: EnvoyOperation;
    /** A part of Envoy's configuration. Required, but for `REMOVE`. */
    readonly value?: object;
    readonly filterClass?: "UNSPECIFIED" | "AUTHN" | "AUTHZ" | "STATS";
  };
}

/** Objects of Envoy's configuration. */
type EnvoyObject =
  | "INVALID"
  | "LISTENER"
  | "FILTER_CHAIN"
  | "NETWORK_FILTER"
  | "HTTP_FILTER"
  | "ROUTE_CONFIGURATION"
  | "VIRTUAL_HOST"
  | "HTTP_ROUTE"
  | "CLUSTER"
  | "EXTENSION_CONFIG"
  | "BOOTSTRAP"
  | "LISTENER_FILTER";

/** What is done to an object. `MERGE_AND_REPLACE_LIST` from Istio 1.31. */
type EnvoyOperation =
  | "INVALID"
  | "MERGE"
  | "ADD"
  | "REMOVE"
  | "INSERT_BEFORE"
  | "INSERT_AFTER"
  | "INSERT_FIRST"
  | "REPLACE"
  | "MERGE_AND_REPLACE_LIST";

const since: Since = {
  "configPatches[].match.context=WAYPOINT": "1.29",
  "configPatches[].match.routeConfiguration.vhost.domainName": "1.25",
  "configPatches[].match.waypoint": "1.29",
  "configPatches[].patch.operation=MERGE_AND_REPLACE_LIST": "1.31",
  targetRefs: "1.22",
};

/** Which match goes with what is changed. Others go with any. */
const matches: Readonly<Record<string, "listener" | "routeConfiguration" | "cluster">> = {
  LISTENER: "listener",
  FILTER_CHAIN: "listener",
  NETWORK_FILTER: "listener",
  HTTP_FILTER: "listener",
  ROUTE_CONFIGURATION: "routeConfiguration",
  VIRTUAL_HOST: "routeConfiguration",
  HTTP_ROUTE: "routeConfiguration",
  CLUSTER: "cluster",
};
const objectTypes = ["listener", "routeConfiguration", "cluster"] as const;
const connectionManagers: readonly string[] = ["envoy.filters.network.http_connection_manager", "envoy.http_connection_manager"];

/** Nothing of this holds for waypoints, where Istio looks at the schema only. */
const complete: Rule<EnvoyPatch> = (change, path) =>
  [change.match, change.match?.context].some((value) => isDeferred(value) || value === "WAYPOINT")
    ? []
    : [...saysWhat(change, path), ...fittingMatch(change, path), ...namedFilters(change, path)];

function saysWhat({ applyTo, patch }: EnvoyPatch, path: string): readonly Problem[] {
  const what =
    applyTo === undefined || applyTo === "INVALID" ? [problem(`${path}.applyTo`, applyTo, "what is changed, such as HTTP_FILTER")] : [];
  if (patch === undefined) return [...what, problem(`${path}.patch`, patch, "a change")];
  if (isDeferred(patch) || isDeferred(patch.operation)) return what;
  const { operation, value } = patch;
  if (operation === undefined || operation === "INVALID")
    return [...what, problem(`${path}.patch.operation`, operation, "an operation, such as MERGE")];
  return value === undefined && operation !== "REMOVE"
    ? [...what, problem(`${path}.patch.value`, value, `a part of Envoy's configuration, because the operation is ${operation}`)]
    : what;
}

function fittingMatch({ applyTo, match }: EnvoyPatch, path: string): readonly Problem[] {
  const wanted = matches[String(applyTo)];
  if (match === undefined || wanted === undefined || match[wanted] !== undefined) return [];
  return objectTypes
    .filter((type) => match[type] !== undefined)
    .map((type) => problem(`${path}.match.${type}`, match[type], `nothing, because ${applyTo} is matched by ${wanted}`));
}

/** A filter is found by its name, and an HTTP filter in Envoy's HTTP connection manager. */
function namedFilters({ applyTo, match }: EnvoyPatch, path: string): readonly Problem[] {
  const filter = matches[String(applyTo)] === "listener" ? filterOf(match) : undefined;
  if (filter === undefined || isDeferred(filter.name)) return [];
  const at = `${path}.match.listener.filterChain.filter`;
  if (nameless(filter)) return [problem(`${at}.name`, filter.name, "the filter's name")];
  const { subFilter } = filter;
  if (subFilter === undefined || isDeferred(subFilter)) return [];
  if (applyTo !== "HTTP_FILTER") return [problem(`${at}.subFilter`, subFilter, `nothing, because ${applyTo} is no HTTP_FILTER`)];
  if (!connectionManagers.includes(filter.name ?? "")) {
    return [problem(`${at}.name`, filter.name, `"${connectionManagers[0]}", because a subFilter is one of its filters`)];
  }
  return nameless(subFilter) ? [problem(`${at}.subFilter.name`, subFilter.name, "the filter's name")] : [];
}

function filterOf(match: EnvoyMatch | undefined): EnvoyFilterMatch | undefined {
  const chain = isDeferred(match?.listener) ? undefined : match?.listener?.filterChain;
  return isDeferred(chain) || isDeferred(chain?.filter) ? undefined : chain?.filter;
}

function nameless({ name }: { readonly name?: string }): boolean {
  return name === undefined || name === "";
}

type Patch = NonNullable<EnvoyPatch["patch"]>;

/** Types of Envoy's configuration before version 3, which istiod no longer knows. */
function currentTypes(path: string, value: unknown): readonly Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, entry]) => {
    const at = Array.isArray(value) ? `${path}[${name}]` : join(path, name);
    if (name !== "@type") return currentTypes(at, entry);
    return typeof entry === "string" && /\.v2(?:alpha\d?)?\./.test(entry) ? [problem(at, entry, "a type of version 3 of Envoy's API")] : [];
  });
}

const patch: Check = part<Patch>({
  operation: optional(
    oneOf("INVALID", "MERGE", "ADD", "REMOVE", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST", "REPLACE", "MERGE_AND_REPLACE_LIST"),
  ),
  value: optional(all(satisfies("an object", isRecord), currentTypes)),
  filterClass: optional(oneOf("UNSPECIFIED", "AUTHN", "AUTHZ", "STATS")),
});

const applyTo: Check = oneOf(
  "INVALID",
  "LISTENER",
  "FILTER_CHAIN",
  "NETWORK_FILTER",
  "HTTP_FILTER",
  "ROUTE_CONFIGURATION",
  "VIRTUAL_HOST",
  "HTTP_ROUTE",
  "CLUSTER",
  "EXTENSION_CONFIG",
  "BOOTSTRAP",
  "LISTENER_FILTER",
);

const envoyFilter: Check = part<EnvoyFilterSpec>(
  {
    workloadSelector: optional(labelSelector),
    targetRefs: optional(targetRefs),
    configPatches: optional(
      each(part<EnvoyPatch>({ applyTo: optional(applyTo), match: optional(envoyMatch), patch: optional(patch) }, complete)),
    ),
    priority: optional(wholeNumber(-(2 ** 31), 2 ** 31 - 1)),
  },
  atMostOneOf("workloadSelector", "targetRefs"),
);

/** What is to know of an EnvoyFilter to check it. */
export const envoyFilterKind: Kind<"EnvoyFilter"> = { kind: "EnvoyFilter", spec: envoyFilter, since };
