import type { DurationText } from "../core/duration";
import type { Suppressions } from "../core/finding";
import type { NodePool } from "../core/pool";
import type { Resources } from "../core/quantity";
import type { CircuitBreaker } from "./circuit-breaker";
import type { Health } from "./health";
import type { Release } from "./release-strategy";
import type { Replicas } from "./replicas";
import type { RetryPolicy } from "./retries";
import type { SidecarResources } from "./sidecar-resources";
import type { Mirror, SessionAffinity, Testers } from "./traffic";
import type { WorkloadPort } from "./workload";

/** What a `CanaryService` is made of. */
export interface CanaryServiceProps {
  /**
   * Name of the Service, and the host that callers use. An RFC 1123 label.
   *
   * @default - the construct's id
   */
  readonly name?: string;
  /** Port of the Service. Range: 1 to 65535. */
  readonly port: number;
  /**
   * Port that the application listens on. Range: 1 to 65535.
   *
   * @default - `port`
   */
  readonly targetPort?: number;
  /**
   * Protocol of the port; its name tells Istio. Routes, retries and timeouts need one that Istio can read.
   *
   * @default "http"
   */
  readonly protocol?: "http" | "http2" | "grpc";
  /**
   * Further ports, such as one for metrics. Policies let callers in on these too. Their names tell Istio the protocol: `http-metrics`, `tcp-db`.
   *
   * @default - none
   */
  readonly extraPorts?: readonly WorkloadPort[];
  /**
   * Labels that pick the pods of all versions, and only those. Pods of images get them; pods that are deployed elsewhere must carry them.
   *
   * @default - `meshground.io/service: <name>`
   */
  readonly podSelector?: Readonly<Record<string, string>>;
  /**
   * Service account that the pods run as, of this service alone: policies let callers in by it. It must exist.
   *
   * @default - one of the service's own, or that of its own Deployments
   */
  readonly serviceAccountName?: string;
  /** Versions and how traffic is divided between them. */
  readonly release: Release;
  /**
   * Pods of each version, fixed or by an autoscaler.
   *
   * @default 2
   */
  readonly replicas?: Replicas;
  /**
   * Nodes that the pods run on. A Deployment of one's own says so itself.
   *
   * @default - the namespace's pool, if it names one
   */
  readonly pool?: NodePool;
  /**
   * Labels that a node must have, beside the pool's.
   *
   * @default - none
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Time limit of a whole request, retries included. At least 1ms.
   *
   * @default - none: a caller waits for as long as the service takes
   */
  readonly timeout?: DurationText;
  /**
   * What is tried again. Must be able to run within `timeout`.
   *
   * @default - Istio's own: two retries, of connections that failed and calls that were refused; of a 503 too, up to Istio 1.23
   */
  readonly retries?: RetryPolicy;
  /**
   * Limits and the ejection of failing pods.
   *
   * @default - Istio's own: no limit that matters, no ejection
   */
  readonly circuitBreaker?: CircuitBreaker;
  /**
   * Requests that reach one version by a header.
   *
   * @default - none
   */
  readonly testers?: Testers;
  /**
   * A copy of the traffic to one version.
   *
   * @default - none
   */
  readonly mirror?: Mirror;
  /**
   * What ties a caller to one pod.
   *
   * @default - nothing: the pod with the fewest requests answers
   */
  readonly sessionAffinity?: SessionAffinity;
  /**
   * Compute resources of the sidecars, all four or none.
   *
   * @default - the mesh's
   */
  readonly sidecar?: SidecarResources;
  /**
   * Whether the DestinationRule makes callers use mTLS. Without it sidecars find out by themselves who can take it, which calls to pods
   * that have no sidecar yet depend on. `"by-stage"`: written once the namespace is strict.
   *
   * @default "by-stage"
   */
  readonly tls?: "by-stage" | "ISTIO_MUTUAL" | "unset";
  /**
   * Environment variables of the application. The values are taken to the letter: `$(NAME)` stays as it is.
   *
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Compute resources of the application.
   *
   * @default - requests 100m and 128Mi, memory limit 512Mi
   */
  readonly resources?: Resources;
  /**
   * How the kubelet learns whether the application is alive.
   *
   * @default - the port accepts connections
   */
  readonly health?: Health;
  /**
   * `"safe"` adds what a careful operator would: probes, resources, a security context, spread over nodes, a disruption budget, a service
   * account of its own, start and stop without losing a request. `"none"` adds nothing that was not asked for.
   *
   * @default "safe"
   */
  readonly defaults?: "safe" | "none";
  /**
   * Faults that are accepted, code to reason. Without it a service that shows one is refused.
   *
   * @default - none
   */
  readonly suppress?: Suppressions;
}
