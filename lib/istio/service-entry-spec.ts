import { isIP } from "node:net";
import { all, type Check, oneOf, optional, port } from "../core/check";
import { type Problem, problem } from "../core/problem";
import type { Kind } from "./kind";
import { atMostOneOf, distinct, each, given, isDeferred, items, noneOf, part, type Rule } from "./part";
import { type LabelSelector, labelSelector } from "./selector";
import type { Since } from "./since";
import {
  cidrOrAddress,
  destinationHost,
  exportedOnce,
  exportTo,
  isHost,
  isHttp,
  isTls,
  istioLabel,
  isUnixSocket,
  orEmpty,
  type Protocol,
  protocol,
  text,
  textOf,
} from "./text";
import { type WorkloadEndpoint, workloadEndpoint } from "./workload-endpoint";

/**
 * A service that Kubernetes does not know: outside the cluster, or on machines of one's own.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
export interface ServiceEntrySpec {
  /** Hosts that callers ask for, at most 256. Not `*` alone. */
  readonly hosts: readonly string[];
  /** Addresses or ranges that TCP without TLS is recognised by. At most 256. */
  readonly addresses?: readonly string[];
  /** At most 256, each number and each name once. */
  readonly ports?: readonly ServicePort[];
  /** Whether the service counts as one of the mesh: `MESH_INTERNAL` gets mTLS where it can. @default "MESH_EXTERNAL" */
  readonly location?: "MESH_EXTERNAL" | "MESH_INTERNAL";
  /**
   * How callers find the addresses: `NONE` they know, `STATIC` those of the endpoints, `DNS` all that the name has,
   * `DNS_ROUND_ROBIN` one of them, `DYNAMIC_DNS` that of the host asked for, for wildcards (from Istio 1.28).
   *
   * @default "NONE"
   */
  readonly resolution?: "NONE" | "STATIC" | "DNS" | "DNS_ROUND_ROBIN" | "DYNAMIC_DNS";
  /** Where the service runs, at most 4096. Not together with `workloadSelector`, and not with `NONE`. */
  readonly endpoints?: readonly WorkloadEndpoint[];
  /** Pods and WorkloadEntries that serve it. */
  readonly workloadSelector?: LabelSelector;
  /** Names of which the server's certificate must hold one. */
  readonly subjectAltNames?: readonly string[];
  /** Namespaces that see this object: names, `.` for its own, `*` alone, or `~` alone for none. @default ["*"] */
  readonly exportTo?: readonly string[];
}

/** A port of a service. */
export interface ServicePort {
  /** Range: 1 to 65535. */
  readonly number: number;
  /** At most 63 letters, digits and dashes. */
  readonly name: string;
  /** @default "TCP" */
  readonly protocol?: Protocol;
  /** Port of the endpoints. @default - the number */
  readonly targetPort?: number;
}

const since: Since = { "resolution=DYNAMIC_DNS": "1.28" };

const servicePort: Check = part<ServicePort>({
  number: port,
  name: istioLabel,
  protocol: optional(orEmpty(protocol)),
  targetPort: optional(port),
});

/** What each way to find the addresses asks for and excludes. */
const byResolution: Rule<ServiceEntrySpec> = (spec, path) => {
  if (isDeferred(spec.resolution)) return [];
  const resolution = spec.resolution ?? "NONE";
  const because = `the resolution is ${resolution}`;
  switch (resolution) {
    case "NONE":
      return noneOf(spec, path, because, "endpoints");
    case "STATIC":
      return [...addresses(spec, path, because), ...endpointPorts(spec, path), ...onePortOfSocket(spec, path)];
    case "DNS":
    case "DNS_ROUND_ROBIN":
      return [
        ...ranges(spec, path, because),
        ...fullHosts(spec, path, because),
        ...named(spec, path, because),
        ...endpointPorts(spec, path),
        ...single(spec, path),
      ];
    case "DYNAMIC_DNS":
      return [
        ...noneOf(spec, path, because, "addresses", "endpoints"),
        ...wildcards(spec, path, because),
        ...dynamicPorts(spec, path, because),
      ];
  }
};

/** Nobody can tell hosts apart on a port that is neither HTTP nor TLS. */
const toldApart: Rule<ServiceEntrySpec> = ({ hosts, ports, resolution }, path) => {
  if (resolution === undefined || resolution === "NONE" || isDeferred(resolution) || items(hosts).length < 2) return [];
  const index = items(ports).findIndex(({ protocol = "TCP" }) => !isDeferred(protocol) && !isHttp(protocol) && !isTls(protocol));
  return index < 0
    ? []
    : [problem(`${path}.ports[${index}].protocol`, items(ports)[index]?.protocol, "HTTP or TLS, because several hosts share the port")];
};

