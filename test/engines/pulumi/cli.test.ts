import { spawnSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, folderOf } from "../engines.mts";
import { askerPassword, hostsAreMissing, startContainers, type TestHost, type TestHosts } from "../hosts/containers.mts";
import { isMissing } from "../program";
import { engineEnvironment, filesWith, includesAny, languageHostFolder, linesOf, passphrase, projectFolder } from "./project.mts";
import { changeValue, filesOf, kernelValue } from "./traces.mts";

const key = "net.core.somaxconn";

const example = join(__dirname, "../../../examples/oslo-production");

/** The example's tree with the keys that a container has: all others are the machine's that it runs on. */
const platform = (backlog: number, count: number) => `import { KernelProfile, type MeshApp, TunedNodePool } from "meshground";

export function platform(app: MeshApp, _environment: object): void {
  new TunedNodePool(app, "oslo", {
    nodes: { count: ${count}, cpu: 8, memory: "32Gi", country: "NO" },
    distribution: "kubeadm",
    kernel: KernelProfile.of({ "${key}": ${backlog}, "net.ipv4.tcp_max_syn_backlog": { atLeast: 8_192 } }),
  });
}
`;

describe.skipIf(isMissing(engines.pulumi) || hostsAreMissing())(
  "the program of oslo-production, by the command pulumi, with the provider from node_modules",
  () => {
    let machines: TestHosts;
    let folder: string;
    let languageHost: string;
    let secrets: readonly string[];
    let filesBefore: readonly (readonly string[])[];
    const said: string[] = [];

    /** Runs a command in the project; without a provider on PATH. */
    const run = (command: readonly string[], input = "") => {
      const [name = "", ...rest] = command;
      const env = engineEnvironment(folder, [join(folderOf(engines.pulumi), "bin"), languageHost]);
      const { status, stdout, stderr } = spawnSync(name, rest, { cwd: folder, encoding: "utf8", env, input, timeout: 100_000 });
      said.push(stdout, stderr);
      return { status, text: `${stdout}\n${stderr}` };
    };
    const npm = (script: string) => run(["npm", "run", "--silent", script]);
    const pulumi = (...rest: readonly string[]) => run(["pulumi", ...rest, "--non-interactive"]);
    const set = (name: string, value: string, ...flags: readonly string[]) =>
      expect(run(["pulumi", "config", "set", name, ...flags], value)).toMatchObject({ status: 0 });
    /** Servers by name: the machine behind a name may be another one than it was. */
    const setServers = (servers: Readonly<Record<string, TestHost>>) =>
      set("servers", JSON.stringify(Object.entries(servers).map(([name, { address, hostKey }]) => ({ name, address, hostKey }))));
    const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
    /** What an error says to run. */
    const forgetting = (text: string) => run(["sh", "-c", `${/MESHGROUND_FORGET=\S+ pulumi up/.exec(text)?.[0]} --yes --non-interactive`]);

    beforeAll(async () => {
      machines = await startContainers(4);
      folder = projectFolder("cli");
      languageHost = languageHostFolder(folder);
      secrets = [passphrase, askerPassword, ...linesOf(machines.hosts[0]?.privateKey ?? "")];
      filesBefore = await Promise.all(machines.hosts.map(filesOf));
      const scripts = { up: "pulumi up --yes --non-interactive --diff", preview: "pulumi preview --non-interactive --diff" };
      write("package.json", JSON.stringify({ name: "ground", private: true, scripts }));
      write(
        "tsconfig.json",
        JSON.stringify({ compilerOptions: { strict: true, target: "es2022", module: "nodenext", skipLibCheck: true, types: [] } }),
      );
      for (const name of ["deploy.ts", "ground.ts", "environment.ts"]) copyFileSync(join(example, name), join(folder, name));
      write("platform.ts", platform(32_768, 3));
      write("Pulumi.yaml", "name: oslo-production\nruntime: nodejs\nmain: deploy.ts\n");
      expect(pulumi("stack", "init", "dev")).toMatchObject({ status: 0 });
      set("environment", "production");
      set("user", "asker");
      set("privateKey", machines.hosts[0]?.privateKey ?? "", "--secret");
      set("sudoPassword", askerPassword, "--secret");
      set("stages", '["hosts"]');
      const [one, two, three] = machines.hosts as [TestHost, TestHost, TestHost];
      setServers({ "oslo-1": one, "oslo-2": two, "oslo-3": three });
    });
    afterAll(() => machines?.end());

    test("says what is missing where neither way to the provider is open", () => {
      const { status, text } = pulumi("preview");
      expect(status).not.toBe(0);
      expect(text).toContain("no resource plugin 'pulumi-resource-meshground' found");
    });

    test("an npm script finds it, and tunes three hosts", async () => {
      const { status, text } = npm("up");
      expect(text).toContain("+ 5 created");
      expect(status).toBe(0);
      for (const host of machines.hosts.slice(0, 3)) expect(await kernelValue(host, key)).toBe("32768");
    });

    test("plugins.providers in Pulumi.yaml finds it without an npm script, and all is the same", () => {
      copyFileSync(join(example, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
      const { status, text } = pulumi("up", "--yes", "--refresh");
      expect(text).toContain("5 unchanged");
      expect(text).not.toContain("pulumi-resource-meshground from $PATH");
      expect(status).toBe(0);
    });

    test("preview --refresh --diff names the changed key with its old and its new value, and up puts it right", async () => {
      const [host] = machines.hosts as [TestHost];
      await changeValue(host, key, "128");
      expect(pulumi("preview", "--refresh", "--diff").text).toMatch(/~ net\.core\.somaxconn +: "128" => "32768"/);
      expect(pulumi("up", "--yes", "--refresh").text).toContain("~ 1 updated");
      expect(await kernelValue(host, key)).toBe("32768");
    });

    test("a new value is named for each host before it is set", async () => {
      write("platform.ts", platform(16_384, 3));
      expect(pulumi("preview", "--diff").text.match(/~ net\.core\.somaxconn +: "32768" => "16384"/g)).toHaveLength(3);
      expect(pulumi("up", "--yes").text).toContain("~ 3 updated");
    });

    test("a dead host is forgotten by the command that the error names, and another machine takes its place", async () => {
      const [dead, two, three, spare] = machines.hosts as [TestHost, TestHost, TestHost, TestHost];
      await dead.stop();
      const { status, text } = pulumi("refresh", "--yes");
      expect(status).not.toBe(0);
      expect(text).toContain(`MESHGROUND_FORGET=${dead.machineId} pulumi up`);
      setServers({ "oslo-1": spare, "oslo-2": two, "oslo-3": three });
      expect(forgetting(text)).toMatchObject({ status: 0, text: expect.stringContaining("1 replaced") });
      expect(await kernelValue(spare, key)).toBe("16384");
      expect(pulumi("up", "--yes", "--refresh").text).toContain("5 unchanged");
    });

    test("a dead host that leaves the program is forgotten, and the others live on", async () => {
      const [, two, dead, spare] = machines.hosts as [TestHost, TestHost, TestHost, TestHost];
      await dead.stop();
      write("platform.ts", platform(16_384, 2));
      setServers({ "oslo-1": spare, "oslo-2": two });
      const { status, text } = pulumi("up", "--yes");
      expect(status).not.toBe(0);
      expect(forgetting(text)).toMatchObject({ status: 0, text: expect.stringContaining("- 1 deleted") });
      expect(pulumi("up", "--yes", "--refresh").text).toContain("4 unchanged");
    });

    test("destroy leaves the living hosts byte for byte as they were", async () => {
      expect(pulumi("destroy", "--yes")).toMatchObject({ status: 0 });
      for (const index of [1, 3]) expect(await filesOf(machines.hosts[index] as TestHost)).toEqual(filesBefore[index]);
    });

    test("no secret is plain in anything that was said or stored", () => {
      expect(includesAny(said.join("\n"), secrets)).toBe(false);
      expect(filesWith(folder, secrets)).toEqual([]);
    });
  },
);
