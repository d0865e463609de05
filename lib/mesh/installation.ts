import type { Releases } from "../istio/release";
import type { IstioControlPlaneProps } from "./control-plane-props";
import { placement } from "./deployment";
import type { MeshGatewayPort, MeshGatewayProps } from "./mesh-gateway-props";
import { tracingProvider } from "./mesh-telemetry";
import type { Autoscaling } from "./replicas";

/** A gateway as an installer sees it. */
export interface GatewayInstallation {
  readonly name: string;
  /** Whether callers come in through it, or calls go out. */
  readonly direction: "ingress" | "egress";
  /** Namespace that it runs in. */
  readonly namespace: string;
  /** Account that policies name. */
  readonly serviceAccountName: string;
  /** Labels of the pods, which Gateways select. */
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the Service; empty where the installer's own stay. */
  readonly ports: readonly MeshGatewayPort[];
  /** How it is reached; undefined where the installer's own type stays. */
  readonly serviceType: "LoadBalancer" | "NodePort" | "ClusterIP" | undefined;
  /** Number of pods; undefined where the installer's own stays. */
  readonly autoscaling: Autoscaling | undefined;
  /** Whether nothing is written that was not asked for. */
  readonly bare: boolean;
  /** What was asked for. */
  readonly props: MeshGatewayProps;
}

/** Everything that the installers of a control plane render. */
export interface Installation {
  readonly name: string;
  readonly namespace: string;
  readonly releases: Releases;
  readonly props: IstioControlPlaneProps;
  /** What makes the nodes a cluster. */
  readonly distribution: "kubeadm" | "k3s";
  /** Whether it is the only control plane of the tree. */
  readonly only: boolean;
  readonly gateways: readonly GatewayInstallation[];
}

/** Number of pods of istiod: as asked, else two, so that a node can be drained. */
export function pilotAutoscaling({ pilot, defaults }: IstioControlPlaneProps): Autoscaling | undefined {
  return pilot?.autoscaling ?? (defaults === "none" ? undefined : { min: 2, max: 5 });
}

/** The mesh configuration that istiod serves. Only what differs from Istio's own. */
export function meshConfig({ trustDomain, outbound, tracing }: IstioControlPlaneProps): Readonly<Record<string, unknown>> {
  return {
    ...(trustDomain !== undefined && { trustDomain }),
    ...(outbound !== undefined && { outboundTrafficPolicy: { mode: outbound } }),
    ...(tracing !== undefined && {
      enableTracing: true,
      extensionProviders: [{ name: tracingProvider, opentelemetry: { service: tracing.collector, port: tracing.port ?? 4317 } }],
    }),
  };
}

/** Where a distribution keeps CNI plugins and their configuration; undefined where Istio's defaults are right. */
export function cniDirectories({ distribution, releases }: Installation): { cniBinDir: string; cniConfDir: string } | undefined {
  if (distribution !== "k3s") return undefined;
  // k3s moved its plugins in December 2024: https://docs.k3s.io/networking/basic-network-options#custom-cni
  const cniBinDir = hasMovedPlugins(releases) ? "/var/lib/rancher/k3s/data/cni" : "/var/lib/rancher/k3s/data/current/bin";
  return { cniBinDir, cniConfDir: "/var/lib/rancher/k3s/agent/etc/cni/net.d" };
}

/** k3s moved its plugins in the patch releases of December 2024. */
function hasMovedPlugins({ kubernetes: { text, minor } }: Releases): boolean {
  const firstPatch: Readonly<Record<number, number>> = { 28: 16, 29: 12, 30: 8, 31: 4 };
  const patch = text.split(".")[2];
  return minor >= 32 || (patch === undefined ? minor >= 28 : Number.parseInt(patch, 10) >= (firstPatch[minor] ?? Number.POSITIVE_INFINITY));
}

/** Values that are the same for istioctl and for the chart `istiod`, in every release. */
export function sharedValues({ namespace, props: { sidecar, probeRewrite } }: Installation): Record<string, unknown> {
  const global = {
    ...(namespace !== "istio-system" && { istioNamespace: namespace }),
    ...(sidecar !== undefined && { proxy: { resources: sidecar } }),
  };
  return {
    ...(filled(global) && { global }),
    ...(probeRewrite !== undefined && { sidecarInjectorWebhook: { rewriteAppHTTPProbe: probeRewrite } }),
  };
}

/** Whether the validating webhooks can begin with the policy that istiod would give them, so that no tool sees drift. */
export function steadyWebhooks({ props, releases }: Installation): boolean {
  return props.defaults !== "none" && releases.istio.row.charts.validationFailurePolicy;
}

/** The policy that istiod gives the validating webhooks once it is up. */
export const webhookPolicy = { base: { validationFailurePolicy: "Fail" } } as const;

/** Where a gateway's or istiod's pods run. */
export function poolPlacement(pool: IstioControlPlaneProps["pool"]): Record<string, unknown> {
  return placement({ pool, nodeSelector: {} });
}

/** Whether an object has anything in it. */
export function filled(value: object): boolean {
  return Object.keys(value).length > 0;
}
