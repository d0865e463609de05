import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiObject, App, Chart, Lazy } from "cdk8s";
import { describe, expect, test } from "vitest";
import type { Rule } from "../../lib/checks/rule";
import { addFinding, recordAccepted, suppress } from "../../lib/core/finding";
import { useReleases } from "../../lib/istio/release";
import { type ChecksProps, checkApp } from "../../lib/synth/check-tree";
import { MeshApp } from "../../lib/synth/mesh-app";

/** Finds every ConfigMap, at the severity that its data names. */
const found: Rule = {
  code: "SHOP001",
  title: "a ConfigMap",
  severity: "note",
  consequence: "None.",
  fix: "Remove it.",
  example: { bad: "", good: "" },
  *check(graph) {
    for (const object of graph.of("ConfigMap")) {
      const { severity } = object.data.data as { severity: "error" | "warning" | "note" };
      yield { object, field: "data", message: `is ${object.name}.`, severity };
    }
  },
};
const appOf = (severities: Readonly<Record<string, unknown>>, checks: ChecksProps = {}): MeshApp => {
  const outdir = join(mkdtempSync(join(tmpdir(), "meshground-")), "manifests");
  const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", outdir, checks: { rules: [found], ...checks } });
  const chart = new Chart(app, "shop", { namespace: "shop" });
  for (const [name, severity] of Object.entries(severities)) {
    new ApiObject(chart, name, { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { severity } });
  }
  return app;
};
const messageOf = (run: () => unknown): string => {
  try {
    run();
    return "nothing thrown";
  } catch (error) {
    return (error as Error).message;
  }
};
const construct = (app: App, name: string): Chart => (app.node.findChild("shop") as Chart).node.findChild(name) as Chart;

describe("an error", () => {
  test("stops the synth before a file is written, and says where, what and how to go on", () => {
    const app = appOf({ a: "error", b: "warning", c: "error" });
    expect(messageOf(() => app.synth())).toMatchInlineSnapshot(`
      "MeshApp: 2 findings stop the synth
        error SHOP001 shop/a data (ConfigMap shop/a)
          is a.
          Remove it.
        error SHOP001 shop/c data (ConfigMap shop/c)
          is c.
          Remove it.
      To accept one on a construct: suppress(construct, "CODE", "why")."
    `);
    expect(readdirSync(join(app.outdir, ".."))).toEqual([]);
  });

  test("stops synthYaml too", () => {
    expect(messageOf(() => appOf({ a: "error" }).synthYaml())).toContain("error SHOP001 shop/a");
  });

  test("that a construct around it accepts is reported with the reason", () => {
    const app = appOf({ a: "error" });
    suppress(app.node.findChild("shop") as Chart, "SHOP001", "by design");
    expect(app.synth().findings.map(({ code, path, suppressed }) => [code, path, suppressed])).toEqual([
      ["SHOP001", "shop/a", "by design"],
    ]);
  });

  test("that the whole app ignores is reported with the reason", () => {
    const { findings } = appOf({ a: "error" }, { ignore: { SHOP001: "later" } }).synth();
    expect(findings.map(({ suppressed }) => suppressed)).toEqual(["later"]);
  });
});

describe("a warning", () => {
  test("is reported, and stops nothing", () => {
    const report = appOf({ a: "warning" }).synth();
    expect(`${report}`).toContain("warning SHOP001 shop/a");
  });

  test("stops the synth under strict", () => {
    expect(messageOf(() => appOf({ a: "warning", b: "note" }, { strict: true }).synth())).toContain("1 finding stops the synth");
  });
});

describe("what a construct says of itself", () => {
  test("gives way to what a rule says of the same code, at or below the construct", () => {
    const app = appOf({ a: "warning" });
    const own = { code: "SHOP001", severity: "warning", message: "own words.", fix: "" } as const;
    addFinding(app.node.findChild("shop") as Chart, own);
    addFinding(app, { ...own, code: "SHOP002" });
    expect(app.synth().findings.map(({ code, message }) => [code, message])).toEqual([
      ["SHOP002", "own words."],
      ["SHOP001", "is a."],
    ]);
  });

  test("accepts what rules find there, when it was accepted in the construct's props", () => {
    const app = appOf({ a: "error" });
    recordAccepted(construct(app, "a"), [{ code: "SHOP001", prop: "data", message: "own words.", fix: "" }], { SHOP001: "known" });
    expect(app.synth().findings.map(({ message, suppressed }) => [message, suppressed])).toEqual([["is a.", "known"]]);
  });
});

test("a suppression of nothing is told of", () => {
  const app = appOf({ a: "note" });
  suppress(construct(app, "a"), "SHOP009", "once upon a time");
  expect(app.synth().findings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    "SHOP001 is a.",
    "MG0002 accepts SHOP009 (once upon a time), and nothing of this code is found here.",
  ]);
});

test("rules see what is made at synth", () => {
  const app = appOf({ a: Lazy.any({ produce: () => "warning" }) });
  expect(app.synth().findings.map(({ severity }) => severity)).toEqual(["warning"]);
});

test("props of the checks are refused with every problem at once", () => {
  const wrong = { externals: ["legacy"], ignore: { SHOP001: " " }, today: "soon", rules: [{}] } as unknown as ChecksProps;
  expect(messageOf(() => appOf({}, wrong))).toMatchInlineSnapshot(`
    "MeshApp: 4 invalid props
      checks.externals[0]: got "legacy", expected a kind and a name, such as "Service shop/legacy", "Gateway istio-system/*" or "Host api.example.no".
      checks.ignore.SHOP001: got " ", expected a reason, as text.
      checks.rules[0]: got {}, expected a rule: its code, its texts and a check.
      checks.today: got "soon", expected a day such as "2026-11-27"."
  `);
});

test("an app of cdk8s's own is checked on demand, and nothing is thrown", () => {
  const app = new App({ outdir: "unused" });
  useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
  const chart = new Chart(app, "shop");
  new ApiObject(chart, "a", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { severity: "error" } });
  expect(checkApp(app, { rules: [found] }).map(({ code, severity }) => `${severity} ${code}`)).toEqual(["error SHOP001"]);
});
