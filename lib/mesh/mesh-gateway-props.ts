import { all, type Check, listOf, mapOf, oneOf, optional, port, satisfies, shape } from "../core/check";
import { cidr } from "../core/cidr";
import { type Fault, type Suppressions, suppressionsOf } from "../core/finding";
import { dnsLabel, dnsSubdomain, labelKey, labels, portName } from "../core/name";
import type { NodePool } from "../core/pool";
import { join, type Problem, problem } from "../core/problem";
import { type Resources, resources } from "../core/quantity";
import { chartProxy, mergedProblems } from "./installed-resources";
import { nodePool } from "./node-pool-check";
import { type Autoscaling, autoscaling } from "./replicas";
import { isSidecarPort } from "./workload";

/** A port of a gateway's Service. */
export interface MeshGatewayPort {
  /** Name of the port. Its first word tells Istio the protocol: `http2`, `https`. */
  readonly name: string;
  /** Port of the Service. Range: 1 to 65535. */
  readonly port: number;
  /** Port that the gateway's Envoy listens on; above 1023, so that it needs no privilege. Range: 1 to 65535. */
  readonly targetPort: number;
}

/** What a gateway is made of. */
export interface MeshGatewayProps {
  /**
   * Ports that the gateway takes traffic on.
   *
   * @default - http2 80 to 8080 and https 443 to 8443
   */
  readonly ports?: readonly [MeshGatewayPort, ...MeshGatewayPort[]];
  /**
   * Compute resources of the gateway's Envoy.
   *
   * @default - Istio's own: requests 100m and 128Mi, limits 2 and 1Gi
   */
  readonly resources?: Resources;
  /**
   * How the gateway is reached from outside the cluster.
   *
   * @default "LoadBalancer" for an ingress gateway, "ClusterIP" for an egress gateway
   */
  readonly serviceType?: "LoadBalancer" | "NodePort" | "ClusterIP";
  /**
   * Addresses that a load balancer lets through.
   *
   * @default - all
   */
  readonly sourceRanges?: readonly string[];
  /**
   * Annotations of the gateway's Service, which load balancers read.
   *
   * @default - none
   */
  readonly serviceAnnotations?: Readonly<Record<string, string>>;
  /**
   * Number of pods.
   *
   * @default - 2 to 5
   */
  readonly autoscaling?: Autoscaling;
  /**
   * Nodes that the gateway runs on.
   *
   * @default - any
   */
  readonly pool?: NodePool;
  /**
   * Account of a gateway that is there already. Only with a control plane that is `existing`: installers are told which one to use.
   *
   * @default - `<name>-service-account`
   */
  readonly serviceAccountName?: string;
  /**
   * Labels that pick the pods of a gateway that is there already, and only those. Only with a control plane that is `existing`.
   *
   * @default - `app: <name>` and `istio: <name without istio->`
   */
  readonly podSelector?: Readonly<Record<string, string>>;
  /**
   * Faults that are accepted, code to reason.
   *
   * @default - none
   */
  readonly suppress?: Suppressions;
}

/** Envoy and the agent listen on ports from 15000 to 15090 themselves; 15021 is where they answer load balancers. */
const gatewayTargetPort: Check = all(
  port,
  satisfies(
    "a port that Envoy does not use itself (15000 to 15090, but for 15021)",
    (value) => Number(value) === 15021 || !isSidecarPort(Number(value)),
  ),
);

const gatewayPort: Check = shape<MeshGatewayPort>({ name: portName, port, targetPort: gatewayTargetPort });

const differentPorts: Check = (path, value) => {
  const ports = value as readonly MeshGatewayPort[];
  return (["name", "port", "targetPort"] as const).flatMap((prop) =>
    ports.flatMap((entry, index) =>
      ports.findIndex((other) => other[prop] === entry[prop]) === index
        ? []
        : [problem(join(join(path, index), prop), entry[prop], `a ${prop} that no other port of the gateway has`)],
    ),
  );
};

/** A gateway whose props are well-formed. */
export const meshGatewayProps: Check = shape<MeshGatewayProps>({
  ports: optional(all(listOf(gatewayPort, { min: 1 }), differentPorts)),
  resources: optional(all(resources, (path, value) => mergedProblems(path, value as Resources, chartProxy))),
  serviceType: optional(oneOf("LoadBalancer", "NodePort", "ClusterIP")),
  sourceRanges: optional(listOf(cidr)),
  serviceAnnotations: optional(
    mapOf(
      labelKey,
      satisfies("text", (value) => typeof value === "string"),
    ),
  ),
  autoscaling: optional(autoscaling),
  pool: optional(nodePool),
  serviceAccountName: optional(dnsSubdomain),
  podSelector: optional(labels),
  suppress: optional(suppressionsOf("MG0202")),
});

/** Names that Helm releases of the control plane have. */
const taken: readonly string[] = ["istio-base", "istio-cni", "istiod"];

/** Name of a gateway, which is also that of a Helm release: at most 53 characters. */
export const gatewayName: Check = all(
  dnsLabel,
  satisfies(
    "a name of at most 53 characters, other than those of the control plane's own Helm releases",
    (value) => String(value).length <= 53 && !taken.includes(String(value)) && !String(value).startsWith("istiod-"),
  ),
);

/** What may be said only of a gateway that somebody else has installed. */
export function adoptedOnly({ serviceAccountName, podSelector }: MeshGatewayProps): readonly Problem[] {
  const given = Object.entries({ serviceAccountName, podSelector }).filter(([, value]) => value !== undefined);
  return given.map(([path]) => ({
    path,
    message: "is for a gateway of a control plane that is existing: the installers are told this one.",
  }));
}

/** The ports of Istio's own ingress gateway. Both installers get them, because their own defaults differ: 8080 and 8443, or 80 and 443. */
export const defaultPorts: readonly [MeshGatewayPort, ...MeshGatewayPort[]] = [
  { name: "http2", port: 80, targetPort: 8080 },
  { name: "https", port: 443, targetPort: 8443 },
];

/** Where load balancers ask whether the gateway is alive. A list of ports of one's own would leave it out. */
export const statusPort: MeshGatewayPort = { name: "status-port", port: 15021, targetPort: 15021 };

/** Why a load balancer cannot tell whether the gateway is alive. */
export function statusPortFaults(ports: readonly MeshGatewayPort[]): readonly Fault[] {
  if (ports.length === 0 || ports.some(({ port }) => port === statusPort.port)) return [];
  return [
    {
      code: "MG0202",
      prop: "ports",
      message: `a list of ports replaces Istio's own, and this one lacks ${statusPort.port}, where load balancers ask whether the gateway is alive.`,
      fix: `Add { name: "${statusPort.name}", port: ${statusPort.port}, targetPort: ${statusPort.targetPort} }.`,
    },
  ];
}
