import { type Check, oneOf, optional, satisfies } from "../core/check";
import type { Kind } from "./kind";
import { dict, isDeferred, part, type Rule } from "./part";
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

/** What is to know of a PeerAuthentication to check it. */
export const peerAuthenticationKind: Kind<"PeerAuthentication"> = { kind: "PeerAuthentication", spec: peerAuthentication, since };
