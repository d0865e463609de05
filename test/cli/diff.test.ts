import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { JsonPatch } from "cdk8s";
import { beforeAll, describe, expect, test } from "vitest";
import { environments } from "../../examples/oslo-production/environment";
import { platform } from "../../examples/oslo-production/platform";
import { CanaryService, MeshApp, Release, type StrictMtlsNamespace } from "../../lib/index";
import { temporaryFolder } from "../support/temporary";
import { meshground } from "./meshground";

const folder = temporaryFolder("diff");

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const map = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\ndata: { value: ${value} }\n`;
const [one, two] = [file("one.yaml", map("one")), file("two.yaml", map("two"))];

describe("the exit code", () => {
  test("is 0 of what is the same, 1 of what is not", async () => {
    expect(await meshground(["diff", one, one])).toEqual({ code: 0, stdout: "No difference.\n", stderr: "" });
    expect(await meshground(["diff", one, two])).toMatchObject({ code: 1, stderr: "" });
  });

  test("is 2 when something cannot be read; nothing is compared then", async () => {
    const broken = file("broken/a.yaml", "a: 1\nb: [\n");
    expect(await meshground(["diff", one, dirname(broken)])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(`${broken}:`),
    });
    expect(await meshground(["diff", one, join(folder, "none")])).toEqual({
      code: 2,
      stdout: "",
      stderr: `meshground: cannot read ${join(folder, "none")}: there is no such file.\n`,
    });
  });

  test("is 2 when it is called wrongly", async () => {
    expect(await meshground(["diff", one])).toMatchObject({ code: 2, stderr: expect.stringContaining("name two outputs") });
    expect(await meshground(["diff", "-", "-"])).toMatchObject({
      code: 2,
      stderr: "meshground: only one of the two can be standard input.\n",
    });
  });
});

describe("standard input", () => {
  test("can be either side", async () => {
    const stdin = async (): Promise<Buffer> => Buffer.from(map("two"));
    expect((await meshground(["diff", "-", two], { stdin })).code).toBe(0);
    expect((await meshground(["diff", one, "-"], { stdin })).stdout).toContain("data.value: one -> two");
  });

  test("that is empty is a command that failed, not the loss of everything", async () => {
    expect(await meshground(["diff", one, "-"])).toMatchObject({ code: 2, stderr: "meshground: cannot read <stdin>: it is empty.\n" });
  });
});

test("--json and --format give the form that is asked for", async () => {
  expect(JSON.parse((await meshground(["diff", "--json", one, two])).stdout)).toMatchObject({
    same: false,
    objects: [{ change: "changed", fields: [{ path: "data.value", before: "one", after: "two" }] }],
  });
  expect((await meshground(["diff", "--format", "markdown", one, two])).stdout).toContain("**changed** `ConfigMap shop/a`");
});

describe("a realistic change of oslo-production", () => {
  const [before, after] = [join(folder, "before"), join(folder, "after")];
  const tree = (outdir: string, change: (shop: StrictMtlsNamespace) => void, canaryWeight: number): void => {
    const app = new MeshApp({
      istio: "1.30.3",
      kubernetes: "1.36",
      residency: ["NO"],
      outdir: join(outdir, "manifests"),
      artefacts: join(outdir, "artefacts"),
    });
    platform(app, { ...environments.production, canaryWeight });
    change(app.node.findChild("strict-secure-ns") as StrictMtlsNamespace);
    app.synth();
  };

  beforeAll(() => {
    tree(
      before,
      (shop) => {
        new CanaryService(shop, "vouchers", {
          port: 8080,
          replicas: 2,
          timeout: "1s",
          release: Release.pinned({
            stable: { name: "v1", image: "registry.example.no/vouchers:1.0.0" },
            canary: { name: "v2", image: "registry.example.no/vouchers:1.1.0", weight: 10 },
          }),
        });
      },
      5,
    );
    tree(
      after,
      (shop) => {
        const pricing = shop.node.findChild("pricing") as CanaryService;
        pricing.virtualService?.addJsonPatch(JsonPatch.replace("/spec/http/1/timeout", "200ms"));
      },
      20,
    );
  });

  test("is told as an operator has to know it: a weight, a timeout, a service that is gone", async () => {
    const { code, stdout } = await meshground(["diff", before, after]);
    expect(code).toBe(1);
    await expect(stdout).toMatchFileSnapshot("../golden/diff/oslo-production.txt");
  });

  test("in a merge request as well", async () => {
    const { stdout } = await meshground(["diff", "--format", "markdown", join(before, "manifests"), join(after, "manifests")]);
    await expect(stdout).toMatchFileSnapshot("../golden/diff/oslo-production.md");
  });
});
