import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, folderOf } from "../engines.mts";
import { askerPassword, hostsAreMissing, startContainers, type TestHost, type TestHosts } from "../hosts/containers.mts";
import { isMissing } from "../program";
import { engineEnvironment, filesWith, includesAny, languageHostFolder, linesOf, passphrase, projectFolder } from "./project.mts";
import { changeValue, filesOf, kernelValue } from "./traces.mts";

const key = "net.core.somaxconn";

/** As a user writes it: addresses and secrets from the stack's configuration, one host after the other. */
const program = `import * as pulumi from "@pulumi/pulumi";
import { ClusterToken, TunedHost } from "meshground/pulumi";

const config = new pulumi.Config();
const hosts = config.requireObject<{ name: string; address: string; hostKey: string }[]>("hosts");
const login = { user: "asker", privateKey: config.requireSecret("privateKey"), sudoPassword: config.requireSecret("sudoPassword"), connectTimeout: "3s" as const };
const kernel = { "${key}": config.require("backlog"), "net.ipv4.tcp_max_syn_backlog": "at least 8192" };
const files = { "/etc/sysctl.d/99-k8s-mesh.conf": { content: "${key} = " + config.require("backlog") + "\\n", mode: "0644" as const } };

let before: TunedHost[] = [];
for (const { name, address, hostKey } of hosts) {
  before = [new TunedHost(name, { connection: { address, hostKey, ...login }, pool: "oslo", kernel, files }, { dependsOn: before })];
}
export const token = new ClusterToken("oslo").token;
`;

describe.skipIf(isMissing(engines.pulumi) || hostsAreMissing())("the command pulumi, with the provider from node_modules", () => {
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
  const setHosts = (hosts: readonly TestHost[]) =>
    set("hosts", JSON.stringify(hosts.map(({ name, address, hostKey }) => ({ name, address, hostKey }))));
  const project = (rest: string) => writeFileSync(join(folder, "Pulumi.yaml"), `name: ground\nruntime: nodejs\n${rest}`);

  beforeAll(async () => {
    machines = await startContainers(3);
    folder = projectFolder("cli");
    languageHost = languageHostFolder(folder);
    secrets = [passphrase, askerPassword, ...linesOf(machines.hosts[0]?.privateKey ?? "")];
    filesBefore = await Promise.all(machines.hosts.map(filesOf));
    const scripts = { up: "pulumi up --yes --non-interactive --diff", preview: "pulumi preview --non-interactive --diff" };
    const files = {
      "package.json": JSON.stringify({ name: "ground", private: true, main: "index.ts", scripts }),
      "tsconfig.json": JSON.stringify({
        compilerOptions: { strict: true, target: "es2022", module: "nodenext", skipLibCheck: true, types: [] },
      }),
      "index.ts": program,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    project("");
    expect(pulumi("stack", "init", "dev")).toMatchObject({ status: 0 });
    set("privateKey", machines.hosts[0]?.privateKey ?? "", "--secret");
    set("sudoPassword", askerPassword, "--secret");
    set("backlog", "32768");
    setHosts(machines.hosts);
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
    for (const host of machines.hosts) expect(await kernelValue(host, key)).toBe("32768");
  });

  test("plugins.providers in Pulumi.yaml finds it without an npm script, and all is the same", () => {
    project("plugins:\n  providers:\n    - name: meshground\n      path: node_modules/.bin\n");
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
    set("backlog", "16384");
    expect(pulumi("preview", "--diff").text.match(/~ net\.core\.somaxconn +: "32768" => "16384"/g)).toHaveLength(3);
    expect(pulumi("up", "--yes").text).toContain("~ 3 updated");
  });

  test("a dead host is forgotten by the command that the error names, and the others live on", async () => {
    const dead = machines.hosts[2] as TestHost;
    await dead.stop();
    const { status, text } = pulumi("refresh", "--yes");
    expect(status).not.toBe(0);
    const command = /pulumi state delete '[^']+'/.exec(text)?.[0] ?? "";
    expect(run(["sh", "-c", `${command} --yes --non-interactive`])).toMatchObject({ status: 0 });
    setHosts(machines.hosts.slice(0, 2));
    expect(pulumi("up", "--yes", "--refresh").text).toContain("4 unchanged");
  });

  test("destroy leaves the living hosts byte for byte as they were", async () => {
    expect(pulumi("destroy", "--yes")).toMatchObject({ status: 0 });
    for (const [index, host] of machines.hosts.slice(0, 2).entries()) expect(await filesOf(host)).toEqual(filesBefore[index]);
  });

  test("no secret is plain in anything that was said or stored", () => {
    expect(includesAny(said.join("\n"), secrets)).toBe(false);
    expect(filesWith(folder, secrets)).toEqual([]);
  });
});
