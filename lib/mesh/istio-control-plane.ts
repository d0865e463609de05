import type { ApiObjectMetadata } from "cdk8s";
import { Construct } from "constructs";
import { yieldArtefacts } from "../core/artefact";
import { addFinding, recordAccepted, unaccepted } from "../core/finding";
import { dnsLabel } from "../core/name";
import { nodePoolsOf, residencyOf } from "../core/pool";
import { problem, refuse } from "../core/problem";
import { PeerAuthentication } from "../istio/peer-authentication";
import { releasesOf } from "../istio/release";
import { Telemetry } from "../istio/telemetry";
import { controlPlaneProps, type IstioControlPlaneProps } from "./control-plane-props";
import { type HelmRelease, helmCommands, helmReleases } from "./helm-values";
import type { Installation } from "./installation";
import { installerFiles } from "./installer-files";
import { istioOperator } from "./istio-operator";
import { MeshGateway } from "./mesh-gateway";
import { adoptedOnly, gatewayName, type MeshGatewayProps, meshGatewayProps, statusPortFaults } from "./mesh-gateway-props";
import { type AccessLog, meshTelemetrySpec } from "./mesh-telemetry";
import { type ControlPlane, chartFor, claimGateway, controlPlanesOf, registerControlPlane } from "./tree";

/**
 * Istio's control plane: what its installers need, and the mesh-wide settings that go into the cluster.
 *
 * The installers' input never lies among the manifests. For istioctl it is one IstioOperator file; for Helm it is one values file for each
 * chart, with the value names of the release.
 *
 * @throws InvalidInput when a prop is wrong.
 * @example
 * ```ts
 * import { IstioControlPlane, MeshApp } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const mesh = new IstioControlPlane(app, "coolvds-prod-mesh", { mtls: "strict", cni: true });
 * mesh.addIngressGateway("istio-ingressgateway");
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: PeerAuthentication
 * metadata:
 *   name: default
 *   namespace: istio-system
 * spec:
 *   mtls:
 *     mode: STRICT
 * ```
 */
export class IstioControlPlane extends Construct implements ControlPlane {
  /** Name of the installation. */
  readonly controlPlaneName: string;
  /** Namespace of istiod, and the mesh's root namespace. */
  readonly namespaceName: string;
  /** Trust domain of the mesh. */
  readonly trustDomain: string;
  /** Name of this control plane among several; undefined for the only one. */
  readonly revision: string | undefined;
  /** Whether Istio's CNI plugin wires the pods. */
  readonly cni: boolean;
  /** What the mesh writes to its access logs. */
  readonly accessLog: AccessLog;
  /** Whether sidecars let out calls to hosts that the mesh does not know. */
  readonly outbound: "ALLOW_ANY" | "REGISTRY_ONLY";
  /** Services that sidecars themselves call: the collector of traces. */
  readonly providers: readonly { readonly host: string; readonly port: number }[];

  readonly #props: IstioControlPlaneProps;
  readonly #gateways: MeshGateway[] = [];

