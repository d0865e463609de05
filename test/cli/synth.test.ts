import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary";
import { meshground, type Outcome } from "./meshground";
import { program } from "./programs";

const finding = { code: "MG0601", severity: "note", path: "oslo", message: "pods keep the kernel's own.", fix: "f." };
const writes = `write(join(env.CDK8S_OUTDIR, "a.yaml"), env.VALUE ?? "a: 1");
write(join(env.MESHGROUND_ARTEFACTS, "report/findings.json"), JSON.stringify({ findings: [${JSON.stringify(finding)}] }));
console.log("printed");`;

/** Runs a program of these lines into a folder. */
function synth(folder: string, lines: string, ...more: readonly string[]): Promise<Outcome> {
  return meshground(["synth", "--app", program(folder, "main", lines), "--output", join(folder, "manifests"), ...more]);
}

describe("meshground synth", () => {
  test("streams what the program prints, and says what it wrote and found", async () => {
    const folder = temporaryFolder("synth");
    const { code, stdout, stderr } = await synth(folder, writes);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replaceAll(folder, "")).toMatchInlineSnapshot(`
      "printed

      /manifests: 1 added
        + a.yaml

      /artefacts: 1 added
        + report/findings.json

      1 note.
        note MG0601 oslo: pods keep the kernel's own.
      "
    `);
  });

  test("says what changed, what is gone and what is as it was", async () => {
    const folder = temporaryFolder("synth");
    await synth(folder, `${writes} write(join(env.CDK8S_OUTDIR, "b.yaml"), "b: 1");`);
    const { stdout } = await synth(
      folder,
      `env.VALUE = "a: 2"; ${writes} rmSync(join(env.CDK8S_OUTDIR, "b.yaml")); write(join(env.CDK8S_OUTDIR, "c.yaml"), "c: 1");`,
    );
    expect(stdout).toContain("1 added, 1 changed, 1 removed\n  + c.yaml\n  ~ a.yaml\n  - b.yaml\n");
    expect(stdout).toContain("artefacts: 1 unchanged\n");
  });

  test("says what stays although it is no longer written", async () => {
    const folder = temporaryFolder("synth");
    const list = (...paths: readonly string[]): string => {
      const manifests = paths.map((path) => ({ path, sha256: "0".repeat(64) }));
      return `write(join(env.MESHGROUND_ARTEFACTS, "report/files.json"), '${JSON.stringify({ manifests, artefacts: [] })}');`;
    };
    await synth(folder, `${writes} ${list("a.yaml", "b.yaml")} write(join(env.CDK8S_OUTDIR, "b.yaml"), "b: 1");`);
    writeFileSync(join(folder, "manifests/b.yaml"), "b: by hand");
    expect((await synth(folder, `${writes} ${list("a.yaml")}`)).stdout).toContain("no longer written: b.yaml");
  });

  test("writes data alone with --json", async () => {
    const folder = temporaryFolder("synth");
    const { stdout, stderr } = await synth(folder, writes, "--json");
    expect(stderr).toBe("printed\n");
    expect(JSON.parse(stdout)).toMatchObject({
      folders: [{ folder: join(folder, "manifests"), added: ["a.yaml"] }, { added: ["report/findings.json"] }],
      findings: [finding],
    });
  });

  test("fails as the program does, and shows what it says without the frames of others", async () => {
    const folder = temporaryFolder("synth");
    const { code, stderr } = await synth(folder, `throw new Error("oslo: 1 invalid prop\\n  nodes: got nothing, expected an object.");`);
    expect(code).toBe(1);
    expect(stderr).toContain("Error: oslo: 1 invalid prop\n  nodes: got nothing, expected an object.\n");
    expect(stderr).toContain("main.js:");
    expect(stderr).not.toContain("node:internal");
    expect(stderr).toMatch(/meshground: the program failed with exit code 1: .*main\.js"\n$/);
  });

  test("is called wrongly where nothing names a program", async () => {
    expect(await meshground(["synth", "--app", " "])).toMatchObject({ code: 2, stderr: expect.stringContaining("names no program") });
  });

  test("does not take it for well that nothing was written", async () => {
    const folder = temporaryFolder("synth");
    expect(await synth(folder, "")).toMatchObject({ code: 2, stderr: expect.stringContaining("wrote nothing into") });
    expect(existsSync(join(folder, "manifests"))).toBe(false);
  });

  test("obeys nothing that the program prints", async () => {
    const folder = temporaryFolder("synth");
    const { stdout } = await synth(folder, `${writes} console.log("\\u001b[2J\\tx");`);
    expect(stdout).toContain("\\x1b[2J  x\n");
  });
});
