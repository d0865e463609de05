import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../../lib/hosts/host";
import { qualificationTable } from "../../../lib/hosts/qualification-table";
import { qualify, qualifyHost } from "../../../lib/hosts/qualify-host";
import { KernelProfile } from "../../../lib/nodes/kernel-profile";
import type { QualificationLimits } from "../../../lib/nodes/qualification-limits";
import { poolOf } from "../../nodes/pool";
import { hostsAreMissing, startContainers, type TestHosts } from "./containers.mts";

const limits: QualificationLimits = { window: "2s", jitterBelow: "10ms", fsyncP99Below: "1s", iowaitBelow: "100%", stealBelow: "100%" };
const nodes = { count: 1, cpu: 2, memory: "1Gi", country: "NO" } as const;

function requirementsOf(different: QualificationLimits = {}) {
  const { requirements } = poolOf({
    nodes,
    kernel: KernelProfile.of({ "net.core.somaxconn": 32_768 }),
    qualify: { ...limits, ...different },
  });
  if (requirements === undefined) throw new Error("nothing is required");
  return requirements;
}

describe.skipIf(hostsAreMissing())("a real host that is measured", () => {
  let machines: TestHosts;
  let host: Host;
  beforeAll(async () => {
    machines = await startContainers(1);
    const [first] = machines.hosts;
    if (first === undefined) throw new Error("no host");
    host = await Host.connect({ ...first.connection, commandTimeout: "2m" });
  });
  afterAll(async () => {
    await host?.close();
    await machines?.end();
  });
  const files = async (): Promise<string> => (await host.run("find / -xdev -newer /proc/1 -type f | sort; ls -A /var/lib /tmp")).stdout;

  test("has numbers from cyclictest, fio and the kernel, and nothing of it stays there", async () => {
    const before = await files();
    const { rows } = await qualify(host, requirementsOf());
    const found = Object.fromEntries(rows.map(({ measure, got, verdict }) => [measure, [verdict, got]]));
    expect(found.cores?.[0]).toBe("holds");
    expect(found.fsync?.[1]).toMatch(/^p99 [\d.]+ ms, longest [\d.]+ ms, of \d{4,}$/);
    expect(found.jitter?.[1]).toMatch(/^p99\.9 [\d.]+ ms, longest/);
    expect(found.iowait?.[1]).toMatch(/^[\d.]+ %, host [\d.]+ % idle$/);
    expect(found.steal?.[1]).toMatch(/^[\d.]+ % under load$/);
    expect(await files()).toBe(before);
  });

  test("is refused with the table when something does not hold, here a clock that nobody says to be right", async () => {
    const error = await qualifyHost(host, requirementsOf()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: "unqualified", message: expect.stringMatching(/clock +synchronised +.* NOT MEASURED/) });
  });

  test("is taken with a reason, which stays in the table", async () => {
    const machines = { virtualization: "a host of the tests", jitter: "whatever the machine does", fsync: "whatever its disk is" };
    const reasons = { ...machines, clock: "nobody synchronises it here", link: "a veth" };
    const qualification = await qualifyHost(host, requirementsOf({ accept: reasons }));
    expect(qualificationTable(qualification)).toMatch(/accepted: nobody synchronises it here/);
  });

  test("without fio and cyclictest is not known to hold", async () => {
    await host.run("mount --bind /bin/false /usr/bin/fio; mount --bind /dev/null /usr/bin/cyclictest");
    const { rows } = await qualify(host, requirementsOf());
    await host.run("umount /usr/bin/fio /usr/bin/cyclictest");
    const verdicts = rows.filter(({ measure }) => measure === "fsync" || measure === "jitter").map(({ verdict }) => verdict);
    expect(verdicts).toEqual(["not measured", "not measured"]);
  });
});
