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

/** The policy that lets plaintext callers in: no certificate names them, so their addresses and the port do. */
export function allowPlaintextSpec(target: MeshWorkload, port: number, from: readonly string[]): AuthorizationPolicySpec {
  return {
    selector: { matchLabels: target.podSelector },
    action: "ALLOW",
    rules: [{ from: [{ source: { ipBlocks: [...from].sort() } }], to: [{ operation: { ports: [`${port}`] } }] }],
  };
}
