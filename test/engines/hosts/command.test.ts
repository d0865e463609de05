import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { KernelProfile } from "../../../lib/nodes/kernel-profile";
import { buildCommand } from "../../cli/built";
import { artefactsOf, poolOf } from "../../nodes/pool";
import { temporaryFolder } from "../../support/temporary";
import { changeValue, filesOf, kernelValue, withProcessList } from "../pulumi/traces.mts";
import { askerPassword, hostsAreMissing, startContainers, type TestHost, type TestHosts } from "./containers.mts";

const key = "net.core.somaxconn";
/** What these hosts can be given: no module can be loaded there. */
const pool = poolOf({
  nodes: { count: 3, cpu: 1, memory: "1Gi", country: "NO" },
  kernel: KernelProfile.of({ [key]: 32_768, "net.ipv4.tcp_max_syn_backlog": { atLeast: 16_384 } }),
  qualify: { window: "1s", jitterBelow: "10ms", fsyncP99Below: "1s", iowaitBelow: "100%", stealBelow: "100%" },
});

/** What the command said, and how it ended. */
interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(hostsAreMissing())("the command, on real hosts", () => {
  const folder = temporaryFolder("command");
  const place = join(process.cwd(), "build", `hosts-command-${process.pid}`);
  let main: string;
  let machines: TestHosts;
  let before: readonly (readonly string[])[];

  beforeAll(async () => {
    ({ main } = buildCommand(place));
    machines = await startContainers(3);
    const [first, second, third] = machines.hosts as [TestHost, TestHost, TestHost];
    for (const [path, content] of Object.entries(artefactsOf(pool))) write(`artefacts/nodes/oslo/${path}`, content);
    write("key", first.privateKey);
    write(
      "hosts.yaml",
      stringify({
        defaults: { pool: "oslo", privateKeyFile: "key", connectTimeout: "10s" },
        hosts: {
          "oslo-1": { address: first.address, hostKey: first.hostKey },
          "oslo-2": { address: second.address, hostKey: second.hostKey, user: "deploy" },
          "oslo-3": { ...third.login("asker"), privateKey: undefined, sudoPasswordVariable: "MESHGROUND_SUDO_PASSWORD" },
        },
      }),
    );
    before = await state();
  });
  afterAll(async () => {
    rmSync(place, { recursive: true, force: true });
    await machines?.end();
  });

  function write(path: string, content: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: 0o600 });
  }

  /** Everything on the hosts that a profile may touch. */
  const state = (): Promise<readonly (readonly string[])[]> =>
    Promise.all(machines.hosts.map(async (host) => [...(await filesOf(host)), await kernelValue(host, key)]));
  const values = (): Promise<readonly string[]> => Promise.all(machines.hosts.map((host) => kernelValue(host, key)));

  /** Runs the command in a process of its own, in the folder where the inventory and the artefacts lie. */
  function hosts(verb: string, args: readonly string[] = [], watch: (child: ChildProcess) => unknown = () => undefined): Promise<Said> {
    const child = spawn(process.execPath, [main, "hosts", verb, "--inventory", "hosts.yaml", ...args], {
      cwd: folder,
      env: { ...process.env, MESHGROUND_SUDO_PASSWORD: askerPassword },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data: Buffer) => {
      stdout += data;
    });
    child.stderr.on("data", (data: Buffer) => {
      stderr += data;
    });
    watch(child);
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
  }

  test("plans, applies, verifies, sees a drift, puts it right, and restores what was there", async () => {
    const planned = await hosts("plan");
    expect(planned).toMatchObject({ code: 1, stderr: "", stdout: expect.stringContaining(`  ${key}: 4096 -> 32768\n`) });
    expect(planned.stdout).toContain("3 hosts: 3 to be changed. Nothing was changed.");
    expect(await hosts("apply")).toMatchObject({ code: 1, stdout: expect.stringContaining("To do it, add --yes.") });
    expect(await state()).toEqual(before);

    const { result: applied, processes } = await withProcessList(() => hosts("apply", ["--yes"]));
    expect(applied).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("3 hosts: 3 changed.") });
    expect(await values()).toEqual(["32768", "32768", "32768"]);
    expect(`${applied.stdout}${processes}`).not.toContain(askerPassword);
    expect(await hosts("plan")).toMatchObject({ code: 0 });
    expect(await hosts("verify")).toMatchObject({ code: 0, stdout: expect.stringContaining("3 hosts: 3 as wanted.") });

    await changeValue(machines.hosts[1] as TestHost, key, "128");
    const drifted = await hosts("verify");
    expect(drifted).toMatchObject({ code: 1, stdout: expect.stringContaining(`  ${key}: 128, wanted 32768\n`) });
    expect(drifted.stdout).toContain("3 hosts: 2 as wanted, 1 not as wanted.");
    expect(await hosts("apply", ["--yes"])).toMatchObject({ code: 0, stdout: expect.stringContaining("2 with nothing to do, 1 changed.") });
    expect(await hosts("verify")).toMatchObject({ code: 0 });

    expect(await hosts("restore")).toMatchObject({ code: 1, stdout: expect.stringContaining(`  ${key}: 32768 -> 4096\n`) });
    expect(await hosts("restore", ["--yes"])).toMatchObject({ code: 0, stdout: expect.stringContaining("3 hosts: 3 changed.") });
    expect(await state()).toEqual(before);
  });

  test("ends by Ctrl-C with the first host done and the others as they were", async () => {
    const [first] = machines.hosts as [TestHost];
    await first.exec(`cat >/tmp/sync <<'.'
#!/bin/sh
[ -e /tmp/under-way ] || { touch /tmp/under-way; sleep 3; }
.
chmod 755 /tmp/sync; mount --bind /tmp/sync /usr/bin/sync`);
    const said = await hosts("apply", ["--yes"], async (child) => {
      await expect.poll(async () => (await first.exec("test -e /tmp/under-way")).exitCode, { timeout: 60_000 }).toBe(0);
      child.kill("SIGINT");
    });
    await first.exec("umount /usr/bin/sync");
    expect(said).toMatchObject({ code: 130, stderr: expect.stringContaining("interrupted, nothing more is begun. Waiting for oslo-1.") });
    expect(said.stdout).toContain("3 hosts: 1 changed, 2 not begun.");
    expect(await values()).toEqual(["32768", "4096", "4096"]);
    expect(await hosts("restore", ["--yes"])).toMatchObject({ code: 0 });
    expect(await state()).toEqual(before);
  });

  test("measures a host against what its pool asks for", async () => {
    const { code, stdout } = await hosts("qualify", ["--host", "oslo-1", "--json"]);
    const { hosts: found } = JSON.parse(stdout) as { readonly hosts: readonly { readonly rows: readonly object[] }[] };
    // These hosts have no clock that anybody vouches for, and are no machines.
    expect([code, found]).toMatchObject([1, [{ name: "oslo-1", state: "unqualified" }]]);
    expect(found[0]?.rows).toContainEqual(expect.objectContaining({ measure: "cores", verdict: "holds" }));
    expect(found[0]?.rows).toContainEqual(expect.objectContaining({ measure: "fsync", verdict: "holds" }));
  });
});
