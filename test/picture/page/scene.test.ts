import { describe, expect, test } from "vitest";
import { layered } from "../../../lib/picture/page/layered";
import { layoutOf } from "../../../lib/picture/page/layout";
import { modelOf } from "../../../lib/picture/page/model";
import { sceneOf } from "../../../lib/picture/page/scene";
import { noFilter, searched, shown } from "../../../lib/picture/page/selection";
import { firstState, fragmentOf, readFragment, selecting } from "../../../lib/picture/page/state";
import { namespaceYaml, pictured, serviceYaml } from "../pictured";

const calls = `---
apiVersion: meshground.io/v1
kind: CallGraph
metadata: { name: calls }
spec:
  calls:
    - { from: { namespace: shop, name: checkout }, to: { namespace: shop, name: pricing } }
    - { from: { namespace: shop, name: checkout }, to: { namespace: bank, name: ledger } }
    - { from: { namespace: shop, name: pricing }, to: { namespace: bank, name: ledger } }
`;
const yaml = [
  namespaceYaml("shop"),
  namespaceYaml("bank"),
  serviceYaml("shop", "checkout"),
  serviceYaml("shop", "pricing").replace("name: http, port", "name: Wrong_, port"),
  serviceYaml("bank", "ledger"),
  calls,
].join("");
const model = modelOf(pictured(yaml));
const everything = shown(model, noFilter);

describe("a scene", () => {
  test("has one line for all calls between two closed namespaces", () => {
    const { top, links } = sceneOf(model, everything, new Set());
    expect(top.map(({ thing }) => thing.id)).toEqual(["namespace:bank", "namespace:shop"]);
    expect(links.map(({ from, to, edges }) => [from, to, edges.length])).toEqual([["namespace:shop", "namespace:bank", 2]]);
  });

  test("has the services of an open namespace, and their own lines", () => {
    const { top, links } = sceneOf(model, everything, new Set(["namespace:shop"]));
    expect(top.find(({ thing }) => thing.id === "namespace:shop")?.inner.map(({ thing }) => thing.name)).toEqual(["checkout", "pricing"]);
    expect(links).toHaveLength(3);
  });

  test("is laid out with every service inside its namespace, and every line from box to box", () => {
    const { boxes, ways } = layoutOf(sceneOf(model, everything, new Set(["namespace:shop", "namespace:bank"])), () => "");
    const [outer, inner] = [boxes.get("namespace:shop"), boxes.get("service:shop/pricing")];
    if (outer === undefined || inner === undefined) throw new Error("a box is missing");
    expect(inner.x).toBeGreaterThan(outer.x);
    expect(inner.x + inner.width).toBeLessThan(outer.x + outer.width);
    expect(inner.y + inner.height).toBeLessThan(outer.y + outer.height);
    for (const { points } of ways) expect(points.length).toBeGreaterThan(1);
  });

  test("puts what nothing leads to in rows that do not overlap", () => {
    const sizes = new Map(Array.from({ length: 30 }, (_, index) => [`b${index}`, { width: 100, height: 40 }] as const));
    const { boxes } = layered({ sizes, pairs: [], gap: { width: 20, height: 10 } });
    const places = [...boxes.values()];
    const overlap = places.some((a, i) => places.some((b, j) => i < j && Math.abs(a.x - b.x) < 100 && Math.abs(a.y - b.y) < 40));
    expect([places.length, overlap]).toEqual([30, false]);
  });
});

describe("a search", () => {
  test("finds by name and namespace, in whatever order", () => {
    expect(searched(model, "pricing shop").map(({ id }) => id)).toEqual(["service:shop/pricing"]);
  });

  test("finds by the code of a finding", () => {
    const found = model.topology.findings.find(({ at }) => at?.startsWith("service:"));
    expect(found).toBeDefined();
    expect(searched(model, found?.code.toLowerCase() ?? "").map(({ id }) => id)).toContain(found?.at);
  });

  test("of nothing finds nothing", () => {
    expect(searched(model, "  ")).toEqual([]);
  });
});

describe("a filter", () => {
  test("leaves one namespace", () => {
    expect([...shown(model, { ...noFilter, namespace: "bank" })].sort()).toEqual(["namespace:bank", "service:bank/ledger"]);
  });

  test("leaves out a kind", () => {
    expect(shown(model, { ...noFilter, hidden: new Set(["service"]) }).has("service:shop/pricing")).toBe(false);
  });

  test("leaves what has a mode of mTLS", () => {
    expect(shown(model, { ...noFilter, stages: new Set(["STRICT"]) }).size).toBe(0);
  });
});

describe("an address", () => {
  test.each(["#service:shop/pricing", "#findings", "#nodes/namespace:shop", ""])("leads back to what was looked at: %s", (fragment) => {
    expect(fragmentOf(readFragment(model, firstState(model), fragment))).toBe(fragment);
  });

  test.each(["#service:shop/none", "#%", "#<script>"])("that says nothing leads to the drawing: %s", (fragment) => {
    expect(readFragment(model, firstState(model), fragment)).toMatchObject({ view: "drawing", selected: "" });
  });

  test("of a service opens its namespace", () => {
    const closed = { ...firstState(model), open: new Set<string>() };
    expect([...selecting(model, closed, "service:shop/pricing").open]).toEqual(["namespace:shop"]);
  });
});
