import { Lazy } from "cdk8s";
import { Construct } from "constructs";
import { type Check, listOf, oneOf, optional, port, shape } from "../core/check";
import { cidr } from "../core/cidr";
import { dnsLabel, hostPattern } from "../core/name";
import { type Problem, problem, refuse } from "../core/problem";
import { ServiceEntry, type ServiceEntrySpec } from "../istio/service-entry";
import { chartFor, namespaceNameOf } from "./tree";

/** A port of a host outside the mesh. */
export interface ExternalPort {
  /** Range: 1 to 65535. */
  readonly number: number;
  /**
   * What is spoken on it, as the application speaks it: `"TLS"` where the application itself encrypts, so that the sidecar sees the name only.
   *
   * @default "TLS"
   */
  readonly protocol?: "TLS" | "HTTPS" | "HTTP" | "HTTP2" | "GRPC" | "TCP";
}

/** What an {@link ExternalService} is made of. */
export interface ExternalServiceProps {
  /** Names that services call: `api.bank.example`, or `*.bank.example`. */
  readonly hosts: readonly [string, ...string[]];
  /** Ports that services call. @default [{ number: 443, protocol: "TLS" }] */
  readonly ports?: readonly [ExternalPort, ...ExternalPort[]];
  /**
   * Addresses that the names have. NetworkPolicies know addresses only: without these they let the ports out to every address that is not private.
   *
   * @default - unknown
   */
  readonly addresses?: readonly string[];
}

/** A caller of something outside the mesh. */
interface ExternalCaller {
  readonly namespaceName: string | undefined;
}

const externalPort = shape<ExternalPort>({
  number: port,
  protocol: optional(oneOf("TLS", "HTTPS", "HTTP", "HTTP2", "GRPC", "TCP")),
});
const props: Check = shape<ExternalServiceProps>({
  hosts: listOf(hostPattern, { min: 1 }),
  ports: optional(listOf(externalPort, { min: 1 })),
  addresses: optional(listOf(cidr, { min: 1 })),
});

/**
 * A service outside the mesh that services of the tree call, as a ServiceEntry: where sidecars let out declared calls only (`REGISTRY_ONLY`), it
 * opens the way, to the namespaces of its declared callers and to no other.
 *
 * @throws InvalidInput when a prop is wrong.
 * @example
 * ```ts
 * import { CanaryService, ExternalService, MeshApp, Release, StrictMtlsNamespace } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const shop = new StrictMtlsNamespace(app, "shop", { stage: "permissive" });
 * const bank = new ExternalService(shop, "bank", { hosts: ["api.bank.example"] });
 * const payment = new CanaryService(shop, "payment", {
 *   port: 8080,
 *   release: Release.pinned({
 *     stable: { name: "v1", image: "registry.example.no/payment:1.8.0" },
 *     canary: { name: "v2", image: "registry.example.no/payment:2.0.0", weight: 0 },
 *   }),
 * });
 * payment.calls(bank);
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: ServiceEntry
 * metadata:
 *   name: bank
 *   namespace: shop
 * spec:
 *   exportTo:
 *     - "."
 *   hosts:
 *     - api.bank.example
 *   location: MESH_EXTERNAL
 *   ports:
 *     - name: tls-443
 *       number: 443
 *       protocol: TLS
 *   resolution: DNS
 * ```
 */
export class ExternalService extends Construct {
  /** Names that services call. */
  readonly hosts: readonly string[];
  /** Ports that services call. */
  readonly ports: readonly Required<ExternalPort>[];
  /** Addresses that the names have; none where they are unknown. */
  readonly addresses: readonly string[];
  /** Namespace of the ServiceEntry; undefined when its chart names none. */
  readonly namespaceName: string | undefined;
  /** What makes the hosts known to sidecars. */
  readonly serviceEntry: ServiceEntry;

  readonly #callers: ExternalCaller[] = [];

  constructor(scope: Construct, id: string, value: ExternalServiceProps) {
    super(scope, id);
    refuse(this.node.path, externalProblems(id, value));
    const { hosts, ports = [{ number: 443 }], addresses = [] } = value;
    this.hosts = hosts;
    this.ports = ports.map(({ number, protocol = "TLS" }) => ({ number, protocol }));
    this.addresses = addresses;
    this.namespaceName = namespaceNameOf(this);
    this.serviceEntry = new ServiceEntry(chartFor(this, undefined), "service-entry", {
      metadata: { name: id },
      spec: serviceEntrySpec(this, () => exportedTo(this.namespaceName, this.#callers)),
    });
  }

  /** Makes the hosts known to a caller's namespace. `calls` uses it. */
  admit(caller: ExternalCaller): void {
    this.#callers.push(caller);
  }
}

function externalProblems(id: string, value: ExternalServiceProps): readonly Problem[] {
  const problems = [...dnsLabel("name", id), ...props("", value)];
  if (problems.length > 0) return problems;
  const numbers = (value.ports ?? []).map(({ number }) => number);
  return numbers.flatMap((number, index) =>
    numbers.indexOf(number) === index ? [] : [problem(`ports[${index}].number`, number, "a port that no other port of the service has")],
  );
}

/** Names without a wildcard are looked up by the sidecar; with one, the connection goes where the application's own lookup said. */
function serviceEntrySpec({ hosts, ports }: ExternalService, callers: () => readonly string[]): ServiceEntrySpec {
  return {
    hosts,
    location: "MESH_EXTERNAL",
    ports: ports.map(({ number, protocol }) => ({ number, name: `${protocol.toLowerCase()}-${number}`, protocol })),
    resolution: hosts.some((host) => host.startsWith("*")) ? "NONE" : "DNS",
    exportTo: Lazy.any({ produce: callers }),
  };
}

/** `.` for the own namespace, where it calls or nobody does. */
function exportedTo(own: string | undefined, callers: readonly ExternalCaller[]): readonly string[] {
  const names = new Set(callers.map(({ namespaceName }) => (namespaceName === undefined || namespaceName === own ? "." : namespaceName)));
  return names.size === 0 ? ["."] : [...names].sort();
}
