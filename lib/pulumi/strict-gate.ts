import { CustomResource, type CustomResourceOptions, type Input, secret } from "@pulumi/pulumi";
import type { ExpectedNamespace } from "../prometheus/mtls-expectation";
import type { MtlsGateArgs } from "./mtls-gate-args";
import { packageVersion } from "./package-version";

/** What a {@link StrictGate} is made of. */
export interface StrictGateArgs extends MtlsGateArgs {
  /** What the tree says of the namespace, its stage among it. */
  readonly expected: ExpectedNamespace;
  /** When the namespace was created, as the cluster says; undefined where the stack does not create it. */
  readonly createdAt: Input<string | undefined> | undefined;
}

/** The question whether a namespace can go to STRICT: what changes in the namespace waits for its answer. */
export class StrictGate extends CustomResource {
  constructor(name: string, { token, over = "24h", atLeast = 100, ...args }: StrictGateArgs, opts: CustomResourceOptions) {
    const inputs = { ...args, over, atLeast, ...(token !== undefined && { token: secret(token) }) };
    super("meshground:index:StrictGate", name, inputs, { version: packageVersion, ...opts });
  }
}
