import { type HostRequirements, machineKinds, type QualificationMeasure } from "../nodes/qualification-limits";
import type { QualificationRow } from "./qualification";
import type { MeasuredDisk, Measurements, SkipReason } from "./qualification-measurements";

/** A finding before the user's reasons are looked at. */
interface Finding {
  readonly wanted: string;
  readonly got: string;
  /** Undefined where it cannot be told. */
  readonly holds: boolean | undefined;
  readonly fix: string;
}

type Rule = (requirements: HostRequirements, measurements: Measurements) => Finding | undefined;

/** In the order of the table. A rule that gives undefined was not asked for. */
const rules: Readonly<Record<QualificationMeasure, Rule>> = {
  cores,
  memory,
  diskSize,
  nvme,
  virtualization,
  clock,
  link,
  linkSpeed,
  iowait,
  steal,
  jitter,
  fsync,
};

/** A row for each measure that is asked for. */
export function judge(requirements: HostRequirements, measurements: Measurements): readonly QualificationRow[] {
  return (Object.entries(rules) as [QualificationMeasure, Rule][]).flatMap(([measure, rule]) => {
    const finding = rule(requirements, measurements);
    return finding === undefined ? [] : [row(measure, finding, requirements.accept[measure])];
  });
}

function row(measure: QualificationMeasure, { wanted, got, holds, fix }: Finding, reason: string | undefined): QualificationRow {
  if (holds === true) return { measure, wanted, got, verdict: "holds" };
  if (reason !== undefined) return { measure, wanted, got, verdict: "accepted", reason, fix };
  return { measure, wanted, got, verdict: holds === false ? "fails" : "not measured", fix };
}

function cores({ cores: wanted }: HostRequirements, { cores: got }: Measurements): Finding {
  return {
    wanted: `at least ${wanted}`,
    got: String(got),
    holds: got >= wanted,
    fix: "Take a larger machine, or state in nodes.cpu what the machines have.",
  };
}

/** The kernel keeps some for itself, and vendors count in powers of ten: the next smaller machine has three quarters at most. */
const memoryShown = 0.85;
/** 200 GB are 186 GiB. */
const diskShown = 0.9;

function memory({ memoryBytes: wanted }: HostRequirements, { memoryBytes: got }: Measurements): Finding {
  return {
    wanted: `about ${gibibytes(wanted)}`,
    got: gibibytes(got),
    holds: got >= wanted * memoryShown,
    fix: "Take a larger machine, or state in nodes.memory what the machines have.",
  };
}

function diskSize({ disk, folder }: HostRequirements, { disks }: Measurements): Finding | undefined {
  if (disk === undefined) return undefined;
  const got = disks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    wanted: `about ${gibibytes(disk.sizeBytes)}`,
    got: got === 0 ? `no disk is found below ${folder}` : gibibytes(got),
    holds: got === 0 ? undefined : got >= disk.sizeBytes * diskShown,
    fix: "Take a larger disk, mount it where etcd's data lies, or state in nodes.disk what the machines have.",
  };
}

function nvme({ disk, folder }: HostRequirements, { disks }: Measurements): Finding | undefined {
  if (disk?.kind !== "nvme") return undefined;
  const kinds = disks.map(nvmeKind);
  const holds = kinds.includes("no") ? false : kinds.length === 0 || kinds.includes("hidden") ? undefined : true;
  const shown = disks.map(({ name, transport, model }) => `${name} by ${transport}${model === undefined ? "" : ` (${model})`}`).join(", ");
  const hidden = disks.length === 0 ? `no disk is found below ${folder}` : `${shown}: cannot be told from inside the machine`;
  return {
    wanted: "local NVMe",
    got: holds === undefined ? hidden : shown,
    holds,
    fix:
      holds === false
        ? 'Mount an NVMe disk where etcd\'s data lies, or state another nodes.disk.kind: "ssd", "hdd" or "network".'
        : "Ask the vendor what stands behind the disk, and accept it with the answer as the reason; fsync tells how fast it is.",
  };
}

