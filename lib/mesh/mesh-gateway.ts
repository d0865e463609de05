import { Construct } from "constructs";
import { bool, type Check, oneOf, optional, satisfies, shape, when } from "../core/check";
import { dnsSubdomain, hostPattern } from "../core/name";
import { type Problem, problem, refuse } from "../core/problem";
import { Gateway, type GatewayServer } from "../istio/gateway";
import type { CanaryService } from "./canary-service";
import type { GatewayInstallation } from "./installation";
import { defaultPorts, type MeshGatewayPort, type MeshGatewayProps, statusPort } from "./mesh-gateway-props";
import type { MeshIdentity } from "./workload";

/** How a service is reached from outside the mesh. */
export interface Exposure {
  /** Host that callers use: `pay.example.no`, or `*.example.no`. */
  readonly host: string;
  /**
   * TLS at the gateway, with the Secret that holds the certificate, in the gateway's namespace; or `"none"`, and everybody on the way can
   * read along. `MUTUAL` also asks the caller for a certificate.
   */
  readonly tls: "none" | { readonly secret: string; readonly mode?: "SIMPLE" | "MUTUAL" };
  /**
   * Whether callers that come by plain HTTP are sent to HTTPS.
   *
   * @default - true, where there is TLS and the gateway has a port for plain HTTP
   */
  readonly redirect?: boolean;
}

/** What a gateway has from its control plane. */
interface Parent {
  readonly namespaceName: string;
  readonly bare: boolean;
  /** Where the gateway's own objects go. */
  readonly chart: () => Construct;
}

const exposure: Check = shape<Exposure>({
  host: hostPattern,
  tls: when(
    (value) => typeof value === "object" && value !== null,
    shape<{ secret: string; mode?: string }>({ secret: dnsSubdomain, mode: optional(oneOf("SIMPLE", "MUTUAL")) }),
    satisfies('"none", or { secret: "name of a TLS Secret" }', (value) => value === "none"),
  ),
  redirect: optional(bool),
});

/** A gateway of the mesh: what installers make of it, and which services it lets callers reach. */
export class MeshGateway extends Construct implements MeshIdentity {
  /** Name of the gateway's Deployment and Service. */
  readonly gatewayName: string;
  /** Namespace that the gateway runs in. */
  readonly namespaceName: string;
  /** Service account of the gateway, the same from every installer: policies name it. */
  readonly serviceAccountName: string;
  /** Labels that pick the gateway's pods, the same from every installer. */
  readonly podSelector: Readonly<Record<string, string>>;
  /** What the installers of the control plane render. */
  readonly installation: GatewayInstallation;

  readonly #chart: () => Construct;
  readonly #ports: readonly MeshGatewayPort[];
  readonly #hosts: Map<string, { readonly host: string; readonly service: string }> = new Map();