const serviceEntry: Check = part<ServiceEntrySpec>(
  {
    hosts: each(destinationHost, { min: 1, max: 256 }),
    addresses: optional(each(all(textOf(1, 64), cidrOrAddress), { max: 256 })),
    ports: optional(each(servicePort, { max: 256 })),
    location: optional(oneOf("MESH_EXTERNAL", "MESH_INTERNAL")),
    resolution: optional(oneOf("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS")),
    endpoints: optional(each(workloadEndpoint, { max: 4096 })),
    workloadSelector: optional(labelSelector),
    subjectAltNames: optional(each(text)),
    exportTo: optional(exportTo({ none: true })),
  },
  atMostOneOf("workloadSelector", "endpoints"),
  ({ ports }, path) => distinct(ports, `${path}.ports`, ({ number }) => number, "number"),
  ({ ports }, path) => distinct(ports, `${path}.ports`, ({ name }) => name, "name"),
  byResolution,
  toldApart,
);

/** What is to know of a ServiceEntry to check it. */
export const serviceEntryKind: Kind<"ServiceEntry"> = { kind: "ServiceEntry", spec: serviceEntry, metadata: exportedOnce, since };

function addresses({ endpoints }: ServiceEntrySpec, path: string, because: string): readonly Problem[] {
  return items(endpoints).flatMap(({ address }, index) =>
    address === undefined || address === "" || isDeferred(address) || isIP(address) > 0 || isUnixSocket(address)
      ? []
      : [problem(`${path}.endpoints[${index}].address`, address, `an address or a Unix socket, because ${because}`)],
  );
}

/** Nobody can tell a socket which port was called. */
function onePortOfSocket({ endpoints, ports }: ServiceEntrySpec, path: string): readonly Problem[] {
  const socket = items(endpoints).findIndex(({ address }) => typeof address === "string" && address.startsWith("unix://"));
  return socket < 0 || isDeferred(ports) || items(ports).length === 1
    ? []
    : [problem(`${path}.ports`, ports, `exactly one port, because endpoints[${socket}] is a Unix socket`)];
}

/** Here a network alone does not do. */
function named({ endpoints }: ServiceEntrySpec, path: string, because: string): readonly Problem[] {
  return items(endpoints).flatMap(({ address = "" }, index) =>
    isDeferred(address) || isIP(address) > 0 || isHost(address)
      ? []
      : [problem(`${path}.endpoints[${index}].address`, address, `an address or a host name, because ${because}`)],
  );
}

function ranges({ addresses }: ServiceEntrySpec, path: string, because: string): readonly Problem[] {
  return items(addresses).flatMap((address, index) =>
    !isDeferred(address) && address.includes("/")
      ? [problem(`${path}.addresses[${index}]`, address, `an address without a range, because ${because}`)]
      : [],
  );
}

function fullHosts({ hosts, endpoints }: ServiceEntrySpec, path: string, because: string): readonly Problem[] {
  if (given(endpoints)) return [];
  return items(hosts).flatMap((host, index) =>
    isDeferred(host) || isHost(host)
      ? []
      : [problem(`${path}.hosts[${index}]`, host, `a host name without a wildcard, because ${because} and there are no endpoints`)],
  );
}

function endpointPorts({ endpoints, ports }: ServiceEntrySpec, path: string): readonly Problem[] {
  const names = items(ports).map(({ name }) => name);
  if (isDeferred(ports) || names.some((name) => typeof name !== "string")) return [];
  return items(endpoints).flatMap(({ ports: own = {} }, index) =>
    (isDeferred(own) ? [] : Object.keys(own))
      .filter((name) => !names.includes(name))
      .map((name) => problem(`${path}.endpoints[${index}].ports`, name, `a port of the service: ${names.join(", ") || "it has none"}`)),
  );
}

function single({ resolution, endpoints }: ServiceEntrySpec, path: string): readonly Problem[] {
  return resolution === "DNS_ROUND_ROBIN" && items(endpoints).length > 1
    ? [
        {
          path: `${path}.endpoints`,
          message: `got ${items(endpoints).length} items, expected at most one, because the resolution is DNS_ROUND_ROBIN.`,
        },
      ]
    : [];
}

function wildcards({ hosts }: ServiceEntrySpec, path: string, because: string): readonly Problem[] {
  return items(hosts).flatMap((host, index) =>
    isDeferred(host) || host.startsWith("*")
      ? []
      : [problem(`${path}.hosts[${index}]`, host, `a wildcard such as *.example.no, because ${because}`)],
  );
}

function dynamicPorts({ ports }: ServiceEntrySpec, path: string, because: string): readonly Problem[] {
  return items(ports).flatMap(({ protocol = "TCP" }, index) =>
    isDeferred(protocol) || ["HTTP", "HTTP2", "GRPC", "TLS"].includes(protocol.toUpperCase())
      ? []
      : [problem(`${path}.ports[${index}].protocol`, protocol, `HTTP, HTTP2, GRPC or TLS, because ${because}`)],
  );
}