/** Volumes over a network that show an NVMe face: Amazon's, Google's, Microsoft's. */
const networkModels = /^(?:Amazon_Elastic_Block_Store|nvme_card-pd|MSFT_NVMe_Accelerator)/;

/** Whether a disk is NVMe in the machine itself. Behind an emulator's face anything may lie. */
function nvmeKind({ transport, model = "" }: MeasuredDisk): "yes" | "no" | "hidden" {
  if (transport === "nvme") return networkModels.test(model) ? "no" : model.startsWith("QEMU") ? "hidden" : "yes";
  return ["virtio", "xen", "scsi", "other"].includes(transport) ? "hidden" : "no";
}

function virtualization({ virtualization: wanted }: HostRequirements, { virtualization: got }: Measurements): Finding {
  return {
    wanted: wanted.length === machineKinds.length ? "hardware virtualization, or none" : wanted.join(", "),
    got: got ?? "nothing on the host tells",
    holds: got === undefined ? undefined : wanted.some((kind) => kind === got),
    fix:
      got === undefined
        ? "Install systemd-detect-virt (Debian: systemd)."
        : "Take bare metal or a machine with hardware virtualization: a container has no kernel of its own to tune, an emulated machine no speed.",
  };
}

function clock(_: HostRequirements, { clockSynchronised }: Measurements): Finding {
  return {
    wanted: "synchronised",
    got: clockSynchronised === undefined ? "nothing on the host tells" : clockSynchronised ? "synchronised" : "not synchronised",
    holds: clockSynchronised,
    fix: "Install chrony or systemd-timesyncd (Debian: chrony), let UDP port 123 out, and wait for `timedatectl show -p NTPSynchronized`.",
  };
}

function link(_: HostRequirements, { link: got }: Measurements): Finding {
  const wanted = "up, without errors";
  if (got === undefined) {
    return {
      wanted,
      got: "no default route that stays",
      holds: undefined,
      fix: "Give the host a default route, or accept it: an air-gapped network has none.",
    };
  }
  // The kernel's own rule: who does not know the state of a device takes it for usable.
  const up = got.state === "up" || got.state === "unknown";
  return {
    wanted,
    got: `${got.device} ${got.state}, ${got.errors} errors, ${got.dropped} dropped`,
    holds: up && got.errors === 0,
    fix: `Look at \`ip -s link show ${got.device}\` and \`ethtool -S ${got.device}\`: cable, port, or driver.`,
  };
}

function linkSpeed({ linkAtLeastMbit: wanted }: HostRequirements, { link: got }: Measurements): Finding | undefined {
  if (wanted === undefined) return undefined;
  const told = got?.mbit !== undefined;
  return {
    wanted: `at least ${wanted} Mbit/s`,
    got: told ? `${got.mbit} Mbit/s` : `${got?.device ?? "no link"}: the device does not know`,
    holds: told ? Number(got.mbit) >= wanted : undefined,
    fix: told
      ? "Look at `ethtool`: cable, port, or what the vendor sells."
      : "A virtual device has no speed of its own: ask the vendor, or measure with iperf3, and accept it with the answer as the reason.",
  };
}

function iowait({ iowaitBelowPercent, windowSeconds }: HostRequirements, { idle, pods }: Measurements): Finding {
  return {
    wanted: `below ${number(iowaitBelowPercent)} % over ${windowSeconds} s`,
    got:
      idle === undefined
        ? "/proc/stat does not count"
        : `${number(idle.iowaitPercent)} %, host ${number(idle.idlePercent)} % idle${pods ? ", pods run" : ""}`,
    holds: idle === undefined ? undefined : idle.iowaitPercent < iowaitBelowPercent,
    fix: pods
      ? "Drain the node and measure again: its own pods may wait. If it still fails, the storage is slow or shared: take a faster disk."
      : "Nothing runs and the processors wait for disks: the storage is slow or shared. Take local disks, or another vendor.",
  };
}

