import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { filesBelow } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { meshground, type Outcome } from "./meshground";
import { program } from "./programs";

const folder = temporaryFolder("upgrade");

/** Writes what a MeshApp of Istio 1.29 on Kubernetes 1.35 would. */
const meshApp = `const istio = env.MESHGROUND_ISTIO ?? "1.29.2";
const kubernetes = env.MESHGROUND_KUBERNETES ?? "1.35";
const out = env.MESHGROUND_TRIAL;
write(join(out, "manifests/a.yaml"), JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { istio } }));
write(join(out, "artefacts/report/findings.json"), JSON.stringify({ istio, kubernetes, findings: [] }));`;

function upgrade(lines: string, ...args: readonly string[]): Promise<Outcome> {
  return meshground(["diff", "--app", program(folder, "main", lines), ...args]);
}

describe("meshground diff --istio", () => {
  test("shows what differs, and what the catalogue says of the way there", async () => {
    const { code, stdout, stderr } = await upgrade(meshApp, "--istio", "1.31.0");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "From Istio 1.29.2 on Kubernetes 1.35 to Istio 1.31.0 on Kubernetes 1.35, by MESHGROUND_ISTIO and MESHGROUND_KUBERNETES. Nothing was written here.
        - 2 minors ahead: a running control plane goes one at a time, to 1.30, then 1.31, and its pods are started anew after each. Pods get the new proxy when they start next; istiod may be one minor ahead of them, never behind.
        - Istio 1.29 has not been supported since about 2026-08-31. Newest patch known: 1.29.6.
        - Istio 1.31: no end of life is published. Newest patch known: 1.31.4.
        - The charts take base.validationFailurePolicy: no lasting difference in GitOps.
        - Images come from registry.istio.io/release, no longer from docker.io/istio: let mirrors and firewalls know.

      changed ConfigMap a
          ~ data.istio: 1.29.2 -> 1.31.0

      1 object differs: 1 changed.
      "
    `);
  });

  test("takes another Kubernetes as well, and gives all of it as data", async () => {
    const { stdout } = await upgrade(meshApp, "--istio", "1.30", "--kubernetes", "1.36", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      from: { istio: "1.29.2", kubernetes: "1.35" },
      to: { istio: "1.30", kubernetes: "1.36" },
      notes: expect.arrayContaining([expect.stringContaining("One minor ahead: 1.29 to 1.30.")]),
      same: false,
    });
  });

  test("leaves nothing behind, and changes nothing of the user's", async () => {
    const before = filesBelow(folder);
    // A folder of its own: other tests make trials at the same time.
    vi.stubEnv("TMPDIR", temporaryFolder("trials"));
    await upgrade(meshApp, "--istio", "1.31.0");
    expect(filesBelow(folder)).toEqual(before);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("meshground-trial-"))).toEqual([]);
    vi.unstubAllEnvs();
  });

  test("shows why the program fails for the other release", async () => {
    const { code, stdout, stderr } = await upgrade(
      `if (env.MESHGROUND_ISTIO) throw new Error("no 1.31 here"); ${meshApp}`,
      "--istio",
      "1.31.0",
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Error: no 1.31 here\n");
    expect(stderr).toContain("meshground: the program failed with exit code 1, run for Istio 1.31.0: ");
  });

  test("says so when the program keeps its own releases", async () => {
    const deaf = meshApp.replaceAll("env.MESHGROUND_ISTIO ??", "");
    expect(await upgrade(deaf, "--istio", "1.31.0")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("does not read MESHGROUND_ISTIO"),
    });
  });

  test("says so when the program writes where it likes", async () => {
    expect(await upgrade("", "--istio", "1.31.0")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("wrote nothing where CDK8S_OUTDIR"),
    });
  });

  test("is called wrongly with a release that is none, or with outputs beside it", async () => {
    expect(await upgrade(meshApp, "--istio", "1.3x")).toMatchObject({ code: 2, stderr: expect.stringContaining('--istio: got "1.3x"') });
    expect(await upgrade(meshApp, "--istio", "1.31", join(folder, "a"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not both"),
    });
  });
});
