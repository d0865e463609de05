import type { Stack } from "@pulumi/pulumi/automation";
import { KernelProfile, MeshApp, TunedNodePool } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ground } from "../../../examples/oslo-production/ground";
import { engines } from "../engines.mts";
import { askerPassword, hostsAreMissing, startContainers, type TestHosts } from "../hosts/containers.mts";
import { isMissing } from "../program";
import { filesWith, includesAny, inlineStack, linesOf, passphrase, projectFolder, recorder } from "./project.mts";
import { changeValue, filesOf, kernelValue } from "./traces.mts";

const [backlog, queue] = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];

/** The example's pool with the keys that a container has: all others are the machine's that it runs on. */
function tree(): MeshApp {
  const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
  new TunedNodePool(app, "oslo", {
    nodes: { count: 3, cpu: 8, memory: "32Gi", country: "NO" },
    distribution: "kubeadm",
    kernel: KernelProfile.of({ [backlog]: 32_768, [queue]: { atLeast: 8_192 } }),
  });
  return app;
}

describe.skipIf(isMissing(engines.pulumi) || hostsAreMissing())(
  "the hosts stage of oslo-production, under the real engine on three hosts",
  () => {
    const { said, options } = recorder();
    let machines: TestHosts;
    let folder: string;
    let stack: Stack;
    let secrets: readonly string[];
    let before: readonly (readonly string[])[];

    const values = (): Promise<readonly string[]> => Promise.all(machines.hosts.map((host) => kernelValue(host, backlog)));

    beforeAll(async () => {
      machines = await startContainers(3);
      folder = projectFolder("mesh-stack");
      before = await Promise.all(machines.hosts.map(filesOf));
      secrets = [passphrase, askerPassword, ...linesOf(machines.hosts[0]?.privateKey ?? "")];
      const [first] = machines.hosts;
      const login = { user: "asker", privateKey: first?.privateKey ?? "", sudoPassword: askerPassword };
      const servers = machines.hosts.map(({ name, address, hostKey }) => ({ name, address, hostKey }));
      stack = await inlineStack(folder, async () => {
        const { hosts } = ground({ environment: "production", servers, login, stages: ["hosts"] }, tree());
        return Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, host.hostname]));
      });
    });
    afterAll(() => machines?.end());

    test("up tunes the first host alone, then the others", async () => {
      const { summary, outputs } = await stack.up(options);
      expect(summary.resourceChanges).toEqual({ create: 5 });
      expect(Object.keys(outputs).sort()).toEqual(machines.hosts.map(({ name }) => name).sort());
      expect(await values()).toEqual(["32768", "32768", "32768"]);
      const ended = machines.hosts.map(({ name }) => said().indexOf(`${name} created`));
      expect(Math.min(...ended.slice(1))).toBeGreaterThan(ended[0] ?? 0);
    });

    test("a second up shows only what is the same", async () => {
      expect((await stack.up(options)).summary.resourceChanges).toEqual({ same: 5 });
    });

    test("a changed sysctl shows as an update, and up puts it right", async () => {
      const [, second] = machines.hosts;
      if (second === undefined) throw new Error("no second host");
      await changeValue(second, backlog, "128");
      const { changeSummary, stdout } = await stack.preview({ ...options, refresh: true, diff: true });
      expect(changeSummary).toEqual({ same: 4, update: 1 });
      expect(stdout).toMatch(/~ net\.core\.somaxconn +: "128" => "32768"/);
      await stack.up({ ...options, refresh: true });
      expect(await values()).toEqual(["32768", "32768", "32768"]);
    });

    test("destroy leaves every host byte for byte as it was", async () => {
      expect((await stack.destroy(options)).summary.resourceChanges).toEqual({ delete: 5 });
      expect(await Promise.all(machines.hosts.map(filesOf))).toEqual(before);
      expect(await values()).not.toContain("32768");
    });

    test("no secret is plain in the state, in what was said, or in any file", () => {
      expect(said()).toContain("oslo-production");
      expect(includesAny(said(), secrets)).toBe(false);
      expect(filesWith(folder, secrets)).toEqual([]);
    });
  },
);
