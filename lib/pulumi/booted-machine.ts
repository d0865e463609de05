import { CustomResource, type CustomResourceOptions, type Input } from "@pulumi/pulumi";
import { type HostConnectionArgs, sealedConnection } from "./host-connection-args";
import { packageVersion } from "./package-version";

interface BootedMachineArgs {
  readonly connection: Input<HostConnectionArgs>;
  readonly restartsWith?: Input<string>;
}

/** A machine that was just made, once it answers with its pinned key and cloud-init is done. Where it is restarted, it is waited for again. Nothing is written to it. */
export class BootedMachine extends CustomResource {
  constructor(name: string, { connection, ...args }: BootedMachineArgs, opts: CustomResourceOptions) {
    super(
      "meshground:index:BootedMachine",
      name,
      { connection: sealedConnection(connection), ...args },
      { version: packageVersion, ...opts },
    );
  }
}
