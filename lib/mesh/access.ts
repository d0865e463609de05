import { Lazy } from "cdk8s";
import type { Construct } from "constructs";
import { AuthorizationPolicy, type AuthorizationPolicySpec, type AuthorizationRule } from "../istio/authorization-policy";
import { controlPlaneOf } from "./tree";
import { type MeshIdentity, type MeshWorkload, principal } from "./workload";

/** Who may call a workload, as far as the tree declares it. Renders one ALLOW policy when the first caller is admitted. */
export class Admissions {
  readonly #scope: Construct;
  readonly #target: MeshWorkload;
  readonly #dryRun: boolean;
  readonly #callers: MeshIdentity[] = [];
  #policy: AuthorizationPolicy | undefined;

  constructor(scope: Construct, target: MeshWorkload, dryRun: boolean) {
    this.#scope = scope;
    this.#target = target;
    this.#dryRun = dryRun;
  }

  /** Lets a caller in, on every port that the workload's Service offers. */
  admit(caller: MeshIdentity): void {
    this.#callers.push(caller);
    this.#policy ??= new AuthorizationPolicy(this.#scope, "callers", {
      metadata: { name: `${this.#target.serviceName}-callers`, ...(this.#dryRun && { annotations: dryRun }) },
      spec: {
        selector: { matchLabels: this.#target.podSelector },
        action: "ALLOW",
        rules: Lazy.any({ produce: () => [allowRule(this.#target, this.#callers, trustDomainOf(this.#scope))] }),
      },
    });
  }
}

/** Marks a policy that is only written to the log: what it would refuse is let through. */
export const dryRun: Readonly<Record<string, string>> = { "istio.io/dry-run": "true" };

/** Trust domain of the tree's control plane; Istio's own default where the tree has none. */
function trustDomainOf(scope: Construct): string {
  return controlPlaneOf(scope)?.trustDomain ?? "cluster.local";
}

/** The rule that lets callers in by their certificates. Same callers in any order, same rule. */
function allowRule(target: MeshWorkload, callers: readonly MeshIdentity[], trustDomain: string): AuthorizationRule {
  const principals = [...new Set(callers.map((caller) => principal(caller, trustDomain)))].sort();
  return { from: [{ source: { principals } }], to: [{ operation: { ports: target.ports.map(({ targetPort }) => `${targetPort}`) } }] };
}

/** What narrows an outsider's exception. */
export interface PlaintextAccess {
  readonly port: number;
  readonly from: readonly string[];
  readonly addressOf: "peer" | "original-caller" | undefined;
  readonly access: "declared" | "open";
}

/**
 * The policy that narrows plaintext callers to their addresses: no certificate names them, so nothing else can.
 *
 * Where all but declared callers are denied it lets them in; where all are let in it denies plaintext from anywhere else. Callers with a
 * certificate are for other policies, whatever their address.
 */
export function plaintextPolicySpec(target: MeshWorkload, { port, from, addressOf, access }: PlaintextAccess): AuthorizationPolicySpec {
  const ranges = [...from].sort();
  const plaintext = { notPrincipals: ["*"] };
  const remote = addressOf === "original-caller";
  const inside = remote ? { remoteIpBlocks: ranges } : { ipBlocks: ranges };
  const outside = remote ? { notRemoteIpBlocks: ranges } : { notIpBlocks: ranges };
  const source = { ...plaintext, ...(access === "declared" ? inside : outside) };
  return {
    selector: { matchLabels: target.podSelector },
    action: access === "declared" ? "ALLOW" : "DENY",
    rules: [{ from: [{ source }], to: [{ operation: { ports: [`${port}`] } }] }],
  };
}
