import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { passes } from "../../lib/hosts/qualification";
import { judge } from "../../lib/hosts/qualification-judgement";
import { type Measurements, tryMeasurements } from "../../lib/hosts/qualification-measurements";
import type { HostRequirements } from "../../lib/nodes/qualification-limits";
import { captured, measurements, requirements } from "./measured";

/** What is unlike a host that holds everything; undefined for what could not be told. */
type Unlike = { readonly [Prop in keyof Measurements]?: Measurements[Prop] | undefined };

/** Rows by measure: verdict and what was found. */
function verdicts(unlike: Unlike, asked: Partial<HostRequirements> = {}): Readonly<Record<string, string>> {
  const rows = judge({ ...requirements, ...asked }, { ...measurements, ...unlike } as Measurements);
  return Object.fromEntries(rows.map(({ measure, verdict, got }) => [measure, `${verdict}: ${got}`]));
}

const disk = (transport: string, model?: string): Partial<Measurements> => ({
  disks: [{ name: "sda", transport, sizeBytes: 200e9, ...(model !== undefined && { model }) }],
});

describe("a host that holds everything", () => {
  test("has a row for each measure, in the order of the table, and no advice", () => {
    const rows = judge(requirements, measurements);
    expect(rows.map(({ measure }) => measure)).toEqual(
      "cores memory diskSize nvme virtualization clock link linkSpeed iowait steal jitter fsync".split(" "),
    );
    expect(rows.every(({ verdict, fix }) => verdict === "holds" && fix === undefined)).toBe(true);
    expect(passes({ host: "a", pool: "oslo", rows })).toBe(true);
  });
});

describe("what is not asked for", () => {
  test("has no row", () => {
    const { disk: _, fsyncP99BelowMs: __, linkAtLeastMbit: ___, ...rest } = requirements;
    const measures = judge(rest, measurements).map(({ measure }) => measure);
    expect(measures).toEqual("cores memory virtualization clock link iowait steal jitter".split(" "));
  });

  test("NVMe is asked for only where the pool states it", () => {
    expect(verdicts(disk("sata"), { disk: { kind: "ssd", sizeBytes: 1 } })).not.toHaveProperty("nvme");
  });
});

describe("limits", () => {
  test.each([
    ["cores", { cores: 7 }, "fails: 7"],
    ["memory", { memoryBytes: 24 * 2 ** 30 }, "fails: 24 GiB"],
    ["memory", { memoryBytes: 28 * 2 ** 30 }, "holds: 28 GiB"],
    ["diskSize", { disks: [{ name: "nvme0n1", transport: "nvme", sizeBytes: 100e9 }] }, "fails: 93.1 GiB"],
    ["diskSize", { disks: [] }, "not measured: no disk is found below /var/lib/etcd"],
    ["virtualization", { virtualization: "qemu" }, "fails: qemu"],
    ["virtualization", { virtualization: "systemd-nspawn" }, "fails: systemd-nspawn"],
    ["virtualization", { virtualization: undefined }, "not measured: nothing on the host tells"],
    ["clock", { clockSynchronised: false }, "fails: not synchronised"],
    ["clock", { clockSynchronised: undefined }, "not measured: nothing on the host tells"],
    ["iowait", { idle: { iowaitPercent: 5, idlePercent: 90 } }, "fails: 5 %, host 90 % idle"],
    ["iowait", { idle: { iowaitPercent: 4.99, idlePercent: 90 } }, "holds: 4.99 %, host 90 % idle"],
    ["iowait", { pods: true }, "holds: 0.1 %, host 99.3 % idle, pods run"],
    ["iowait", { idle: undefined }, "not measured: /proc/stat does not count"],
    ["steal", { steal: { percent: 1, underLoad: true, everTold: true } }, "fails: 1 % under load"],
    ["steal", { steal: { percent: 0.1, underLoad: false, everTold: true } }, "holds: 0.1 %, without load: pods run"],
    ["steal", { steal: undefined }, "not measured: /proc/stat does not count"],
    ["jitter", { wakeUps: { count: 9, p999Ms: 1, longestMs: 4 } }, "fails: p99.9 1 ms, longest 4 ms"],
    ["jitter", { wakeUps: undefined, skipped: { jitter: "no-program" } }, "not measured: cyclictest is not installed"],
    ["jitter", { wakeUps: undefined, skipped: { jitter: "failed" } }, "not measured: cyclictest gave no result"],
    ["fsync", { fsync: { count: 10_029, p99Ms: 10, longestMs: 80 } }, "fails: p99 10 ms, longest 80 ms, of 10029"],
    ["fsync", { fsync: { count: 99, p99Ms: 9, longestMs: 9 } }, "fails: p99 9 ms, longest 9 ms, of 99"],
    ["fsync", { fsync: undefined, skipped: { fsync: "no-program" } }, "not measured: fio is not installed"],
    ["fsync", { fsync: undefined, skipped: { fsync: "in-memory" } }, "not measured: the folder lies in memory"],
    ["fsync", { fsync: undefined, skipped: { fsync: "no-space" } }, "not measured: less than 64 MiB is free"],
    ["fsync", { fsync: undefined, skipped: { fsync: "read-only" } }, "not measured: the folder takes no writes"],
    ["fsync", { fsync: undefined, skipped: { fsync: "failed" } }, "not measured: fio gave no result"],
  ] as const)("%s of %j", (measure, measured, verdict) => {
    expect(verdicts(measured)[measure]).toBe(verdict);
  });
});

