import { CustomResource, type CustomResourceOptions, type Input, secret } from "@pulumi/pulumi";
import { type HostConnectionArgs, sealedConnection } from "./host-connection-args";
import { packageVersion } from "./package-version";
import type { LibvirtMachineInputs } from "./provider/libvirt-machine-inputs";

/** Props of {@link LibvirtMachine}. */
export type LibvirtMachineArgs = {
  readonly [Prop in keyof Omit<LibvirtMachineInputs, "connection">]: Input<LibvirtMachineInputs[Prop]>;
} & {
  readonly connection: Input<HostConnectionArgs>;
};

/** A virtual machine on a KVM host. Its user data is a secret. */
export class LibvirtMachine extends CustomResource {
  constructor(name: string, args: LibvirtMachineArgs, opts: CustomResourceOptions) {
    const sealed = { ...args, connection: sealedConnection(args.connection), userData: secret(args.userData) };
    super("meshground:index:LibvirtMachine", name, sealed, { version: packageVersion, ...opts });
  }
}
