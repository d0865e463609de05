import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { programsOf, projectFolder } from "./project.mts";

describe("pulumi-resource-meshground", () => {
  let program = "";
  let folder = "";
  beforeAll(() => {
    folder = projectFolder("provider-program");
    program = join(programsOf(folder), "pulumi-resource-meshground");
  });

  test("says its port on standard output, and nothing else", async () => {
    const provider = spawn(program, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "pipe"] });
    const said: string[] = [];
    provider.stderr.on("data", (data: Buffer) => said.push(String(data)));
    const [port]: Buffer[] = await once(provider.stdout, "data");
    provider.kill();
    await once(provider, "exit");
    expect(String(port)).toMatch(/^\d+\n$/);
    expect(said).toEqual([]);
  });

  test("loads neither cdk8s nor another provider's SDK", () => {
    const script = `require(${JSON.stringify(join(folder, "node_modules/meshground/dist/pulumi/provider/serve.js"))}); console.log(Object.keys(require.cache).join("\\n"))`;
    const { stdout } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    expect(stdout).toContain("/provider/serve.js");
    expect(stdout).not.toMatch(/node_modules\/(?:cdk8s|constructs|@pulumi\/(?:kubernetes|hcloud))\//);
  });

  test("names the setting that it cannot take", () => {
    const { status, stderr } = spawnSync(program, [], {
      encoding: "utf8",
      env: { ...process.env, MESHGROUND_PARALLEL_HOSTS: "many" },
      timeout: 5_000,
    });
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('MESHGROUND_PARALLEL_HOSTS: got "many", expected a whole number from 1 to 256.'),
    });
  });

  test("says what to install where Pulumi's SDK is missing", () => {
    rmSync(join(folder, "node_modules/@pulumi"));
    const { status, stdout, stderr } = spawnSync(program, [], { encoding: "utf8", timeout: 5_000 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("the package @pulumi/pulumi is not installed beside meshground");
  });
});