  constructor(scope: Construct, id: string, props: IstioControlPlaneProps = {}) {
    super(scope, id);
    const { istio } = releasesOf(this);
    refuse(this.node.path, [...(props?.name === undefined ? dnsLabel("name", id) : []), ...controlPlaneProps("", props)]);
    this.#props = props;
    this.controlPlaneName = props.name ?? id;
    this.namespaceName = props.namespace ?? "istio-system";
    this.trustDomain = props.trustDomain ?? "cluster.local";
    this.revision = props.revision;
    this.cni = props.cni ?? false;
    this.accessLog = props.accessLog ?? "off";
    this.outbound = props.outbound ?? "ALLOW_ANY";
    this.providers = props.tracing === undefined ? [] : [{ host: props.tracing.collector, port: props.tracing.port ?? 4317 }];
    registerControlPlane(this, this);
    noteOpenBorders(this, props);
    this.#addMeshObjects(props);
    if (props.existing !== true) yieldArtefacts(this, () => installerFiles(this.#installation()));
    this.node.addValidation({ validate: () => (props.cni === true ? distributionProblems(this, props) : []) });
    if (istio.row.charts.validationFailurePolicy || props.existing === true) return;
    addFinding(this, {
      code: "MG0201",
      severity: "note",
      message: `istiod ${istio.minor} rewrites failurePolicy and caBundle of its webhooks after the install, and the charts cannot be told to begin with the final value: tools that watch for drift report both.`,
      fix: "Let the tool ignore webhooks[].failurePolicy and webhooks[].clientConfig.caBundle, or go to Istio 1.30 or newer.",
    });
  }

  /**
   * Adds a gateway for callers from outside the mesh.
   *
   * @throws InvalidInput when the name is taken or a prop is wrong.
   */
  addIngressGateway(name: string, props: MeshGatewayProps = {}): MeshGateway {
    return this.#addGateway(name, "ingress", props);
  }

  /**
   * Adds a gateway that calls out of the mesh go through.
   *
   * @throws InvalidInput when the name is taken or a prop is wrong.
   */
  addEgressGateway(name: string, props: MeshGatewayProps = {}): MeshGateway {
    return this.#addGateway(name, "egress", props);
  }

  /** The input file of `istioctl install`, as an object. It is not for `kubectl apply`. */
  istioOperator(): Readonly<Record<string, unknown>> {
    return istioOperator(this.#installation());
  }

  /** The Helm releases with their values, in the order in which they must be installed. None for a control plane that exists. */
  helmReleases(): readonly HelmRelease[] {
    return this.#props.existing === true ? [] : helmReleases(this.#installation());
  }

  /** The commands that install the Helm releases, or upgrade them later, from the folder of the values files. */
  helmCommands(): readonly string[] {
    return this.#props.existing === true ? [] : helmCommands(this.#installation());
  }

  #addGateway(name: string, direction: "ingress" | "egress", props: MeshGatewayProps): MeshGateway {
    const bare = this.#props.defaults === "none";
    const subject = `${this.node.path}.${direction}Gateway(${JSON.stringify(name)})`;
    refuse(subject, [
      ...gatewayName("name", name),
      ...meshGatewayProps("", props),
      ...(this.#props.existing === true ? [] : adoptedOnly(props)),
    ]);
    const free = claimGateway(this, this.namespaceName, name);
    refuse(subject, free ? [] : [problem("name", name, "a name that no other gateway of the namespace has")]);
    const faults = bare ? statusPortFaults(props.ports ?? []) : [];
    refuse(subject, unaccepted(faults, props.suppress));
    const parent = { namespaceName: this.namespaceName, bare, chart: () => this.#chart() };
    const gateway = new MeshGateway(this, name, direction, { parent, props });
    recordAccepted(gateway, faults, props.suppress);
    this.#gateways.push(gateway);
    return gateway;
  }

  #installation(): Installation {
    return {
      name: this.controlPlaneName,
      namespace: this.namespaceName,
      releases: releasesOf(this),
      props: this.#props,
      only: controlPlanesOf(this).length === 1,
      distribution:
        this.#props.distribution ?? nodePoolsOf(this).find(({ distribution }) => distribution !== undefined)?.distribution ?? "kubeadm",
      gateways: this.#gateways.map(({ installation }) => installation),
    };
  }

  #chart(): Construct {
    return chartFor(this, this.namespaceName);
  }

  #addMeshObjects({ mtls, tracing }: IstioControlPlaneProps): void {
    const telemetry = meshTelemetrySpec(this.accessLog, tracing);
    const metadata = (name: string): ApiObjectMetadata => ({ name, namespace: this.namespaceName });
    if (mtls !== undefined) {
      const mode = mtls === "strict" ? "STRICT" : "PERMISSIVE";
      new PeerAuthentication(this.#chart(), "mtls", { metadata: metadata("default"), spec: { mtls: { mode } } });
    }
    if (telemetry !== undefined) new Telemetry(this.#chart(), "telemetry", { metadata: metadata("mesh-default"), spec: telemetry });
  }
}

/** Istio's CNI plugin has one configuration for the cluster, so its nodes must keep plugins in the same folders. */
function distributionProblems(controlPlane: IstioControlPlane, { distribution }: IstioControlPlaneProps): string[] {
  const distributions = new Set(
    [distribution, ...nodePoolsOf(controlPlane).map((pool) => pool.distribution)].filter((name) => name !== undefined),
  );
  if (distributions.size < 2) return [];
  const found = [...distributions].join(" and ");
  return [
    `distribution: got node pools and control plane of ${found}, expected one: Istio's CNI plugin would look in folders that the others do not have.`,
  ];
}

/** A list of the hosts that services may call is complete only where sidecars keep to it. */
function noteOpenBorders(controlPlane: IstioControlPlane, { outbound, defaults }: IstioControlPlaneProps): void {
  const countries = residencyOf(controlPlane);
  if (countries.length === 0 || outbound === "REGISTRY_ONLY" || defaults === "none") return;
  addFinding(controlPlane, {
    code: "MG0203",
    severity: "warning",
    message: `data must stay in ${countries.join(", ")}, and sidecars let out calls to any host: what the report lists is not all that services can call.`,
    fix: 'Set outbound: "REGISTRY_ONLY", and declare each host outside the mesh by a ServiceEntry.',
  });
}