  constructor(
    scope: Construct,
    name: string,
    direction: "ingress" | "egress",
    { parent, props }: { readonly parent: Parent; readonly props: MeshGatewayProps },
  ) {
    super(scope, name);
    this.gatewayName = name;
    this.namespaceName = parent.namespaceName;
    this.serviceAccountName = props.serviceAccountName ?? `${name}-service-account`;
    this.podSelector = props.podSelector ?? { app: name, istio: name.replace(/^istio-/, "") };
    this.#ports = props.ports ?? defaultPorts;
    this.#chart = parent.chart;
    const { bare } = parent;
    this.installation = {
      name,
      direction,
      bare,
      props,
      serviceAccountName: this.serviceAccountName,
      namespace: parent.namespaceName,
      labels: this.podSelector,
      ports: bare ? (props.ports ?? []) : withStatusPort(this.#ports),
      serviceType: props.serviceType ?? (bare ? undefined : direction === "ingress" ? "LoadBalancer" : "ClusterIP"),
      autoscaling: props.autoscaling ?? (bare ? undefined : { min: 2, max: 5 }),
    };
  }

  /**
   * Lets callers outside the mesh reach a service through this gateway: a Gateway for the host, a VirtualService that routes as the service
   * itself does, and a policy that lets the gateway in where the service's namespace lets in only what was declared.
   *
   * @throws InvalidInput when the host or Secret is not well-formed, the host is exposed already, or the gateway has no port for it.
   */
  expose(service: CanaryService, props: Exposure): this {
    const subject = `${this.node.path}.expose`;
    refuse(subject, [
      ...(typeof service?.admit === "function" ? [] : [problem("service", service, "a CanaryService")]),
      ...exposure("", props),
    ]);
    refuse(subject, this.#exposureProblems(props));
    const { host } = props;
    this.#hosts.set(hostLabelOf(host), { host, service: service.serviceName });
    const hostLabel = hostLabelOf(host);
    const name = `${this.gatewayName}-${hostLabel}`;
    const gateway = new Gateway(this.#chart(), name, {
      metadata: { name, namespace: this.namespaceName },
      spec: { selector: this.podSelector, servers: this.#servers(service, props) },
    });
    service.routeFrom({ name, host, gateway: `${this.namespaceName}/${gateway.name}` });
    service.admit(this, subject);
    return this;
  }

  #servers({ namespaceName }: MeshIdentity, { host, tls, redirect = true }: Exposure): readonly GatewayServer[] {
    // Only the service's own namespace may bind routes to the host; another one could take its traffic.
    const hosts = [namespaceName === undefined ? host : `${namespaceName}/${host}`];
    const [plain, secure] = [this.#plainPort(), this.#securePort()];
    const plainServer = plain === undefined ? [] : [{ port: { number: plain.port, name: plain.name, protocol: "HTTP" as const }, hosts }];
    if (tls === "none") return plainServer;
    const { secret, mode = "SIMPLE" } = tls;
    return [
      {
        port: { number: secure?.port ?? 443, name: secure?.name ?? "https", protocol: "HTTPS" as const },
        hosts,
        tls: { mode, credentialName: secret },
      },
      ...(redirect ? plainServer.map((server) => ({ ...server, tls: { httpsRedirect: true } })) : []),
    ];
  }

  #plainPort(): MeshGatewayPort | undefined {
    return this.#ports.find(({ name }) => /^http(?:2|-|$)/.test(name));
  }

  #securePort(): MeshGatewayPort | undefined {
    return this.#ports.find(({ name }) => name.startsWith("https"));
  }

  #exposureProblems({ host, tls, redirect }: Exposure): readonly Problem[] {
    const owner = this.#hosts.get(hostLabelOf(host));
    const names = this.#ports.map(({ name, port }) => `${name} (${port})`).join(", ");
    const needsPlain = tls === "none" || redirect === true;
    return [
      ...(this.installation.direction === "egress"
        ? [{ path: "", message: "is for an ingress gateway: nothing comes in through an egress gateway." }]
        : []),
      ...(owner === undefined
        ? []
        : [
            problem(
              "host",
              host,
              `a host that this gateway does not expose yet: ${owner.service} has ${owner.host === host ? "it" : `${owner.host}, whose Gateway has the same name`}`,
            ),
          ]),
      ...(tls !== "none" && this.#securePort() === undefined
        ? [{ path: "tls", message: `needs a port of the gateway whose name starts with https; it has ${names}.` }]
        : []),
      ...(needsPlain && this.#plainPort() === undefined
        ? [{ path: tls === "none" ? "tls" : "redirect", message: `needs a port of the gateway named http or http2; it has ${names}.` }]
        : []),
    ];
  }
}

/** A host as part of an object's name. */
function hostLabelOf(host: string): string {
  return host.replace("*", "wildcard").replaceAll(".", "-");
}

function withStatusPort(ports: readonly MeshGatewayPort[]): readonly MeshGatewayPort[] {
  return ports.some(({ port }) => port === statusPort.port) ? ports : [statusPort, ...ports];
}
