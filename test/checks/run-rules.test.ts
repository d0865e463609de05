import { describe, expect, test } from "vitest";
import { meshObject } from "../../lib/checks/mesh-object";
import { ObjectGraph } from "../../lib/checks/object-graph";
import type { Rule } from "../../lib/checks/rule";
import { suppressionWithoutReason } from "../../lib/checks/rules/general/mg0003-suppression-without-reason";
import { runRules } from "../../lib/checks/run-rules";
import { findingsIn, graphOf, inShort } from "./checked";

const named: Rule = {
  code: "SHOP001",
  title: "a Service",
  severity: "warning",
  consequence: "None.",
  fix: "None.",
  example: { bad: "", good: "" },
  *check(graph) {
    for (const object of graph.of("Service")) yield { object, field: "metadata.name", message: `is called ${object.name}.` };
  },
};
const service = (name: string, annotations: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop", annotations } });
const broken: Rule = {
  ...named,
  code: "SHOP002",
  *check(graph) {
    const [object] = graph.of("Service");
    if (object !== undefined) yield { object, message: "found before the fall." };
    throw new Error("no such thing");
  },
};

describe("a run", () => {
  test("says of each finding which object, field, page and way out it has", () => {
    expect(findingsIn(service("pricing"), [named])).toEqual([
      {
        code: "SHOP001",
        severity: "warning",
        path: "Service shop/pricing",
        resource: { apiVersion: "v1", kind: "Service", namespace: "shop", name: "pricing" },
        field: "metadata.name",
        message: "is called pricing.",
        fix: "None.",
        link: "docs/rules/SHOP001.md",
      },
    ]);
  });

  test("names the construct, or the place in the file, that an object comes from", () => {
    const { surroundings } = graphOf("");
    const data = JSON.parse(service("pricing"));
    const fromTree = meshObject(data, { path: "shop/pricing/Resource" });
    const fromFile = meshObject(data, { file: "shop.yaml", position: (field) => ({ line: field.length, column: 1 }) });
    const graph = new ObjectGraph(
      [fromTree, fromFile].filter((object) => object !== undefined),
      surroundings,
    );
    const places = runRules(graph, [named]).map(({ path, file, line, column }) => ({ path, file, line, column }));
    expect(places).toEqual([
      { path: "shop/pricing/Resource", file: undefined, line: undefined, column: undefined },
      { path: "Service shop/pricing", file: "shop.yaml", line: 13, column: 1 },
    ]);
  });

  test("gives findings in the order of the objects, then of the rules", () => {
    const second: Rule = { ...named, code: "SHOP003" };
    const yaml = [service("b"), service("a")].join("\n---\n");
    expect(inShort(findingsIn(yaml, [named, second]))).toEqual([
      "SHOP001 Service shop/b metadata.name",
      "SHOP003 Service shop/b metadata.name",
      "SHOP001 Service shop/a metadata.name",
      "SHOP003 Service shop/a metadata.name",
    ]);
  });

  test("leaves out rules that are not true of the release", () => {
    const old: Rule = { ...named, versions: { istioFrom: "1.18", istioBefore: "1.20" } };
    const codes = (istio: string): readonly string[] => findingsIn(service("a"), [old], { istio }).map(({ code }) => code);
    expect([codes("1.17"), codes("1.19"), codes("1.20")]).toEqual([[], ["SHOP001"], []]);
    const young: Rule = { ...named, versions: { kubernetesFrom: 30, kubernetesBefore: 31 } };
    const on = (kubernetes: string): number => findingsIn(service("a"), [young], { kubernetes }).length;
    expect([on("1.29"), on("1.30"), on("1.31")]).toEqual([0, 1, 0]);
  });

  test("goes on when a rule fails, keeps what it found, and says what is not known", () => {
    const found = findingsIn(service("a"), [broken, named]);
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["warning SHOP002", "error MG0001", "warning SHOP001"]);
    expect(found[1]?.message).toBe("the rule SHOP002 failed: no such thing. What it would have found is not known.");
  });
});

describe("a suppression", () => {
  const accepted = { "suppress.meshground.io/SHOP001": "known" };

  test("on the object keeps the finding, with its reason", () => {
    expect(findingsIn(service("a", accepted), [named]).map(({ suppressed }) => suppressed)).toEqual(["known"]);
  });

  test("holds for its object and its code only", () => {
    const yaml = [service("a", accepted), service("b")].join("\n---\n");
    const found = findingsIn(yaml, [named, { ...named, code: "SHOP003" }]);
    expect(found.map(({ code, resource, suppressed }) => [code, resource?.name, suppressed])).toEqual([
      ["SHOP001", "a", "known"],
      ["SHOP003", "a", undefined],
      ["SHOP001", "b", undefined],
      ["SHOP003", "b", undefined],
    ]);
  });

  test("of a code for the whole run gives its reason to each finding", () => {
    expect(runRules(graphOf(service("a")), [named], { SHOP001: "later" })[0]?.suppressed).toBe("later");
  });

  test("without a reason does not count, and is told of", () => {
    const yaml = service("a", { "suppress.meshground.io/SHOP001": " " });
    expect(findingsIn(yaml, [named, suppressionWithoutReason]).map(({ code, suppressed }) => [code, suppressed])).toEqual([
      ["SHOP001", undefined],
      ["MG0003", undefined],
    ]);
  });

  test("of Istio's own form needs the reason beside it", () => {
    const own = { "galley.istio.io/analyze-suppress": "IST0102, IST0118" };
    const codes = (annotations: Readonly<Record<string, string>>): number =>
      findingsIn(service("a", annotations), [suppressionWithoutReason]).length;
    expect(codes(own)).toBe(1);
    expect(codes({ ...own, "suppress.meshground.io/IST0102": "x", "suppress.meshground.io/IST0118": "y" })).toBe(0);
  });

  test("of what is not there is told of, where the rule has run", () => {
    const silent: Rule = { ...named, check: () => [] };
    expect(findingsIn(service("a", accepted), [silent]).map(({ code }) => code)).toEqual(["MG0002"]);
    expect(findingsIn(service("a", accepted), [suppressionWithoutReason])).toEqual([]);
  });
});
