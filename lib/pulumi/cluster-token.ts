import { CustomResource, type CustomResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import { packageVersion } from "./package-version";

/** Props of {@link ClusterToken}. */
export interface ClusterTokenArgs {
  /**
   * Whose form the token has. Another distribution makes another token.
   *
   * @default "k3s"
   */
  readonly distribution?: Input<"k3s" | "kubeadm">;
}

/**
 * What lets a machine join a cluster: made once, kept in the stack's state as a secret.
 *
 * @example
 * ```ts
 * import { ClusterToken } from "meshground/pulumi";
 *
 * const joining = new ClusterToken("oslo", { distribution: "kubeadm" });
 * export const token = joining.token;
 * ```
 * @see https://docs.k3s.io/cli/token
 * @see https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
export class ClusterToken extends CustomResource {
  /** 64 hexadecimal digits for k3s, `abcdef.0123456789abcdef` for kubeadm. A secret. */
  declare readonly token: Output<string>;
  /** Key with which kubeadm hands certificates to further control planes: 64 hexadecimal digits. A secret; undefined for k3s. */
  declare readonly certificateKey: Output<string | undefined>;

  constructor(name: string, args: ClusterTokenArgs = {}, opts?: CustomResourceOptions) {
    const secrets = ["token", "certificateKey"];
    const kept = { version: packageVersion, ...opts, additionalSecretOutputs: [...secrets, ...(opts?.additionalSecretOutputs ?? [])] };
    super("meshground:index:ClusterToken", name, { token: undefined, certificateKey: undefined, ...args }, kept);
  }
}
