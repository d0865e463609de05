import { diskPath, libvirtDomain, seedPath } from "./libvirt-domain";
import type { LibvirtMachineInputs } from "./libvirt-machine-inputs";

/** Every text that a program holds was checked before: none has a quote in it. */
function quoted(text: string): string {
  if (/['\0]/.test(text)) throw new RangeError("a text with a quote in it");
  return `'${text}'`;
}

const base64 = (text: string): string => quoted(Buffer.from(text).toString("base64"));

/** Messages and words of virsh in English, and files for root alone. */
const head = `set -eu
umask 077
export LC_ALL=C
virsh() { command virsh --connect qemu:///system --quiet "$@"; }
refuse() { printf '%s\\n' "$*" >&2; exit 1; }
command -v virsh >/dev/null 2>&1 || refuse 'virsh is missing: install libvirt-clients or libvirt-client.'
command -v qemu-img >/dev/null 2>&1 || refuse 'qemu-img is missing: install qemu-utils or qemu-img.'
`;

/**
 * Which of the two forms of an NVMe disk the host can take. Before libvirt knew NVMe, only qemu did: AppArmor and SELinux then refuse qemu a
 * file that libvirt has not heard of.
 */
const chooseForm = (machine: LibvirtMachineInputs, uuid?: string): string =>
  machine.diskBus === "virtio"
    ? `printf %s ${base64(libvirtDomain(machine, "libvirt", uuid))} | base64 -d >"$work/domain.xml"\n`
    : `if virsh domcapabilities --virttype kvm --machine q35 | grep -q '<value>nvme</value>'; then
  printf %s ${base64(libvirtDomain(machine, "libvirt", uuid))} | base64 -d >"$work/domain.xml"
else
  virsh capabilities >"$work/capabilities.xml"
  if grep -Eq '<model>(apparmor|selinux)</model>' "$work/capabilities.xml"; then
    refuse 'this libvirt has no NVMe disks, and its AppArmor or SELinux confines qemu to the disks it knows: use the disk bus virtio, or a newer libvirt.'
  fi
  owner=$(sed -n "s/.*<baselabel type='kvm'>+\\([0-9]*\\):+\\([0-9]*\\)<.*/\\1:\\2/p" "$work/capabilities.xml" | head -n 1)
  [ -z "$owner" ] || [ ! -e "$disk" ] || chown "$owner" "$disk"
  printf %s ${base64(libvirtDomain(machine, "qemu", uuid))} | base64 -d >"$work/domain.xml"
fi
`;

/**
 * Makes a guest and starts it; prints its UUID. All or nothing: whatever fails leaves neither domain nor file. The user data, in base64, comes
 * over standard input.
 */
export function createProgram(machine: LibvirtMachineInputs): string {
  const { name, image, diskGiB, metaData, networkConfig } = machine;
  return `${head}name=${quoted(name)} image=${quoted(image)} disk=${quoted(diskPath(machine))} seed=${quoted(seedPath(machine))}
iso=
for program in xorrisofs genisoimage mkisofs; do
  if command -v "$program" >/dev/null 2>&1; then iso=$program; break; fi
done
[ -n "$iso" ] || refuse 'no program that writes a CD image: install xorriso or genisoimage.'
if virsh domuuid "$name" >/dev/null 2>&1; then refuse "a domain $name is there already, and not of this stack: rename or undefine it."; fi
for file in "$disk" "$seed"; do [ ! -e "$file" ] || refuse "$file is there already: move it away."; done
[ -r "$image" ] || refuse "$image is not there: download a cloud image to it."
work=$(mktemp -d) defined= kept=
undo() {
  rm -rf "$work"
  [ -z "$kept" ] || return 0
  if [ -n "$defined" ]; then virsh destroy "$name" >/dev/null 2>&1 || :; virsh undefine "$name" >/dev/null 2>&1 || :; fi
  rm -f "$disk" "$seed"
}
trap undo EXIT
trap 'exit 1' HUP INT TERM
base64 -d >"$work/user-data"
printf %s ${base64(metaData)} | base64 -d >"$work/meta-data"
printf %s ${base64(networkConfig)} | base64 -d >"$work/network-config"
"$iso" -quiet -output "$seed" -volid cidata -joliet -rock "$work/user-data" "$work/meta-data" "$work/network-config" >&2
qemu-img convert -O qcow2 "$image" "$disk" >&2
qemu-img resize -q "$disk" ${diskGiB}G >&2
${chooseForm(machine)}virsh define "$work/domain.xml" >&2
defined=1
virsh autostart "$name" >&2
virsh start "$name" >&2
kept=1
virsh domuuid "$name"
`;
}

/** Prints the name of a domain and what libvirt has of it; prints nothing where there is none. */
export function readProgram(uuid: string): string {
  return `${head}virsh list --all --uuid >/dev/null
if virsh list --all --uuid | grep -qx ${quoted(uuid)}; then
  virsh domname ${quoted(uuid)}
  virsh dumpxml --inactive ${quoted(uuid)} | grep -E '^  <(memory|vcpu)[ >]'
fi
`;
}

/** Changes a guest: what libvirt has of it counts from its next start, a larger disk at once. */
export function updateProgram(machine: LibvirtMachineInputs, uuid: string, grow: boolean): string {
  const growth = `if [ "$(virsh domstate ${quoted(uuid)})" = running ]; then
  virsh blockresize ${quoted(uuid)} "$disk" ${machine.diskGiB}G >&2
else
  qemu-img resize -q "$disk" ${machine.diskGiB}G >&2
fi
`;
  return `${head}disk=${quoted(diskPath(machine))}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
${grow ? growth : ""}${chooseForm(machine, uuid)}virsh define "$work/domain.xml" >&2
`;
}

/** Ends a guest and deletes its disk and its seed. One that is not there any more is no error. */
export function deleteProgram(machine: Pick<LibvirtMachineInputs, "name" | "folder">, uuid: string): string {
  return `${head}name=${quoted(machine.name)}
virsh list --all --uuid >/dev/null
if virsh list --all --uuid | grep -qx ${quoted(uuid)}; then
  [ "$(virsh domname ${quoted(uuid)})" = "$name" ] || refuse "the domain has another name than $name: somebody renamed it. Nothing was deleted."
  virsh destroy ${quoted(uuid)} >/dev/null 2>&1 || :
  virsh undefine ${quoted(uuid)} >&2
elif virsh domuuid "$name" >/dev/null 2>&1; then
  refuse "another domain has the name $name, and so these disks: somebody defined it anew. Nothing was deleted."
fi
rm -f ${quoted(diskPath(machine))} ${quoted(seedPath(machine))}
`;
}
