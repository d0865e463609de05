import { MeshApp, TunedNodePool } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environments } from "../../../examples/oslo-production/environment";
import { platform } from "../../../examples/oslo-production/platform";
import { Host } from "../../../lib/hosts/host";
import { hostProfileOf } from "../../../lib/hosts/host-profile";
import { machinesAreMissing, startMachine, type TestMachine } from "./machine.mts";

const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
platform(app, environments.production);
const pool = app.node.findAll().find((construct) => construct instanceof TunedNodePool) as TunedNodePool;
const profile = hostProfileOf(pool);
describe.skipIf(machinesAreMissing())("a machine with a kernel of its own, tuned with the reference platform's profile", () => {
  let machine: TestMachine;
  let files: string;
  let values: string;

  beforeAll(async () => {
    machine = await startMachine({ userData: "#cloud-config\n" });
    [files, values] = [await filesOf(), await valuesOf()];
  }, 480_000);
  afterAll(() => machine?.end());

  const said = async (script: string): Promise<string> => (await machine.exec(script)).stdout;
  const filesOf = (): Promise<string> =>
    said(
      "cd / && find etc usr/local var/lib/meshground 2>/dev/null | sort | while IFS= read -r path; do stat -c '%N %a %u %g' \"$path\"; done; find etc usr/local -type f -exec sha256sum {} + | sort",
    );
  const valuesOf = (): Promise<string> =>
    said(profile.settings.map(({ key }) => `cat /proc/sys/${key.replaceAll(".", "/")} 2>&1`).join("\n"));

  async function on<Result>(work: (host: Host) => Promise<Result>): Promise<Result> {
    const host = await Host.connect({ ...machine.connection, connectTimeout: "1m", commandTimeout: "5m" });
    try {
      return await work(host);
    } finally {
      await host.close();
    }
  }

  test("says what it is", { timeout: 480_000 }, async () => {
    const facts = await on((host) => host.read(profile));
    expect(facts).toMatchObject({ hostname: "machine-1", virtualization: "qemu", cores: 2, systemd: true, modules: [], files: {} });
    expect(facts.disks.map(({ name, transport }) => [name, transport])).toContainEqual(["nvme0n1", "nvme"]);
  });

  test("has every file, module and value after apply, and is not written to by another one", { timeout: 480_000 }, async () => {
    const { changed, facts } = await on((host) => host.apply(profile));
    expect([changed, facts.modules]).toEqual([true, ["nf_conntrack"]]);
    expect((await on((host) => host.apply(profile))).changed).toBe(false);
    expect(await said("systemctl is-enabled meshground-kernel-profile.service")).toBe("enabled\n");
  });

  test("has all of it after a reboot", { timeout: 480_000 }, async () => {
    await machine.reboot();
    await on((host) => host.verify(profile));
    expect(await said("systemctl is-active meshground-kernel-profile.service")).toBe("active\n");
  });

  test("is byte for byte what it was after restore, and after the next boot as well", { timeout: 480_000 }, async () => {
    expect((await on((host) => host.restore())).changed).toBe(true);
    expect(await filesOf()).toBe(files);
    await machine.reboot();
    expect([await filesOf(), await valuesOf()]).toEqual([files, values]);
  });
});
