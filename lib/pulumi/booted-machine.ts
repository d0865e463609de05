import { CustomResource, type CustomResourceOptions, type Input } from "@pulumi/pulumi";
import { type HostConnectionArgs, sealedConnection } from "./host-connection-args";
import { packageVersion } from "./package-version";

/** A machine that was just made, once it answers with its pinned key and cloud-init is done. Nothing is written to it. */
export class BootedMachine extends CustomResource {
  constructor(name: string, { connection }: { readonly connection: Input<HostConnectionArgs> }, opts: CustomResourceOptions) {
    super("meshground:index:BootedMachine", name, { connection: sealedConnection(connection) }, { version: packageVersion, ...opts });
  }
}
