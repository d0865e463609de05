import { CustomResource, type CustomResourceOptions, type Input, type Output, secret } from "@pulumi/pulumi";
import type { NodeBootstrap } from "../nodes/node-bootstrap";
import { type HostConnectionArgs, sealedConnection } from "./host-connection-args";
import { packageVersion } from "./package-version";

/** Props of {@link KubernetesNode}. */
export interface KubernetesNodeArgs {
  /** How the host is reached and trusted. Its `commandTimeout` is 15 minutes unless it says another: one script downloads a release. */
  readonly connection: Input<HostConnectionArgs>;
  /** The scripts that make the host a node. Another release, or other scripts, are installed and started in place. */
  readonly bootstrap: Input<NodeBootstrap>;
  /**
   * Secrets of the scripts, by name: join tokens. They reach the host over standard input, one line `NAME=value` each, and lie encrypted in
   * the state. Names are capitals, digits and `_`; a value is one line.
   *
   * @default - none
   */
  readonly secrets?: Input<Readonly<Record<string, Input<string>>>>;
  /**
   * Whether deleting the resource uninstalls Kubernetes, with what its pods stored on the host. Needs a script that does it.
   *
   * @default false: the node is left as it is
   */
  readonly uninstallOnDelete?: Input<boolean>;
}

/**
 * A host on which a release of Kubernetes is installed and runs.
 *
 * `pulumi refresh` shows another release than the program's; a new release is an update in place, and which node goes first is said by
 * `dependsOn`. The machine is its machine-id, the resource's id. Deleting the resource leaves the node as it is unless asked otherwise.
 *
 * @example
 * ```ts
 * import { ClusterToken, KubernetesNode } from "meshground/pulumi";
 *
 * const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * const server = new KubernetesNode("oslo-1", {
 *   connection: { address: "10.0.0.11", hostKey },
 *   bootstrap: {
 *     release: "v1.36.2+k3s1",
 *     install: "install -m 0755 /srv/k3s /usr/local/bin/k3s",
 *     start: "systemctl enable --now k3s",
 *     version: "k3s --version | sed -n 's/^k3s version \\([^ ]*\\).*$/\\1/p'",
 *     kubeconfig: "cat /etc/rancher/k3s/k3s.yaml",
 *   },
 *   secrets: { K3S_TOKEN: new ClusterToken("oslo").token },
 * });
 * export const kubeconfig = server.kubeconfig;
 * ```
 */
export class KubernetesNode extends CustomResource {
  /** The administrator's kubeconfig as the host has it. A secret; undefined where the bootstrap has no script for it. */
  declare readonly kubeconfig: Output<string | undefined>;

  constructor(name: string, args: KubernetesNodeArgs, opts?: CustomResourceOptions) {
    const sealed = {
      ...args,
      connection: sealedConnection(args.connection),
      ...(args.secrets !== undefined && { secrets: secret(args.secrets) }),
    };
    const kept = { version: packageVersion, ...opts, additionalSecretOutputs: ["kubeconfig", ...(opts?.additionalSecretOutputs ?? [])] };
    super("meshground:index:KubernetesNode", name, { kubeconfig: undefined, ...sealed }, kept);
  }
}
