import type { DiskFacts } from "./host-facts";
import type { HostReading } from "./host-reading";
import { printable } from "./report-text";

/** Lines by the file that they stand in, or by the word that they begin with. */
export type Texts = ReadonlyMap<string, readonly string[]>;

/** What a host is. */
export type Machine = Pick<
  HostReading,
  "machineId" | "hostname" | "distribution" | "virtualization" | "systemd" | "cores" | "memoryBytes" | "disks" | "hashSize"
>;

/** What a host says that it is, as far as it has the form that it must have. */
export function machineOf(said: Texts, texts: Texts): Machine {
  const first = (file: string): string => texts.get(file)?.[0] ?? "";
  const machineId = /^[0-9a-f]{32}$/.exec(first("./etc/machine-id"))?.[0];
  const hashSize = /^\d{1,12}$/.exec(first("./sys/module/nf_conntrack/parameters/hashsize"))?.[0];
  const memory = /^MemTotal:\s{1,32}(\d{1,14}) kB$/.exec(first("./proc/meminfo"))?.[1];
  return {
    ...(machineId !== undefined && { machineId }),
    hostname: /^[\w.-]{1,64}$/.exec(first("./proc/sys/kernel/hostname"))?.[0] ?? "unknown",
    distribution: distributionOf(texts.get("./etc/os-release") ?? texts.get("./usr/lib/os-release") ?? []),
    virtualization: /^[a-z0-9-]{1,32}$/.exec(said.get("virtualization")?.[0] ?? "")?.[0] ?? "unknown",
    systemd: said.has("systemd"),
    cores: coresOf(first("./sys/devices/system/cpu/online")) ?? Number(/^\d{1,5}$/.exec(said.get("cores")?.[0] ?? "")?.[0] ?? 0),
    memoryBytes: Number(memory ?? 0) * 1024,
    disks: (said.get("disk") ?? []).flatMap((line) => diskOf(line, texts)).slice(0, 1_000),
    ...(hashSize !== undefined && { hashSize: Number(hashSize) }),
  };
}

/** @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
function distributionOf(lines: readonly string[]): HostReading["distribution"] {
  const assigned = new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  const text = (name: string): string =>
    printable((assigned.get(name) ?? "").replace(/^(["'])(.*)\1$/s, "$2").replace(/\\(.)/gs, "$1"), 128);
  const id = /^[a-z0-9._-]{1,64}$/.exec(text("ID"))?.[0] ?? "unknown";
  return { id, version: text("VERSION_ID"), name: text("PRETTY_NAME") || id };
}

/** `0-3,8` is 5. */
function coresOf(online: string): number | undefined {
  if (!/^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?){0,4096}$/.test(online)) return undefined;
  return online.split(",").reduce((sum, range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return sum + Math.max(0, to - from + 1);
  }, 0);
}

/** Kinds of disks by a folder above them in /sys. The first that is there counts. */
const transports: readonly (readonly [RegExp, string])[] = [
  [/\/nvme/, "nvme"],
  [/\/virtio\d/, "virtio"],
  [/\/ata\d/, "sata"],
  [/\/usb\d/, "usb"],
  [/\/mmc\d|\/mmc_host\//, "mmc"],
  [/\/vbd-\d/, "xen"],
  [/\/host\d/, "scsi"],
];

function diskOf(line: string, texts: Texts): readonly DiskFacts[] {
  const [, name, path = ""] = /^([\w!.-]{1,64})\t(\/sys\/[\w!.:/@+,-]{1,1024})$/.exec(line) ?? [];
  if (name === undefined || /^(?:sr|fd)\d/.test(name)) return [];
  const transport = transports.find(([pattern]) => pattern.test(path))?.[1];
  const sectors = Number(/^\d{1,15}$/.exec(texts.get(`./sys/block/${name}/size`)?.[0] ?? "")?.[0] ?? 0);
  if (sectors === 0 || (transport === undefined && path.includes("/virtual/"))) return [];
  return [{ name, transport: transport ?? "unknown", sizeBytes: sectors * 512 }];
}
