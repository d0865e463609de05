import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type Check, oneOf, optional, satisfies } from "../core/check";
import type { Problem } from "../core/problem";
import { dict, isDeferred, part, type Rule } from "./part";
import { manifest } from "./resource";
import { type WorkloadSelector, workloadSelector } from "./selector";
import type { Since } from "./since";

/**
 * What pods accept: TLS of the mesh, plaintext, or both.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export interface PeerAuthenticationSpec {
  /** Pods it is for. @default - every pod of the namespace; in the root namespace, of the mesh */
  readonly selector?: WorkloadSelector;
  /** For every port that `portLevelMtls` does not name. @default - as the namespace or mesh says */
  readonly mtls?: MutualTls;
  /** Port of the pod (not of its Service) to what it accepts. Needs a selector with labels. Keys: 1 to 65535. */
  readonly portLevelMtls?: Readonly<Record<string, MutualTls>>;
}

/** What is accepted. */
export interface MutualTls {
  /** `STRICT` only TLS of the mesh, `PERMISSIVE` also plaintext, `DISABLE` only plaintext, `UNSET` what the level above says. @default "UNSET" */
  readonly mode?: "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";
}

/** Props of a {@link PeerAuthentication}. */
export interface PeerAuthenticationProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** What is accepted. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: PeerAuthenticationSpec;
}

/**
 * Istio's PeerAuthentication, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { PeerAuthentication, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new PeerAuthentication(new Chart(app, "shop"), "Mtls", {
 *   metadata: { name: "default" },
 *   spec: { mtls: { mode: "STRICT" } },
 * });
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: PeerAuthentication
 * metadata:
 *   name: default
 * spec:
 *   mtls:
 *     mode: STRICT
 * ```
 */
export class PeerAuthentication extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec. */
  constructor(scope: Construct, id: string, props: PeerAuthenticationProps) {
    super(
      scope,
      id,
      manifest(scope, id, props, { kind: "PeerAuthentication", problems: ({ spec }) => peerAuthenticationProblems(spec), since }),
    );
  }
}

/** What Istio's own validation would refuse in a spec, looking at nothing else in the mesh. */
export function peerAuthenticationProblems(spec: PeerAuthenticationSpec): readonly Problem[] {
  return peerAuthentication("spec", spec);
}

/** Nothing came since Istio 1.17. */
const since: Since = {};

const mutualTls: Check = part<MutualTls>({ mode: optional(oneOf("UNSET", "DISABLE", "PERMISSIVE", "STRICT")) });
const portKey: Check = satisfies("a port from 1 to 65535", (value) => /^[1-9]\d{0,4}$/.test(String(value)) && Number(value) <= 65535);

const portsOfSomePods: Rule<PeerAuthenticationSpec> = ({ selector, portLevelMtls }, path) => {
  if (portLevelMtls === undefined || isDeferred(portLevelMtls)) return [];
  const at = `${path}.portLevelMtls`;
  if (Object.keys(portLevelMtls).length === 0) return [{ path: at, message: "got no port, expected at least one." }];
  if (isDeferred(selector) || isDeferred(selector?.matchLabels) || Object.keys(selector?.matchLabels ?? {}).length > 0) return [];
  return [{ path: at, message: "needs a selector with matchLabels: ports differ from pod to pod." }];
};

const peerAuthentication: Check = part<PeerAuthenticationSpec>(
  {
    selector: optional(workloadSelector),
    mtls: optional(mutualTls),
    portLevelMtls: optional(dict(portKey, mutualTls)),
  },
  portsOfSomePods,
);
