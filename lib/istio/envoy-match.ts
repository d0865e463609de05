import { type Check, oneOf, optional, port } from "../core/check";
import { problem } from "../core/problem";
import { atMostOneOf, dict, isDeferred, part, type Rule } from "./part";
import { count32, orEmpty, regex, text } from "./text";
import { isText, tolerated } from "./tolerated";

/** Which objects are changed: at most one of the last four, the one that fits what is changed. */
export interface EnvoyMatch {
  /** `WAYPOINT`, from Istio 1.29, goes with `waypoint` and with nothing else. @default "ANY" */
  readonly context?: "ANY" | "SIDECAR_INBOUND" | "SIDECAR_OUTBOUND" | "GATEWAY" | "WAYPOINT";
  /** Proxies by their version, a regular expression (RE2), and what they say of themselves. */
  readonly proxy?: { readonly proxyVersion?: string; readonly metadata?: Readonly<Record<string, string>> };
  readonly listener?: EnvoyListenerMatch;
  readonly routeConfiguration?: EnvoyRouteMatch;
  readonly cluster?: EnvoyClusterMatch;
  readonly waypoint?: EnvoyWaypointMatch;
}

/** A listener, or something in it. */
interface EnvoyListenerMatch {
  readonly name?: string;
  readonly portNumber?: number;
  /** @deprecated Istio does not look at it. */
  readonly portName?: string;
  readonly listenerFilter?: string;
  readonly filterChain?: {
    readonly name?: string;
    readonly sni?: string;
    readonly transportProtocol?: string;
    readonly applicationProtocols?: string;
    readonly destinationPort?: number;
    readonly filter?: EnvoyFilterMatch;
  };
}

/** A network filter by its name, or an HTTP filter in it. */
export interface EnvoyFilterMatch {
  readonly name?: string;
  readonly subFilter?: { readonly name?: string };
}

/** A route configuration, or something in it. */
interface EnvoyRouteMatch {
  readonly name?: string;
  readonly portNumber?: number;
  readonly portName?: string;
  readonly gateway?: string;
  readonly vhost?: {
    readonly name?: string;
    /** From Istio 1.25. */
    readonly domainName?: string;
    readonly route?: { readonly name?: string; readonly action?: "ANY" | "ROUTE" | "REDIRECT" | "DIRECT_RESPONSE" };
  };
}

/** A cluster. */
interface EnvoyClusterMatch {
  readonly name?: string;
  readonly portNumber?: number;
  readonly service?: string;
  readonly subset?: string;
}

/** Something in a waypoint. */
interface EnvoyWaypointMatch {
  /** Range: 1 to 65535. */
  readonly portNumber?: number;
  readonly filter?: EnvoyFilterMatch;
  readonly route?: { readonly name?: string };
}

type FilterChain = NonNullable<EnvoyListenerMatch["filterChain"]>;
type VirtualHost = NonNullable<EnvoyRouteMatch["vhost"]>;
type EnvoyRoute = NonNullable<VirtualHost["route"]>;
type Proxy = NonNullable<EnvoyMatch["proxy"]>;
interface Named {
  readonly name?: string;
}

const name = optional(text);
const named: Check = optional(part<Named>({ name }));
const filterMatch: Check = part<EnvoyFilterMatch>({ name, subFilter: named });

const listener: Check = part<EnvoyListenerMatch>({
  name,
  portNumber: optional(count32),
  portName: optional(text),
  listenerFilter: optional(text),
  filterChain: optional(
    part<FilterChain>({
      name,
      sni: optional(text),
      transportProtocol: optional(text),
      applicationProtocols: optional(text),
      destinationPort: optional(count32),
      filter: optional(filterMatch),
    }),
  ),
});

const routeConfiguration: Check = part<EnvoyRouteMatch>({
  name,
  portNumber: optional(count32),
  portName: optional(text),
  gateway: optional(text),
  vhost: optional(
    part<VirtualHost>({
      name,
      domainName: optional(text),
      route: optional(part<EnvoyRoute>({ name, action: optional(oneOf("ANY", "ROUTE", "REDIRECT", "DIRECT_RESPONSE")) })),
    }),
  ),
});

const cluster: Check = part<EnvoyClusterMatch>({
  name,
  portNumber: optional(count32),
  service: optional(text),
  subset: optional(text),
});

const waypoint: Check = part<EnvoyWaypointMatch>({ portNumber: optional(port), filter: optional(filterMatch), route: named });

/** A waypoint is matched in its own context, and only there. */
const waypointContext: Rule<EnvoyMatch> = ({ context, waypoint }, path) => {
  if (isDeferred(context) || (context === "WAYPOINT") === (waypoint !== undefined)) return [];
  const expected = waypoint === undefined ? "a match, because the context is WAYPOINT" : "nothing, because the context is not WAYPOINT";
  return [problem(`${path}.waypoint`, waypoint, expected)];
};

/** A match that Istio takes. */
export const envoyMatch: Check = part<EnvoyMatch>(
  {
    context: optional(oneOf("ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY", "WAYPOINT")),
    proxy: optional(part<Proxy>({ proxyVersion: optional(tolerated(orEmpty(regex), isTooLong)), metadata: optional(dict(text, text)) })),
    listener: optional(listener),
    routeConfiguration: optional(routeConfiguration),
    cluster: optional(cluster),
    waypoint: optional(waypoint),
  },
  atMostOneOf("listener", "routeConfiguration", "cluster", "waypoint"),
  waypointContext,
);

/** Istio compiles no longer pattern, and takes it for one that fits nothing. */
function isTooLong(value: unknown): boolean {
  return isText(value) && value.length > 1024;
}
