import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Topology } from "../../lib/picture/topology";
import { namespaceYaml, serviceYaml, topologyIn } from "../picture/pictured";
import { temporaryFolder } from "../support/temporary";
import { meshground } from "./meshground";

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder("graph");
  file = join(folder, "shop.yaml");
  writeFileSync(file, namespaceYaml("shop") + serviceYaml("shop", "pricing"));
});

describe("meshground graph", () => {
  test("writes a page to standard output", async () => {
    const { code, stdout } = await meshground(["graph", file]);
    expect(code).toBe(0);
    expect(topologyIn(stdout).services.map(({ id }) => id)).toEqual(["service:shop/pricing"]);
  });

  test.each([["--json"], ["--format", "json"]])("gives the topology as data with %s", async (...options) => {
    const { stdout } = await meshground(["graph", ...options, file]);
    expect((JSON.parse(stdout) as Topology).namespaces[0]).toMatchObject({ name: "shop", injection: "sidecar" });
  });

  test("draws a flowchart of Mermaid", async () => {
    const { stdout } = await meshground(["graph", "--format", "mermaid", "-"], { stdin: async () => readFileSync(file) });
    expect(stdout).toBe('flowchart LR\n  subgraph n0["shop (PERMISSIVE)"]\n    n1["pricing"]\n  end\n');
  });

  test("writes into a file, whose folder it makes, and says so", async () => {
    const page = join(folder, "report/index.html");
    const { code, stdout } = await meshground(["graph", file, "--output", page]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^1 service in 1 namespace, 0 node pools\. .*The picture is in .*index\.html\.\n$/),
    });
    expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>/);
  });

  test("never writes over what it read", async () => {
    const before = readFileSync(file, "utf8");
    const { code, stderr } = await meshground(["graph", file, "--output", file]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("would be overwritten") });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("draws what could be read, and fails for the rest", async () => {
    const { code, stdout, stderr } = await meshground(["graph", "--json", file, join(folder, "none.yaml")]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("cannot read") });
    expect((JSON.parse(stdout) as Topology).services).toHaveLength(1);
  });

  test("shows errors that check finds, and fails for none", async () => {
    writeFileSync(
      file,
      `${serviceYaml("shop", "pricing")}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing, namespace: shop }
spec: { hosts: [pricing], http: [{ route: [{ destination: { host: nowhere } }] }] }
`,
    );
    const { code, stdout } = await meshground(["graph", "--json", file]);
    const { findings } = JSON.parse(stdout) as Topology;
    expect(code).toBe(0);
    expect(findings[0]).toMatchObject({ severity: "error", at: "service:shop/pricing" });
  });

  test("is called wrongly with a format that there is not", async () => {
    const { code } = await meshground(["graph", "--format", "png", file, "--output", join(folder, "x.png")]);
    expect([code, existsSync(join(folder, "x.png"))]).toEqual([2, false]);
  });
});
