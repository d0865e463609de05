import { all, bool, type Check, numberBetween, oneOf, optional, port, satisfies, shape } from "../core/check";
import { dnsLabel, hostName } from "../core/name";
import type { NodePool } from "../core/pool";
import { type Resources, resources } from "../core/quantity";
import { chartPilot, chartProxy, demoPilot, demoProxy, mergedProblems } from "./installed-resources";
import type { AccessLog, MeshTracing } from "./mesh-telemetry";
import { nodePool } from "./node-pool-check";
import { type Autoscaling, autoscaling } from "./replicas";

/** What istiod, the control plane's own process, is made of. */
export interface PilotProps {
  /**
   * Compute resources of istiod.
   *
   * @default - Istio's own: requests 500m and 2048Mi
   */
  readonly resources?: Resources;
  /**
   * Number of pods.
   *
   * @default - 2 to 5: with Istio's own minimum of 1 its disruption budget stops every drain of the node it is on
   */
  readonly autoscaling?: Autoscaling;
}

/** What an {@link IstioControlPlane} is made of. */
export interface IstioControlPlaneProps {
  /**
   * Name of the installation.
   *
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * Namespace of istiod, and the mesh's root namespace: policies in it hold for the whole mesh.
   *
   * @default "istio-system"
   */
  readonly namespace?: string;
  /**
   * Istio's configuration profile to start from.
   *
   * @default "default"
   */
  readonly profile?: "default" | "minimal" | "empty" | "demo" | "preview" | "stable" | "ambient" | "openshift" | "remote";
  /**
   * Name of this control plane among several in the cluster. Namespaces choose it by `istio.io/rev`.
   *
   * @default - none: the one control plane of the cluster
   */
  readonly revision?: string;
  /**
   * What istiod is made of.
   *
   * @default - see {@link PilotProps}
   */
  readonly pilot?: PilotProps;
  /**
   * Compute resources of every sidecar that has none of its own.
   *
   * @default - Istio's own: requests 100m and 128Mi, limits 2 and 1Gi
   */
  readonly sidecar?: Resources;
  /**
   * mTLS mode of the whole mesh, as a PeerAuthentication in the root namespace. Strict here breaks every caller without a sidecar, in every
   * namespace that says nothing of its own.
   *
   * @default - none: Istio's own, permissive
   */
  readonly mtls?: "permissive" | "strict";
  /**
   * Trust domain of the mesh, the first part of every identity.
   *
   * @default "cluster.local"
   */
  readonly trustDomain?: string;
  /**
   * Whether sidecars let out calls to hosts that the mesh does not know.
   *
   * @default - Istio's own, "ALLOW_ANY"
   */
  readonly outbound?: "ALLOW_ANY" | "REGISTRY_ONLY";
  /**
   * What sidecars and gateways write to their access logs. `"errors"`: answers of 400 and above.
   *
   * @default "off"
   */
  readonly accessLog?: AccessLog;
  /**
   * Where traces go.
   *
   * @default - nowhere
   */
  readonly tracing?: MeshTracing;
  /**
   * Whether the kubelet's probes reach the application through the sidecar's agent. Without it STRICT breaks them all.
   *
   * @default - Istio's own, true
   */
  readonly probeRewrite?: boolean;
  /**
   * Whether Istio's CNI plugin wires the pods, so that they need no init container with NET_ADMIN.
   *
   * @default false
   */
  readonly cni?: boolean;
  /**
   * What makes the nodes a cluster: k3s keeps CNI plugins in folders of its own, and Istio's must lie there too.
   *
   * @default - that of the tree's node pools; "kubeadm" where it has none
   */
  readonly distribution?: "kubeadm" | "k3s";
  /**
   * Nodes that istiod runs on.
   *
   * @default - any
   */
  readonly pool?: NodePool;
  /**
   * The control plane is installed already: no installer input is made, and the props say what it is like.
   *
   * @default false
   */
  readonly existing?: boolean;
  /**
   * `"safe"` adds what a careful operator would to the installer's input: two pods of istiod, a webhook policy that does not drift.
   * `"none"` adds nothing that was not asked for.
   *
   * @default "safe"
   */
  readonly defaults?: "safe" | "none";
}

/** What the amounts that were asked for come to beside those of Istio's charts. */
const mergedResources: Check = (_, value) => {
  const { profile, pilot, sidecar, existing } = value as IstioControlPlaneProps;
  if (existing === true) return [];
  const [pilotChart, proxyChart] = profile === "demo" ? [demoPilot, demoProxy] : [chartPilot, chartProxy];
  return [
    ...mergedProblems("pilot.resources", pilot?.resources ?? {}, pilotChart),
    ...mergedProblems("sidecar", sidecar ?? {}, proxyChart),
  ];
};

const wellFormed: Check = shape<IstioControlPlaneProps>({
  name: optional(dnsLabel),
  namespace: optional(dnsLabel),
  profile: optional(oneOf("default", "minimal", "empty", "demo", "preview", "stable", "ambient", "openshift", "remote")),
  revision: optional(dnsLabel),
  pilot: optional(shape<PilotProps>({ resources: optional(resources), autoscaling: optional(autoscaling) })),
  sidecar: optional(resources),
  mtls: optional(oneOf("permissive", "strict")),
  trustDomain: optional(hostName),
  outbound: optional(oneOf("ALLOW_ANY", "REGISTRY_ONLY")),
  accessLog: optional(oneOf("off", "errors", "all")),
  tracing: optional(
    shape<MeshTracing>({
      samplingPercent: numberBetween(0, 100),
      collector: all(
        hostName,
        satisfies("a full host name such as otel-collector.observability.svc.cluster.local", (value) => String(value).includes(".")),
      ),
      port: optional(port),
    }),
  ),
  probeRewrite: optional(bool),
  cni: optional(bool),
  distribution: optional(oneOf("kubeadm", "k3s")),
  pool: optional(nodePool),
  existing: optional(bool),
  defaults: optional(oneOf("safe", "none")),
});

/** A control plane whose props are well-formed. */
export const controlPlaneProps: Check = all(wellFormed, mergedResources);
