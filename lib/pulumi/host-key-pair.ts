import { CustomResource, type CustomResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import { packageVersion } from "./package-version";

/** Props of {@link HostKeyPair}. */
export interface HostKeyPairArgs {
  /**
   * What stands behind the public key, one line. Another comment makes another key pair.
   *
   * @default "meshground"
   */
  readonly comment?: Input<string>;
}

/**
 * An Ed25519 key pair, made once and kept in the stack's state: a new machine gets it as its host key by cloud-init, so that the key is
 * pinned before the machine first answers.
 *
 * @example
 * ```ts
 * import { HostKeyPair } from "meshground/pulumi";
 *
 * const pair = new HostKeyPair("oslo-1", { comment: "oslo-1" });
 * export const hostKey = pair.publicKey;
 * ```
 */
export class HostKeyPair extends CustomResource {
  /** The public key in OpenSSH's form: `ssh-ed25519 AAAA… comment`. */
  declare readonly publicKey: Output<string>;
  /** As `ssh-keygen -l` shows it: `SHA256:…`. Also the resource's id. */
  declare readonly fingerprint: Output<string>;
  /** The private key in OpenSSH's form. A secret. */
  declare readonly privateKey: Output<string>;

  constructor(name: string, args: HostKeyPairArgs = {}, opts?: CustomResourceOptions) {
    const outputs = { publicKey: undefined, fingerprint: undefined, privateKey: undefined };
    const kept = { version: packageVersion, ...opts, additionalSecretOutputs: ["privateKey", ...(opts?.additionalSecretOutputs ?? [])] };
    super("meshground:index:HostKeyPair", name, { ...outputs, ...args }, kept);
  }
}