describe("NVMe", () => {
  test.each([
    ["nvme", "SAMSUNG_MZQL21T9HCJR-00A07", "holds"],
    ["nvme", "Amazon_EC2_NVMe_Instance_Storage", "holds"],
    ["nvme", "nvme_card", "holds"],
    ["nvme", "Amazon_Elastic_Block_Store", "fails"],
    ["nvme", "nvme_card-pd", "fails"],
    ["nvme", "MSFT_NVMe_Accelerator_v1.0", "fails"],
    ["nvme", "QEMU_NVMe_Ctrl", "not measured"],
    ["nvme-tcp", "Linux", "fails"],
    ["virtio", undefined, "not measured"],
    ["scsi", "QEMU_HARDDISK", "not measured"],
    ["xen", undefined, "not measured"],
    ["sata", "ST4000NM0035", "fails"],
    ["iscsi", undefined, "fails"],
    ["network", undefined, "fails"],
    ["mmc", undefined, "fails"],
  ])("by %s as %s %s", (transport, model, verdict) => {
    expect(verdicts(disk(transport, model)).nvme?.split(":")[0]).toBe(verdict);
  });

  test("holds for no part of a volume unless for all of them", () => {
    const nvme = { name: "nvme0n1", transport: "nvme", sizeBytes: 1 };
    expect(verdicts({ disks: [nvme, { name: "vdb", transport: "virtio", sizeBytes: 1 }] }).nvme).toMatch(/^not measured/);
    expect(verdicts({ disks: [nvme, { name: "sda", transport: "sata", sizeBytes: 1 }] }).nvme).toMatch(/^fails/);
  });
});

describe("the link", () => {
  const link = (changes: Partial<NonNullable<Measurements["link"]>>) =>
    verdicts({ link: { device: "eth0", state: "up", errors: 0, dropped: 0, ...changes } });

  test.each([
    [{ state: "down" }, "fails: eth0 down, 0 errors, 0 dropped"],
    [{ errors: 1 }, "fails: eth0 up, 1 errors, 0 dropped"],
    [{ dropped: 40 }, "holds: eth0 up, 0 errors, 40 dropped"],
    [{ state: "unknown" }, "holds: eth0 unknown, 0 errors, 0 dropped"],
  ])("as %j", (changes, verdict) => {
    expect(link(changes).link).toBe(verdict);
  });

  test("has a speed only where the device knows it", () => {
    expect(link({}).linkSpeed).toBe("not measured: eth0: the device does not know");
    expect(link({ mbit: 100 }).linkSpeed).toBe("fails: 100 Mbit/s");
    expect(link({ mbit: 1_000 }).linkSpeed).toBe("holds: 1000 Mbit/s");
  });

  test("is not measured without a default route", () => {
    expect(verdicts({ link: undefined })).toMatchObject({
      link: "not measured: no default route that stays",
      linkSpeed: "not measured: no link: the device does not know",
    });
  });
});

