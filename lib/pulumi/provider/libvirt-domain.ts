import type { LibvirtMachineInputs } from "./libvirt-machine-inputs";

/** How the disk is given to the guest: as libvirt's own device, or, where it has no NVMe, by qemu's own options. */
export type DiskForm = "libvirt" | "qemu";

/** Path of a guest's disk. */
export function diskPath({ folder, name }: Pick<LibvirtMachineInputs, "folder" | "name">): string {
  return `${folder}/${name}.qcow2`;
}

/** Path of the image from which a guest's cloud-init is told what to do. */
export function seedPath({ folder, name }: Pick<LibvirtMachineInputs, "folder" | "name">): string {
  return `${folder}/${name}-seed.iso`;
}

/**
 * A guest as libvirt knows it: x86-64 on q35, the host's own processor, one disk, one network card, its seed as a CD.
 *
 * @param uuid - of the domain that is there already
 * @see https://libvirt.org/formatdomain.html
 */
export function libvirtDomain(machine: LibvirtMachineInputs, form: DiskForm, uuid?: string): string {
  const { name, cores, memoryMiB } = machine;
  const lines = [
    '<domain type="kvm" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">',
    `  <name>${text(name)}</name>`,
    ...(uuid === undefined ? [] : [`  <uuid>${text(uuid)}</uuid>`]),
    `  <memory unit="MiB">${memoryMiB}</memory>`,
    `  <vcpu placement="static">${cores}</vcpu>`,
    '  <os><type arch="x86_64" machine="q35">hvm</type></os>',
    "  <features><acpi/><apic/></features>",
    '  <cpu mode="host-passthrough" check="none" migratable="off"/>',
    '  <clock offset="utc"/>',
    "  <on_poweroff>destroy</on_poweroff>",
    "  <on_reboot>restart</on_reboot>",
    "  <on_crash>restart</on_crash>",
    "  <devices>",
    ...(form === "libvirt" ? diskLines(machine) : []),
    '    <disk type="file" device="cdrom">',
    '      <driver name="qemu" type="raw"/>',
    `      <source file="${text(seedPath(machine))}"/>`,
    '      <target dev="sda" bus="sata"/>',
    "      <readonly/>",
    "    </disk>",
    ...cardLines(machine),
    '    <serial type="pty"/>',
    '    <console type="pty"/>',
    '    <rng model="virtio"><backend model="random">/dev/urandom</backend></rng>',
    "  </devices>",
    ...(form === "qemu" ? qemuLines(machine) : []),
    "</domain>",
  ];
  return `${lines.join("\n")}\n`;
}

/** The page cache of the host is left out: what the guest has synced is on the disk. */
function diskLines(machine: LibvirtMachineInputs): readonly string[] {
  const target = machine.diskBus === "nvme" ? "nvme0n1" : "vda";
  return [
    '    <disk type="file" device="disk">',
    '      <driver name="qemu" type="qcow2" cache="none" io="native" discard="unmap"/>',
    `      <source file="${text(diskPath(machine))}"/>`,
    `      <target dev="${target}" bus="${machine.diskBus}"/>`,
    `      <serial>${text(serialOf(machine))}</serial>`,
    '      <boot order="1"/>',
    "    </disk>",
  ];
}

function cardLines({ network, mac }: LibvirtMachineInputs): readonly string[] {
  const [type, source] = "bridge" in network ? (["bridge", network.bridge] as const) : (["network", network.network] as const);
  return [
    `    <interface type="${type}">`,
    `      <mac address="${text(mac)}"/>`,
    `      <source ${type}="${text(source)}"/>`,
    '      <model type="virtio"/>',
    "    </interface>",
  ];
}

function qemuLines(machine: LibvirtMachineInputs): readonly string[] {
  const drive = `file=${diskPath(machine)},if=none,id=ground-disk,format=qcow2,cache=none,aio=native,discard=unmap`;
  const device = `nvme,drive=ground-disk,serial=${serialOf(machine)},bootindex=1`;
  const values = ["-drive", drive, "-device", device];
  return ["  <qemu:commandline>", ...values.map((value) => `    <qemu:arg value="${text(value)}"/>`), "  </qemu:commandline>"];
}

/** Devices take serial numbers of at most 20 characters. */
function serialOf({ mac }: LibvirtMachineInputs): string {
  return mac.replaceAll(":", "");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** A text as it stands in XML, in an element or in quotes. */
function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => entities[character] as string);
}
