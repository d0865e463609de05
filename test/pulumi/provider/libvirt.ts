import type { LibvirtMachineInputs } from "../../../lib/pulumi/provider/libvirt-machine-inputs";
import { hostKey } from "./wire";

/** A guest of a KVM host. */
export function machine(different: Partial<LibvirtMachineInputs> = {}): LibvirtMachineInputs {
  return {
    connection: { address: "10.0.0.2", hostKey },
    name: "oslo-1",
    cores: 8,
    memoryMiB: 32_768,
    diskGiB: 200,
    diskBus: "virtio",
    image: "/var/lib/libvirt/images/debian-12-genericcloud-amd64.qcow2",
    folder: "/var/lib/libvirt/images",
    network: { bridge: "br0" },
    mac: "52:54:00:12:34:56",
    userData: "#cloud-config\nssh_keys:\n  ed25519_private: a private key\n",
    metaData: 'instance-id: "oslo-1"\n',
    networkConfig: "version: 2\n",
    ...different,
  };
}