describe("steal under a hypervisor that keeps it to itself", () => {
  const silent = (virtualization: string, everTold: boolean) =>
    verdicts({ virtualization, steal: { percent: 0, underLoad: true, everTold } }).steal;

  test("is not measured while it has never told any", () => {
    expect(silent("vmware", false)).toBe("not measured: vmware tells its guests nothing");
    expect(silent("microsoft", false)).toMatch(/^not measured/);
  });

  test("holds once it has told some, and under one that tells", () => {
    expect(silent("vmware", true)).toMatch(/^holds/);
    expect(silent("kvm", false)).toMatch(/^holds/);
  });
});

describe("what the user accepts", () => {
  const { wakeUps: _, ...bare } = measurements;
  const rows = judge(
    { ...requirements, accept: { fsync: "test cluster", jitter: "no rt-tests in this image", cores: "never needed" } },
    { ...bare, skipped: { jitter: "no-program" }, fsync: { count: 9_569, p99Ms: 24.1, longestMs: 88 } },
  );
  const row = (name: string) => rows.find(({ measure }) => measure === name);

  test("stays visible, with what was found, the reason and the way out", () => {
    expect(row("fsync")).toMatchInlineSnapshot(`
      {
        "fix": "Slower disks cost etcd its leader. Mount a faster disk, best local NVMe with power-loss protection, at /var/lib/etcd.",
        "got": "p99 24.1 ms, longest 88 ms, of 9569",
        "measure": "fsync",
        "reason": "test cluster",
        "verdict": "accepted",
        "wanted": "p99 below 10 ms",
      }
    `);
  });

  test("may also be what could not be measured", () => {
    expect(row("jitter")).toMatchObject({ verdict: "accepted", reason: "no rt-tests in this image", got: "cyclictest is not installed" });
  });

  test("says nothing where the measure holds", () => {
    expect(row("cores")).toEqual({ measure: "cores", wanted: "at least 8", got: "8", verdict: "holds" });
  });

  test("lets the host pass, and nothing else does", () => {
    expect(passes({ host: "a", pool: "oslo", rows })).toBe(true);
    for (const verdict of ["fails", "not measured"] as const) {
      expect(passes({ host: "a", pool: "oslo", rows: rows.map((one) => (one.measure === "fsync" ? { ...one, verdict } : one)) })).toBe(
        false,
      );
    }
  });
});

describe("in general", () => {
  test("whatever does not hold says what to do, naming the Debian package of a program that is missing", () => {
    const real = tryMeasurements(captured("qualification.txt")) as Measurements;
    const { wakeUps: _, fsync: __, virtualization: ___, ...bare } = real;
    const rows = judge(requirements, { ...bare, skipped: { jitter: "no-program", fsync: "no-program" } });
    expect(rows.filter(({ verdict, fix }) => verdict !== "holds" && fix === undefined)).toEqual([]);
    const fixes = Object.fromEntries(rows.map(({ measure, fix }) => [measure, fix]));
    expect(fixes).toMatchObject({
      fsync: "Install fio (Debian: fio).",
      jitter: "Install cyclictest (Debian: rt-tests).",
      virtualization: "Install systemd-detect-virt (Debian: systemd).",
    });
    expect(fixes.clock).toContain("(Debian: chrony)");
  });

  test("a host that does better never passes less", () => {
    const share = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(share, share, share, (wait, better, limit) => {
        const verdictOf = (iowaitPercent: number) =>
          verdicts({ idle: { iowaitPercent, idlePercent: 0 } }, { iowaitBelowPercent: limit }).iowait?.startsWith("holds");
        if (verdictOf(Math.max(wait, better))) expect(verdictOf(Math.min(wait, better))).toBe(true);
        else expect(Math.max(wait, better)).toBeGreaterThanOrEqual(limit);
      }),
    );
  });
});
