import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary";
import { type Built, buildCommand } from "./built";
import { meshground, type Outcome } from "./meshground";

const root = resolve(__dirname, "../..");
const folder = temporaryFolder("check");

const ports = `apiVersion: v1
kind: Service
metadata: { name: pricing, namespace: shop }
spec:
  ports:
    - { name: http, port: 8080 }
    - { name: http-metrics, port: 9090 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts: [pricing]
  http:
    - route:
        - destination: { host: pricing }
`;
const sound = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\n";
const warned = `apiVersion: networking.istio.io/v1\nkind: VirtualServices\nmetadata: { name: a, namespace: shop }\n`;

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const [bad, good, warning] = [file("bad.yaml", ports), file("good.yaml", sound), file("warning.yaml", warned)];
const broken = file("broken.yaml", `${sound}---\na: [\n`);
const codes = ({ stdout }: Outcome): readonly string[] => (JSON.parse(stdout).findings as { code: string }[]).map(({ code }) => code);

describe("the exit code", () => {
  test("is 0 without an error, whatever else was found", async () => {
    expect(await meshground(["check", good])).toMatchObject({ code: 0, stderr: "" });
    expect((await meshground(["check", warning])).code).toBe(0);
  });

  test("is 1 with an error, and with a warning under --strict", async () => {
    expect((await meshground(["check", bad])).code).toBe(1);
    expect((await meshground(["check", "--strict", warning])).code).toBe(1);
  });

  test("is 0 when what was found is accepted", async () => {
    expect((await meshground(["check", bad, "--ignore", "IST0112=port 8080 is meant"])).code).toBe(0);
  });

  test("is 2 when something cannot be read, which is named; all else is checked", async () => {
    const missing = join(folder, "missing.yaml");
    const outcome = await meshground(["check", "--format", "json", missing, broken, bad]);
    expect(outcome).toMatchObject({ code: 2, stderr: `meshground: cannot read ${missing}: there is no such file.\n` });
    expect(codes(outcome)).toEqual(expect.arrayContaining(["MG0010", "IST0112"]));
  });

  test.each([
    ["nothing to check", [], "there is nothing to check"],
    ["an unknown option", ["x.yaml", "--istoi", "1.30"], "unknown option '--istoi'"],
    ["an unknown format", ["x.yaml", "--format", "xml"], "Allowed choices are text, json, sarif, github"],
    ["an unknown Istio", ["x.yaml", "--istio", "1.5"], '--istio: got "1.5", expected a release from 1.17'],
    ["an unknown Kubernetes", ["x.yaml", "--kubernetes", "v1"], '--kubernetes: got "v1"'],
    ["an unknown code", ["x.yaml", "--ignore", "IST112=why"], '--ignore: no rule has the code "IST112".'],
    ["a code without a reason", ["x.yaml", "--ignore", "IST0112= "], "--ignore: IST0112 needs a reason"],
    ["an external that is none", ["x.yaml", "--external", "legacy"], '--external: got "legacy"'],
    ["a country that is none", ["x.yaml", "--residency", "NO,UK"], 'Did you mean "GB"?'],
    ["a day that is none", ["x.yaml", "--today", "2026-02-30"], '--today: got "2026-02-30"'],
    ["a MeshConfig that is not there", ["x.yaml", "--mesh-config", "none.yaml"], "--mesh-config none.yaml: there is no such file."],
    ["a MeshConfig that is none", [good, "--mesh-config", good], "it is no MeshConfig"],
    ["rules that are not there", ["x.yaml", "--rules", "none.mjs"], "--rules none.mjs: it cannot be loaded"],
    ["a report that cannot be written", [good, "--output", join(folder, "none/report.txt")], "--output"],
  ])("is 2 after %s, with what is wrong", async (_what, args, message) => {
    const outcome = await meshground(["check", ...args]);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test("is 2 for two forms of a report at once", async () => {
    const stderr = expect.stringContaining("option '--json' cannot be used with option '-f, --format <format>'");
    expect(await meshground(["check", good, "--json", "--format", "text"])).toMatchObject({ code: 2, stderr });
  });

  test("is 2 after several mistakes, all of them named", async () => {
    const { stderr } = await meshground(["check", "x.yaml", "--istio", "1.5", "--today", "soon", "--ignore", "X=y"]);
    expect(stderr.trim().split("\n")).toHaveLength(3);
  });

  test("is 0 after help, and after the version", async () => {
    expect(await meshground(["check", "--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit codes:") });
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(await meshground(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test("is 2 without a command, with the commands that there are", async () => {
    expect(await meshground([])).toMatchObject({ code: 2, stderr: expect.stringContaining("check") });
  });
});

test("--json is short for --format json", async () => {
  expect(await meshground(["check", bad, "--json"])).toEqual(await meshground(["check", bad, "--format", "json"]));
});

describe("what is read", () => {
  const tree = join(folder, "tree");
  beforeAll(() => {
    for (const name of ["a.yaml", "b/c.yml", "b/d.json", ".git/e.yaml", "node_modules/f.yaml", "g.txt"]) {
      const object = {
        apiVersion: "networking.istio.io/v1",
        kind: "Nothing",
        metadata: { name: name.replace(/\W/g, "-"), namespace: "shop" },
      };
      file(`tree/${name}`, JSON.stringify(object));
    }
    symlinkSync("..", join(tree, "b/up"));
    symlinkSync("nowhere", join(tree, "b/gone"));
    symlinkSync("../a.yaml", join(tree, "b/same.yaml"));
  });
  const names = ({ stdout }: Outcome): readonly string[] =>
    (JSON.parse(stdout).findings as { code: string; resource: { name: string } }[])
      .filter(({ code }) => code === "MG0012")
      .map(({ resource }) => resource.name);

  test("are all YAML and JSON files below a folder, each once, in the order of their names", async () => {
    const outcome = await meshground(["check", "--format", "json", tree, join(tree, "a.yaml")]);
    expect({ names: names(outcome), stderr: outcome.stderr }).toEqual({ names: ["a-yaml", "b-c-yml", "b-d-json"], stderr: "" });
  });

  test("is a file that is named, whatever its name", async () => {
    expect(names(await meshground(["check", "--format", "json", join(tree, "g.txt"), join(tree, ".git")]))).toEqual([
      "g-txt",
      "-git-e-yaml",
    ]);
  });

  test("is standard input for -, and where nothing is named and something is piped in", async () => {
    const piped = { stdin: async () => Buffer.from(ports), stdinIsTerminal: false };
    for (const args of [["-"], []]) {
      const outcome = await meshground(["check", "--format", "github", ...args], piped);
      expect(outcome).toMatchObject({ code: 1, stdout: expect.stringContaining("::error file=<stdin>,line=18") });
    }
    expect((await meshground(["check", good], piped)).code).toBe(0);
  });

  test("is not an empty folder, nor an empty standard input: a check of nothing would always pass", async () => {
    mkdirSync(join(folder, "empty"));
    expect(await meshground(["check", join(folder, "empty")])).toMatchObject({ code: 2, stderr: expect.stringContaining("no *.yaml") });
    expect((await meshground(["check"], { stdinIsTerminal: false })).code).toBe(2);
  });

  test.skipIf(process.getuid?.() === 0)("is not what must not be read, which is named", async () => {
    const secret = file("secret.yaml", sound);
    chmodSync(secret, 0);
    expect(await meshground(["check", secret, good])).toMatchObject({ code: 2, stderr: expect.stringContaining("not permitted") });
  });
});

describe("what surrounds the objects", () => {
  const proxied = file(
    "proxied.yaml",
    `${sound}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"\n`,
  );
  const own = file(
    "own.mjs",
    `export const meshKnown = {
  code: "OWN001", title: "t", severity: "error", consequence: "c", fix: "f",
  *check(graph) {
    const { meshConfig, releases, today, residency, externals } = graph.surroundings;
    yield { object: graph.objects[0], message: JSON.stringify({ meshConfig, istio: releases.istio.text, kubernetes: releases.kubernetes.text, today, residency, externals }) };
  },
};`,
  );
  const around = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await meshground(["check", "--format", "json", "--rules", own, ...args]);
    const finding = (JSON.parse(stdout).findings as { code: string; message: string }[]).find(({ code }) => code === "OWN001");
    return JSON.parse(finding?.message ?? "{}");
  };

  test("is the newest pair of releases, and today, unless something else is said", async () => {
    const { istio, kubernetes, today, meshConfig } = await around(good);
    expect([istio, kubernetes, today, meshConfig]).toEqual(["1.31", "1.36", new Date().toISOString().slice(0, 10), undefined]);
  });

  test("is what was said", async () => {
    const said = ["--istio", "1.20", "--today", "2026-01-02", "--residency", "NO,SE", "--external", "Service shop/legacy"];
    expect(await around(good, ...said)).toEqual({
      istio: "1.20",
      kubernetes: "1.29",
      today: "2026-01-02",
      residency: ["NO", "SE"],
      externals: ["Service shop/legacy"],
    });
    expect(await around(good, "--kubernetes", "1.29")).toMatchObject({ istio: "1.27", kubernetes: "1.29" });
    expect(await around(good, "--istio", "1.20", "--kubernetes", "1.36")).toMatchObject({ istio: "1.20", kubernetes: "1.36" });
  });

  test("is the MeshConfig of a file, else that of the objects", async () => {
    const mesh = file("mesh.yaml", "trustDomain: example.no\n");
    expect((await around(proxied)).meshConfig).toEqual({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
    expect((await around(proxied, "--mesh-config", mesh)).meshConfig).toEqual({ trustDomain: "example.no" });
    expect((await around(good, "--mesh-config", proxied)).meshConfig).toEqual({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
  });

  test("are rules of one's own, whose code may be accepted as any other", async () => {
    expect(await meshground(["check", good, "--rules", own])).toMatchObject({ code: 1, stdout: expect.stringContaining("OWN001") });
    expect((await meshground(["check", good, "--rules", own, "--ignore", "OWN001=seen"])).code).toBe(0);
  });

  test.each([
    ["none", "export const a = 1;", "it exports no rule"],
    ["one without a code", "export const a = { check() {} };", "a rule needs a code"],
    ["one without texts", 'export const a = { code: "OWN002", severity: "note", check() {} };', "OWN002: title has to be text"],
    [
      "one of a code that is taken",
      'export const a = { code: "IST0112", severity: "note", title: "", consequence: "", fix: "", check() {} };',
      "two rules",
    ],
  ])("are no rules where a module exports %s", async (what, code, message) => {
    const module = file(`${what}.mjs`, code);
    expect(await meshground(["check", good, "--rules", module])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe("the report", () => {
  test("goes to a file where one is named, and a line to standard output", async () => {
    const output = join(folder, "report.sarif");
    const outcome = await meshground(["check", "--format", "sarif", "--output", output, bad]);
    expect(outcome).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\d+ errors?.*\. 2 objects in 1 file, for Istio 1\.31 on Kubernetes 1\.36\. The report is in /),
    });
    expect(JSON.parse(readFileSync(output, "utf8"))).toMatchObject({ version: "2.1.0" });
  });

  test("shows what was accepted, with the reason", async () => {
    const { stdout } = await meshground(["check", bad, "--ignore", "IST0112=port 8080 is meant"]);
    expect(stdout).toContain("accepted IST0112 VirtualService shop/pricing");
    expect(stdout).toContain("accepted: port 8080 is meant");
  });

  test("says what was checked, for which releases", async () => {
    expect((await meshground(["check", good])).stdout).toMatch(/1 object in 1 file, for Istio 1\.31 on Kubernetes 1\.36\.\n$/);
  });

  test("shows nothing to a terminal that it would obey, whatever names hold", async () => {
    const hostile = file("hostile.yaml", 'apiVersion: networking.istio.io/v1\nkind: "X\\e[2J"\nmetadata: { name: "a\\nb" }\n');
    const { stdout } = await meshground(["check", hostile, join(folder, "\u001b[31m.yaml")]);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("X\\x1b[2J a\\x0ab");
  });
});

describe("the documentation", () => {
  const shown = readFileSync(join(root, "docs/check.md"), "utf8");
  const fences = [...shown.matchAll(/^```(yaml|text)\n(.*?)^```$/gms)].map(([, , text]) => text ?? "");

  test("shows a report as it is printed", async () => {
    const [yaml = "", report = ""] = fences;
    const outcome = await meshground(["check", file("shop.yaml", yaml)]);
    expect(outcome.stdout.replaceAll(`${folder}/`, "")).toBe(report);
  });

  test("is that of the command as well", async () => {
    const { stdout: help } = await meshground(["check", "--help"]);
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)]
      .flatMap(([, option]) => option ?? [])
      .filter((option) => option !== "--help");
    expect(options.length).toBeGreaterThan(10);
    for (const option of options) expect(shown).toContain(`\`${option}`);
  });

  test("of a rule is printed by its code", async () => {
    expect(await meshground(["explain", "IST0112"])).toMatchObject({
      code: 0,
      stdout: readFileSync(join(root, "docs/rules/IST0112.md"), "utf8"),
    });
    expect(await meshground(["explain", "MG0010"])).toMatchObject({ code: 0, stdout: expect.stringContaining("# MG0010") });
    expect(await meshground(["explain", "IST112"])).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean") });
  });
});

describe("the program", () => {
  const place = join(root, "build", `cli-${process.pid}`);
  let built: Built;
  beforeAll(() => {
    built = buildCommand(place);
  }, 60_000);
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  const program = (args: readonly string[], input?: string): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [built.main, ...args], { encoding: "utf8", input: input ?? "" });

  test("loads neither cdk8s nor Pulumi", () => {
    expect(built.packages).toEqual(["commander", "yaml"]);
  });

  test("checks what is piped in, and tells by its exit code", () => {
    expect(program(["check", "--format", "json", "-"], ports)).toMatchObject({ status: 1, stderr: "" });
    expect(program(["check"], sound)).toMatchObject({ status: 0, stderr: "" });
    expect(program(["check", "none.yaml"])).toMatchObject({ status: 2 });
  });

  test.skipIf(spawnSync("bash", ["-c", "true < <(true)"]).status !== 0)("reads a pipe that a shell gives a name", () => {
    const { status } = spawnSync("bash", ["-c", `"$0" "$1" check <(cat "$2")`, process.execPath, built.main, bad], { encoding: "utf8" });
    expect(status).toBe(1);
  });

  test("ends quietly when whoever reads has seen enough", async () => {
    const many = file("many.yaml", `${warned}---\n`.repeat(3000));
    const child = spawn(process.execPath, [built.main, "check", many], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => {
      stderr += data.toString();
    });
    child.stdout.once("data", () => child.stdout.destroy());
    await new Promise((done) => child.once("close", done));
    expect(stderr).toBe("");
  });

  test("is the package's command, and that of a checkout", () => {
    const { bin, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(bin.meshground).toBe("dist/cli/main.js");
    expect(existsSync(join(root, scripts.meshground.replace(/^node /, "")))).toBe(true);
    expect(readFileSync(built.main, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
