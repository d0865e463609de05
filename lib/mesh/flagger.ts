import { outlierDetection } from "./circuit-breaker";
import { type FlaggerJudgement, flaggerAnalysis, flaggerMetricTemplates, type NamedMetricTemplate } from "./flagger-analysis";
import type { FlaggerCanarySpec, FlaggerService, FlaggerTrafficPolicy } from "./flagger-spec";
import type { FlaggerReleaseProps } from "./progressive-release";
import { fewest } from "./replicas";
import { httpRetry } from "./retries";
import { destinationRuleSpec, type Traffic } from "./traffic";
import type { WorkloadPort } from "./workload";

/**
 * Labels of which a Deployment's `spec.selector.matchLabels` must hold one for Flagger, as it is installed by default; the first one counts.
 *
 * The value of that label is the Service's name in what this library renders: `app: pricing`. On the primary's pods Flagger makes it
 * `pricing-primary`, and selects by it alone; every other label of the pods it copies. So a policy that selects by a label of our own meets
 * the pods that serve and those on trial.
 *
 * @see https://github.com/fluxcd/flagger/blob/v1.36.1/pkg/canary/util.go `makePrimaryLabels`
 */
export const flaggerSelectorLabels = ["app", "name", "app.kubernetes.io/name"] as const;

/** Fields of the Deployment that Flagger moves: it has no pods between two releases. */
export const flaggerMovedFields = ["spec.replicas"] as const;

/**
 * How long pods of a release may stay unavailable before it is taken back. Unit: seconds.
 *
 * Flagger asks no metric while they are, and leaves the weight as it is: of a canary that crashes under its first requests, callers get a 503
 * for as long. Flagger's own default is 600. Pods of images may take 60 seconds to start.
 */
const flaggerProgressDeadline = 120;

/** All that decides the objects for Flagger. */
export interface FlaggerInput {
  /** The Service that Flagger makes; its first port is the one that the routes are for. */
  readonly service: { readonly serviceName: string; readonly ports: readonly WorkloadPort[] };
  /** Namespace of all of it; undefined where the chart names none. */
  readonly namespace: string | undefined;
  /** The release, checked. */
  readonly release: FlaggerReleaseProps;
  /** How requests reach the service. Testers, mirror and ports beside the first are not looked at: Flagger has no place for them. */
  readonly traffic: Pick<Traffic, "timeout" | "retries" | "circuitBreaker" | "sessionAffinity" | "istioMutual" | "replicas">;
  /** Name of the Deployment. */
  readonly deployment: string;
  /** Name of the Deployment's HorizontalPodAutoscaler. @default - none */
  readonly autoscaler?: string | undefined;
  /** Address of Prometheus, as Flagger reaches it. */
  readonly prometheus: string;
  /** What the port speaks. */
  readonly protocol: "http" | "http2" | "grpc";
  /** Gateways that send requests to the service too, as a VirtualService names them. @default - none */
  readonly gateways?: readonly string[];
  /** Hosts under which they do. @default - none */
  readonly hosts?: readonly string[];
}

/** What is rendered for Flagger, beside a Deployment with a selector as {@link flaggerSelectorLabels} says. */
export interface FlaggerObjects {
  /** Spec of the Canary, whose name is the Service's. */
  readonly canary: FlaggerCanarySpec;
  /** The queries that it names. */
  readonly metricTemplates: readonly NamedMetricTemplate[];
}

/**
 * The Canary of a release and its MetricTemplates. Flagger makes Services, VirtualService and DestinationRules of its own from them: there must be
 * no others for the same host. What a Canary cannot carry is for `flaggerProblems` to refuse, before.
 */
export function flaggerObjects(input: FlaggerInput): FlaggerObjects {
  const { service, namespace, release, prometheus, protocol, deployment, autoscaler } = input;
  const judgement: FlaggerJudgement = { service: service.serviceName, namespace, deployment, release, prometheus, protocol };
  return {
    canary: {
      provider: "istio",
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
      ...(autoscaler !== undefined && {
        autoscalerRef: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name: autoscaler },
      }),
      progressDeadlineSeconds: flaggerProgressDeadline,
      service: serviceOf(input),
      analysis: flaggerAnalysis(judgement),
    },
    metricTemplates: flaggerMetricTemplates(judgement),
  };
}

function serviceOf({ service, traffic, protocol, gateways = [], hosts = [] }: FlaggerInput): FlaggerService {
  const { timeout, retries } = traffic;
  const [main] = service.ports;
  if (main === undefined) throw new RangeError(`${service.serviceName} has no port`);
  const trafficPolicy = trafficPolicyOf(traffic);
  return {
    name: service.serviceName,
    port: main.port,
    portName: protocol,
    targetPort: main.targetPort,
    ...(timeout !== undefined && { timeout }),
    ...(retries !== undefined && { retries: httpRetry(retries) }),
    // Flagger adds the mesh's own callers only where no gateway is named.
    ...(gateways.length > 0 && { gateways: [...new Set([...gateways, "mesh"])] }),
    ...(hosts.length > 0 && { hosts }),
    ...(Object.keys(trafficPolicy).length > 0 && { trafficPolicy }),
  };
}

/**
 * One policy, for the primary and the canary: pods of both are ejected as those that carry the service.
 *
 * That locality failover stays off cannot be said: Flagger's own types leave out `localityLbSetting.enabled: false`.
 */
function trafficPolicyOf(traffic: FlaggerInput["traffic"]): FlaggerTrafficPolicy {
  const parts = { host: "", port: 0, otherHttpPorts: [], manyPorts: false, versions: [] };
  const { tls, connectionPool, loadBalancer } = destinationRuleSpec({ ...traffic, ...parts }).trafficPolicy ?? {};
  const eject = traffic.circuitBreaker?.eject;
  return {
    ...(tls !== undefined && { tls: { mode: "ISTIO_MUTUAL" } }),
    ...(connectionPool?.http !== undefined && { connectionPool: { http: connectionPool.http as Readonly<Record<string, number>> } }),
    ...(eject !== undefined && { outlierDetection: outlierDetection(eject, "carries", fewest(traffic.replicas)) }),
    ...(loadBalancer?.consistentHash !== undefined && { loadBalancer: { consistentHash: loadBalancer.consistentHash } }),
  };
}
