import type { Stack } from "@pulumi/pulumi/automation";
import { TunedHost, type TunedHostArgs } from "meshground/pulumi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines } from "../engines.mts";
import { askerPassword, hostsAreMissing, startContainers, type TestHost, type TestHosts } from "../hosts/containers.mts";
import { isMissing } from "../program";
import { filesWith, includesAny, inlineStack, linesOf, passphrase, projectFolder, recorder } from "./project.mts";
import { changeValue, filesOf, kernelValue, withProcessList } from "./traces.mts";

const [backlog, queue] = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];
const file = "/etc/sysctl.d/99-k8s-mesh.conf";
const profile = {
  pool: "oslo",
  kernel: { [backlog]: "32768", [queue]: "at least 8192" },
  files: { [file]: { content: `${backlog} = 32768\n`, mode: "0644" }, "/etc/motd": { content: "tuned\n", mode: "0644" } },
} as const;
const urn = "urn:pulumi:dev::ground::meshground:index:TunedHost::oslo-1";

describe.skipIf(isMissing(engines.pulumi) || hostsAreMissing())("a TunedHost under the real engine, on a real host", () => {
  const { said, options } = recorder();
  let machines: TestHosts;
  let host: TestHost;
  let folder: string;
  let stack: Stack;
  let args: TunedHostArgs;
  let secrets: readonly string[];
  let filesBefore: readonly string[];
  let valuesBefore: readonly string[];

  const values = () => Promise.all([backlog, queue].map((key) => kernelValue(host, key)));

  beforeAll(async () => {
    machines = await startContainers(1);
    host = machines.hosts[0] as TestHost;
    folder = projectFolder("tuned-host");
    args = { connection: { ...host.login("asker"), sudoPassword: askerPassword, connectTimeout: "3s" }, ...profile };
    secrets = [passphrase, askerPassword, ...linesOf(host.privateKey)];
    [filesBefore, valuesBefore] = [await filesOf(host), await values()];
    stack = await inlineStack(folder, async () => {
      const { kernelRelease, podValues } = new TunedHost("oslo-1", args);
      return { kernelRelease, podValues };
    });
  });
  afterAll(() => machines?.end());

  test("a preview names each key that will be set, and touches nothing", async () => {
    const { stdout } = await stack.preview({ ...options, diff: true });
    expect(stdout).toMatch(/net\.core\.somaxconn +: "32768"/);
    expect(stdout).toMatch(/sudoPassword +: \[secret\]/);
    expect(await filesOf(host)).toEqual(filesBefore);
  });

  test("up tunes the host, and nothing secret stands in any process list meanwhile", async () => {
    const { result, processes } = await withProcessList(() => stack.up(options));
    expect(result.summary.resourceChanges).toEqual({ create: 2 });
    expect(await values()).toEqual(["32768", "8192"]);
    expect(processes).toContain("sudo");
    expect(includesAny(processes, secrets)).toBe(false);
  });

  test("a second up finds everything the same, with and without a look at the host", async () => {
    expect((await stack.up(options)).summary.resourceChanges).toEqual({ same: 2 });
    expect((await stack.up({ ...options, refresh: true })).summary.resourceChanges).toEqual({ same: 2 });
  });

  test("a value changed behind everyone's back is named with its old and its new value", async () => {
    await changeValue(host, backlog, "128");
    await changeValue(host, queue, "65536");
    const { stdout, changeSummary } = await stack.preview({ ...options, refresh: true, diff: true });
    expect(changeSummary).toEqual({ same: 1, update: 1 });
    expect(stdout).toMatch(/~ net\.core\.somaxconn +: "128" => "32768"/);
    expect(stdout).not.toMatch(/~ net\.ipv4\.tcp_max_syn_backlog/);
  });

  test("up puts it right, and leaves what is above its floor", async () => {
    await stack.up({ ...options, refresh: true });
    expect(await values()).toEqual(["32768", "65536"]);
  });

  test("a file that somebody rewrote is shown with its text, and put right", async () => {
    await host.exec(`echo '${backlog} = 1' > ${file}`);
    const { stdout } = await stack.preview({ ...options, refresh: true, diff: true });
    expect(stdout).toMatch(/- net\.core\.somaxconn = 1\n +\+ net\.core\.somaxconn = 32768\n/);
    await stack.up({ ...options, refresh: true });
    expect((await host.exec(`cat ${file}`)).stdout).toBe(`${backlog} = 32768\n`);
  });

  test("a new address is an update of the same machine", async () => {
    const address = host.address.replace(/\d+$/, "211");
    await host.exec(`ip address add ${address}/24 dev eth0`);
    args = { ...args, connection: { ...host.login("asker"), address, sudoPassword: askerPassword, connectTimeout: "3s" } };
    const { stdout } = await stack.preview({ ...options, diff: true });
    expect(stdout).toMatch(/~ address +: "[\d.]+" => "[\d.]+\.211"/);
    expect((await stack.up(options)).summary.resourceChanges).toEqual({ same: 1, update: 1 });
    const { resources } = (await stack.exportStack()).deployment;
    expect(resources).toContainEqual(expect.objectContaining({ urn, id: host.machineId }));
  });

  test("a host that does not answer is an error that says how to forget it, and stays in the state", async () => {
    await host.stop();
    await expect(stack.refresh(options)).rejects.toThrow(`MESHGROUND_FORGET=${host.machineId} pulumi up`);
    const { resources } = (await stack.exportStack()).deployment;
    expect(resources).toContainEqual(expect.objectContaining({ urn }));
    await host.start();
    await host.exec(`ip address add ${host.address.replace(/\d+$/, "211")}/24 dev eth0`);
  });

  test("a reboot without the profile's values shows, and is put right", async () => {
    const { changeSummary } = await stack.preview({ ...options, refresh: true });
    expect(changeSummary).toEqual({ same: 1, update: 1 });
    await stack.up({ ...options, refresh: true });
    expect(await values()).toEqual(["32768", "8192"]);
  });

  test("another host key is refused", async () => {
    const old = args;
    args = { ...args, connection: { ...host.login("asker"), hostKey: otherKey, sudoPassword: askerPassword } };
    await expect(stack.up(options)).rejects.toThrow(/the host's key is not the pinned one/);
    args = old;
  });

  test("a key that the kernel refuses leaves everything as it was, and the error names it", async () => {
    const old = args;
    const before = await filesOf(host);
    args = { ...args, kernel: { ...profile.kernel, [backlog]: "16384", "kernel.pid_max": "4194303" }, files: {} };
    await expect(stack.up(options)).rejects.toThrow("kernel.pid_max");
    expect(await values()).toEqual(["32768", "8192"]);
    expect(await filesOf(host)).toEqual(before);
    args = old;
    expect((await stack.up({ ...options, refresh: true })).summary.resourceChanges).toEqual({ same: 2 });
  });

  test("a run that is cancelled leaves the old profile or the new one", async () => {
    for (const delay of [600, 800, 1_000, 1_200, 1_400, 1_600]) {
      const wanted = 10_000 + delay;
      const content = `${backlog} = ${wanted}\n`;
      args = { ...args, kernel: { ...profile.kernel, [backlog]: String(wanted) }, files: { [file]: { content, mode: "0644" } } };
      const before = [await kernelValue(host, backlog), (await host.exec(`cat ${file}`)).stdout];
      const signal = AbortSignal.timeout(delay);
      await stack.up({ ...options, signal }).catch(() => undefined);
      await host.exec("while pgrep -f 'sudo|meshground' > /dev/null; do sleep 0.05; done");
      const after = [await kernelValue(host, backlog), (await host.exec(`cat ${file}`)).stdout];
      expect([before, [String(wanted), content]]).toContainEqual(after);
      await stack.cancel().catch(() => undefined);
      await stack.up({ ...options, refresh: true });
      expect([await kernelValue(host, backlog), (await host.exec(`cat ${file}`)).stdout]).toEqual([String(wanted), content]);
    }
  });

  test("destroy leaves the host byte for byte as it was, with its earlier values", async () => {
    await stack.destroy(options);
    expect(await filesOf(host)).toEqual(filesBefore);
    expect(await values()).toEqual(valuesBefore);
  });

  test("no secret is plain in the state, in what was said, or in any file", async () => {
    expect(said()).toContain("oslo-1");
    expect(includesAny(said(), secrets)).toBe(false);
    expect(filesWith(folder, secrets)).toEqual([]);
  });
});

/** The key of another host. */
const otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
