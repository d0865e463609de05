import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Measurements } from "../../lib/hosts/qualification-measurements";
import type { HostRequirements } from "../../lib/nodes/qualification-limits";

/** What a program printed on a real machine: a container in a virtual one, Debian 12, fio 3.33, rt-tests 2.4. */
export function captured(name: string): string {
  return readFileSync(join("test/hosts/captured", name), "utf8");
}

/** Requirements of a pool that asks for everything. */
export const requirements: HostRequirements = {
  pool: "oslo",
  cores: 8,
  memoryBytes: 32 * 2 ** 30,
  disk: { kind: "nvme", sizeBytes: 200 * 2 ** 30 },
  virtualization: ["none", "kvm"],
  iowaitBelowPercent: 5,
  stealBelowPercent: 1,
  jitterBelowMs: 1,
  fsyncP99BelowMs: 10,
  linkAtLeastMbit: 1_000,
  windowSeconds: 10,
  folder: "/var/lib/etcd",
  accept: {},
};

/** A host that holds them all. */
export const measurements: Measurements = {
  cores: 8,
  memoryBytes: 31.3 * 2 ** 30,
  virtualization: "kvm",
  clockSynchronised: true,
  pods: false,
  disks: [{ name: "nvme0n1", transport: "nvme", sizeBytes: 200e9, model: "SAMSUNG_MZQL21T9HCJR-00A07" }],
  link: { device: "eth0", state: "up", mbit: 10_000, errors: 0, dropped: 3 },
  idle: { iowaitPercent: 0.1, idlePercent: 99.25 },
  steal: { percent: 0.02, underLoad: true, everTold: true },
  wakeUps: { count: 80_000, p999Ms: 0.074, longestMs: 0.41 },
  fsync: { count: 10_029, p99Ms: 0.692224, longestMs: 8.438957 },
  skipped: {},
};
