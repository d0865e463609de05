import { createHash, X509Certificate } from "node:crypto";
import { all, type Input, type Output, output, type Resource, secret } from "@pulumi/pulumi";
import { addressName } from "../nodes/node-bootstrap";
import type { NodeRole } from "../nodes/node-role";
import { secretNames } from "../nodes/role-bootstrap";
import { ClusterToken } from "./cluster-token";
import { KubernetesNode } from "./kubernetes-node";
import { type StackMachine, together } from "./machine-stages";
import { predecessors } from "./roll-out";
import type { StackPlan } from "./stack-plan";

/** The cluster that a stack makes of its machines. */
export interface MadeCluster {
  /** Of its administrator. A secret. */
  readonly kubeconfig: Output<string>;
  /** What names the cluster although its address and its certificates change: another identity would be another cluster, with all its objects anew. */
  readonly identity: Input<string>;
  readonly nodes: readonly KubernetesNode[];
}

type Secrets = Readonly<Record<string, Input<string>>>;

/**
 * Makes the machines a cluster: the first server begins it, the others join one at a time, since etcd takes one new member at a time; then all other
 * machines. A new release reaches them in the same order: the control plane first, as Kubernetes wants it.
 *
 * @see https://kubernetes.io/releases/version-skew-policy/
 */
export function kubernetesStage(plan: StackPlan, machines: readonly StackMachine[], parent: Resource): MadeCluster | undefined {
  if (!plan.stages.has("kubernetes")) return undefined;
  const servers = machines.filter(({ pool }) => pool.kubernetes?.controlPlane === true);
  const role = servers[0]?.pool.kubernetes;
  if (role === undefined) return undefined;
  const { identity, secrets } = clusterSecrets(plan.stack, role, parent);
  const make = nodeMaker(plan, secrets, parent);
  const control = inOrder(servers, 1, (machine, before) => make(machine, before, before[0]));
  const [first] = control as [KubernetesNode];
  const others = Map.groupBy(
    machines.filter(({ pool }) => pool.kubernetes?.controlPlane === false),
    ({ pool }) => pool,
  );
  const workers = [...others.values()].flatMap((pool) =>
    inOrder(pool, plan.atATime, (machine, before) => make(machine, [...control.slice(-1), ...before], first)),
  );
  return { kubeconfig: kubeconfigOf(first), identity, nodes: [...control, ...workers] };
}

/** The first alone, then at most so many at once. */
function inOrder(
  machines: readonly StackMachine[],
  atATime: number,
  make: (machine: StackMachine, before: readonly KubernetesNode[]) => KubernetesNode,
): readonly KubernetesNode[] {
  const made: KubernetesNode[] = [];
  for (const [index, machine] of machines.entries()) {
    const before = predecessors(index, atATime).map((earlier) => made[earlier] as KubernetesNode);
    made.push(make(machine, before));
  }
  return made;
}

type NodeMaker = (machine: StackMachine, after: readonly Resource[], first: KubernetesNode | undefined) => KubernetesNode;

function nodeMaker({ stack }: StackPlan, known: Secrets, parent: Resource): NodeMaker {
  return ({ name, pool, machine, done }, after, first) => {
    const role = pool.kubernetes as NodeRole;
    const node = { name, first: first === undefined };
    const every: Secrets = first === undefined ? known : { ...known, ...joiningSecrets(role, known, kubeconfigOf(first)) };
    const { privateAddress } = machine;
    const secrets = {
      ...Object.fromEntries(secretNames(role, node).map((own) => [own, every[own] as Input<string>])),
      ...(privateAddress !== undefined && { [addressName]: privateAddress }),
    };
    const bootstrap = pool.bootstrap(node);
    if (bootstrap === undefined) throw new Error(`${pool.node.path} says nothing of its Kubernetes`);
    const args = { connection: machine.connection, bootstrap, secrets };
    return new KubernetesNode(`${stack}/${name}/kubernetes`, args, { parent, dependsOn: [...done, ...after], ...together(machine) });
  };
}

/** What lets machines join, made once. */
function clusterSecrets(
  stack: string,
  { distribution }: NodeRole,
  parent: Resource,
): { readonly identity: Input<string>; readonly secrets: Secrets } {
  const token = (name: string): ClusterToken => new ClusterToken(`${stack}/${name}`, { distribution }, { parent });
  if (distribution === "k3s") {
    const [servers, agents] = [token("server-token"), token("agent-token")];
    return { identity: servers.id, secrets: { K3S_TOKEN: servers.token, K3S_AGENT_TOKEN: agents.token } };
  }
  const joining = token("join-token");
  const certificateKey = joining.certificateKey.apply((key) => key ?? "");
  return { identity: joining.id, secrets: { KUBEADM_TOKEN: joining.token, KUBEADM_CERTIFICATE_KEY: certificateKey } };
}

function kubeconfigOf({ kubeconfig }: KubernetesNode): Output<string> {
  return secret(all([kubeconfig]).apply(([text]) => text ?? ""));
}

/** A machine that joins knows the cluster by its certificate authority: it gives its token to nobody else. */
function joiningSecrets({ distribution, controlPlane }: NodeRole, known: Secrets, kubeconfig: Output<string>): Secrets {
  if (distribution === "kubeadm") return { KUBEADM_CA_CERT_HASH: kubeconfig.apply(caCertHash) };
  const name = controlPlane ? "K3S_TOKEN" : "K3S_AGENT_TOKEN";
  const token = output(known[name] ?? "");
  return { [name]: all([kubeconfig, token]).apply(([text, plain]) => k3sJoinToken(text, controlPlane ? "server" : "node", plain)) };
}

/** A token of k3s in its secure form. @see https://docs.k3s.io/cli/token#token-format */
function k3sJoinToken(kubeconfig: string, user: "server" | "node", token: string): string {
  return `K10${createHash("sha256").update(authorityOf(kubeconfig)).digest("hex")}::${user}:${token}`;
}

/**
 * Fingerprint of the certificate authority that a kubeconfig names, by which a joining machine knows the cluster.
 *
 * @throws Error for a kubeconfig without one.
 * @see https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#token-based-discovery-with-ca-pinning
 */
function caCertHash(kubeconfig: string): string {
  const key = new X509Certificate(authorityOf(kubeconfig)).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** The certificate of the authority, as the kubeconfig has it. */
function authorityOf(kubeconfig: string): Buffer {
  const data = /^ *certificate-authority-data: ([A-Za-z0-9+/=]+)$/m.exec(kubeconfig)?.[1];
  if (data === undefined) throw new Error("the kubeconfig of the first server names no certificate authority");
  return Buffer.from(data, "base64");
}
