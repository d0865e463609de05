import type { Input } from "@pulumi/pulumi";
import type { App } from "cdk8s";
import type { MachineDriver } from "./machine-driver";
import type { MtlsGateArgs } from "./mtls-gate-args";
import type { Stage } from "./stage";

/** Props of {@link MeshStack}. */
export interface MeshStackArgs {
  /** The tree: a MeshApp, or any App of cdk8s. It is looked at once, when the stack is made; nothing of it is written to files. */
  readonly app: App;
  /**
   * Where the machines of each pool come from, by the pool's name.
   *
   * @default - none: for stages that need no machines
   */
  readonly machines?: Readonly<Record<string, MachineDriver>>;
  /**
   * The stages to bring up. A Pulumi stack must always name the same ones: what it leaves out is deleted.
   *
   * @default - all; where a `kubeconfig` is given, all but "kubernetes"
   */
  readonly stages?: readonly Stage[];
  /**
   * Kubeconfig of a cluster that exists: its text, not a path. A secret.
   *
   * @default - that of the cluster which the stage "kubernetes" makes
   */
  readonly kubeconfig?: Input<string>;
  /**
   * Most machines of a pool that are tuned at once, after the first has gone well alone. Machines of a control plane are made, restarted and
   * joined one at a time whatever this says. Range: 1 to 1000.
   *
   * @default 5
   */
  readonly atATime?: number;
  /**
   * Asks Prometheus before a namespace of the tree goes to STRICT, and refuses while somebody calls without mTLS whom nobody declared, or too
   * little was seen to tell. It is asked when this stack had the namespace as permissive, or first sees it; not of a namespace that the same
   * update creates.
   *
   * @default - nobody is asked
   */
  readonly mtlsGate?: MtlsGateArgs;
}