/** Hypervisors that tell a guest nothing of the time they take, unless an option makes them. */
const silentHypervisors: readonly string[] = ["vmware", "microsoft", "oracle", "parallels", "bhyve"];

function steal({ stealBelowPercent }: HostRequirements, { steal: got, virtualization: kind = "none" }: Measurements): Finding {
  const wanted = `below ${number(stealBelowPercent)} %`;
  if (got === undefined) return { wanted, got: "/proc/stat does not count", holds: undefined, fix: "Look at /proc/stat on the host." };
  if (!got.everTold && silentHypervisors.includes(kind)) {
    const fix = "Go by jitter, and accept this with the vendor's word for dedicated processors as the reason.";
    return { wanted, got: `${kind} tells its guests nothing`, holds: undefined, fix };
  }
  return {
    wanted,
    got: `${number(got.percent)} %${got.underLoad ? " under load" : ", without load: pods run"}`,
    holds: got.percent < stealBelowPercent,
    fix: "The hypervisor gives the processors' time to others: take dedicated processors, or another vendor.",
  };
}

function jitter({ jitterBelowMs }: HostRequirements, { wakeUps, skipped }: Measurements): Finding {
  const fix =
    wakeUps === undefined
      ? skipped.jitter === "failed"
        ? "Run `cyclictest -q -S -p 80 -i 1000 -D 5` on the host and read what it says; a container does not let it."
        : "Install cyclictest (Debian: rt-tests)."
      : "Take dedicated processors; on bare metal, look at deep sleep states and the firmware's power profile.";
  return {
    wanted: `p99.9 below ${number(jitterBelowMs)} ms`,
    got:
      wakeUps === undefined
        ? notMeasured("cyclictest", skipped.jitter)
        : `p99.9 ${number(wakeUps.p999Ms)} ms, longest ${number(wakeUps.longestMs)} ms`,
    holds: wakeUps === undefined ? undefined : wakeUps.p999Ms < jitterBelowMs,
    fix,
  };
}

/** The 99th percentile of fewer is the slowest one. */
const leastSyncs = 100;

function fsync({ fsyncP99BelowMs, folder }: HostRequirements, { fsync: got, skipped }: Measurements): Finding | undefined {
  if (fsyncP99BelowMs === undefined) return undefined;
  const wanted = `p99 below ${number(fsyncP99BelowMs)} ms`;
  if (got === undefined) return { wanted, got: notMeasured("fio", skipped.fsync), holds: undefined, fix: fsyncFix(folder, skipped.fsync) };
  const shown = `p99 ${number(got.p99Ms)} ms, longest ${number(got.longestMs)} ms, of ${got.count}`;
  return {
    wanted,
    got: shown,
    // Too few in half a minute for a percentile: each was slow.
    holds: got.count >= leastSyncs && got.p99Ms < fsyncP99BelowMs,
    fix: `Slower disks cost etcd its leader. Mount a faster disk, best local NVMe with power-loss protection, at ${folder}.`,
  };
}

function fsyncFix(folder: string, reason: SkipReason | undefined): string {
  if (reason === "in-memory") return `${folder} lies in memory: mount a disk there.`;
  if (reason === "no-space") return `Make 64 MiB free below ${folder}.`;
  if (reason === "read-only") return `Mount the file system of ${folder} for writing.`;
  return reason === "failed"
    ? "Run fio on the host and read what it says; version 3.5 or newer is needed (Debian: fio)."
    : "Install fio (Debian: fio).";
}

function notMeasured(program: string, reason: SkipReason | undefined): string {
  if (reason === "in-memory") return "the folder lies in memory";
  if (reason === "no-space") return "less than 64 MiB is free";
  if (reason === "read-only") return "the folder takes no writes";
  return reason === "failed" ? `${program} gave no result` : `${program} is not installed`;
}

/** Three digits that count. */
function number(value: number): string {
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

function gibibytes(bytes: number): string {
  return `${number(bytes / 2 ** 30)} GiB`;
}
