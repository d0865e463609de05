import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { artefacts, MeshApp, TunedNodePool } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environments } from "../../../examples/oslo-production/environment";
import { platform } from "../../../examples/oslo-production/platform";
import { temporaryFolder } from "../../support/temporary";
import { machinesAreMissing, startMachine, type TestMachine } from "./machine.mts";

const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
platform(app, environments.production);
const pool = app.node.findAll().find((construct) => construct instanceof TunedNodePool);
const userData = artefacts(app).find(({ path }) => path.endsWith("oslo/cloud-init/user-data"))?.content ?? "";

describe.skipIf(isCloudInitMissing())("cloud-init schema", () => {
  const judge = (text: string): ReturnType<typeof spawnSync> => {
    const file = join(temporaryFolder("user-data"), "user-data");
    writeFileSync(file, text);
    return spawnSync("cloud-init", ["schema", "--config-file", file], { encoding: "utf8" });
  };

  test("accepts the user-data of the reference platform", () => {
    expect(judge(userData)).toMatchObject({ status: 0, stdout: expect.stringContaining("Valid") });
  });

  test("refuses permissions that are a number, so its silence above means something", () => {
    expect(judge(userData.replaceAll('permissions: "0644"', "permissions: 0644")).status).not.toBe(0);
  });
});

describe.skipIf(machinesAreMissing())("a machine that was booted from the user-data of the reference platform", () => {
  let machine: TestMachine;
  beforeAll(async () => {
    machine = await startMachine({ userData });
  }, 480_000);
  afterAll(async () => machine.end());

  test("has every key of the profile after the boot", async () => {
    expect(await lacking(machine)).toEqual([]);
  });

  test("ran cloud-init and the boot unit without an error", async () => {
    expect(await stateOf(machine)).toEqual(["status: done", "active", "enabled", "262144"]);
  });

  test("has an NVMe disk that shows as one", async () => {
    expect((await machine.exec("cat /sys/block/nvme0n1/device/transport")).stdout).toBe("pcie\n");
  });

  test("has every key, the table's size and the unit after a reboot as well", { timeout: 480_000 }, async () => {
    await machine.reboot();
    expect(await lacking(machine)).toEqual([]);
    expect(await stateOf(machine)).toEqual(["status: done", "active", "enabled", "262144"]);
  });
});

/** Keys whose value is not what the profile says. */
async function lacking(machine: TestMachine): Promise<readonly string[]> {
  const settings = pool?.kernelSettings ?? [];
  expect(settings.length).toBeGreaterThan(5);
  const { stdout } = await machine.exec(settings.map(({ key }) => `echo $(cat /proc/sys/${key.replaceAll(".", "/")})`).join("\n"));
  const got = stdout.trim().split("\n");
  return settings.flatMap(({ key, mode, value }, index) => {
    const holds = mode === "exact" ? got[index] === value : Number(got[index]) >= Number(value);
    return holds ? [] : [`${key}: wanted ${mode} ${value}, got ${got[index]}`];
  });
}

async function stateOf(machine: TestMachine): Promise<readonly string[]> {
  const unit = "meshground-kernel-profile.service";
  const { stdout, stderr } = await machine.exec(
    `cloud-init status --long >&2; cloud-init status; systemctl is-active ${unit}; systemctl is-enabled ${unit}; cat /sys/module/nf_conntrack/parameters/hashsize`,
  );
  if (!stdout.startsWith("status: done")) process.stderr.write(stderr);
  return stdout.trim().split("\n");
}

function isCloudInitMissing(): boolean {
  const missing = spawnSync("cloud-init", ["--version"]).error !== undefined;
  if (missing) process.stderr.write("SKIPPED: cloud-init is not installed: apt-get install cloud-init\n");
  return missing;
}
