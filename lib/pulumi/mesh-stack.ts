import { ComponentResource, type ComponentResourceOptions, type Input, log, type Output, secret } from "@pulumi/pulumi";
import { clusterStages } from "./cluster-stages";
import { kubernetesStage } from "./kubernetes-stage";
import { machineStages, type StackMachine } from "./machine-stages";
import type { MeshStackArgs } from "./mesh-stack-args";
import { stackPlan } from "./stack-plan";
import type { TunedHost } from "./tuned-host";

/**
 * A whole tree as a Pulumi deployment: machines, tuned and verified; Kubernetes on them; Istio; namespaces, policies, services. Each
 * resource waits for exactly what it needs, and nothing that waits for a failed one is begun.
 *
 * Every object is a resource of its own, named by stack, namespace, kind and name, so a change of one service is a change of its objects alone.
 * What the tree's report warns of shows as a warning of the stack.
 *
 * @throws InvalidInput for every problem of the props at once, before any resource is made.
 *
 * @example
 * ```ts
 * import { MeshApp, TunedNodePool } from "meshground";
 * import { MeshStack, ssh } from "meshground/pulumi";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * new TunedNodePool(app, "oslo", { nodes: { count: 1, cpu: 8, memory: "32Gi", country: "NO" }, distribution: "kubeadm" });
 *
 * const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * const stack = new MeshStack("oslo-production", {
 *   app,
 *   machines: { oslo: ssh([{ name: "oslo-1", address: "10.0.0.11", user: "ops", hostKey }]) },
 *   stages: ["hosts"],
 * });
 * export const { hosts } = stack;
 * ```
 */
export class MeshStack extends ComponentResource {
  /** The tuned hosts, by the name of the machine. Empty without the stage "hosts". */
  readonly hosts: Readonly<Record<string, TunedHost>>;
  /** Kubeconfig of the cluster's administrator. A secret; undefined where no stage needs or makes a cluster. */
  readonly kubeconfig: Output<string> | undefined;

  constructor(name: string, args: MeshStackArgs, opts?: ComponentResourceOptions) {
    const plan = stackPlan(name, args);
    super("meshground:index:MeshStack", name, {}, opts);
    for (const { code, path, message, fix, suppressed } of plan.findings) {
      if (suppressed === undefined) void log.warn(`${path}: ${message} ${fix} (${code})`, this);
    }
    const machines = machineStages(plan, this);
    const made = kubernetesStage(plan, machines, this);
    const kubeconfig = args.kubeconfig === undefined ? made?.kubeconfig : secret(args.kubeconfig as Input<string>);
    this.hosts = Object.fromEntries(machines.flatMap((machine) => (machine.host === undefined ? [] : [[machine.name, machine.host]])));
    this.kubeconfig = kubeconfig;
    if (kubeconfig !== undefined)
      clusterStages(plan, { kubeconfig, identity: made?.identity, ground: made?.nodes ?? groundOf(machines) }, this);
    this.registerOutputs({ kubeconfig });
  }
}

function groundOf(machines: readonly StackMachine[]): StackMachine["done"] {
  return machines.flatMap(({ done }) => done);
}
