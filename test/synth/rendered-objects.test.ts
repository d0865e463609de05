import { ApiObject, App, Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import { renderedObjects } from "../../lib/synth/rendered-objects";
import { oslo } from "../pulumi/trees";
import { documentsOf, type Manifest } from "../support/examples";

const configMap = (chart: Chart, id: string): ApiObject =>
  new ApiObject(chart, id, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: id, namespace: "shop" } });

function withoutWaves({ metadata: { annotations = {}, ...metadata }, ...object }: Manifest): object {
  const kept = Object.entries(annotations as object).filter(([name]) => !name.startsWith("argocd.argoproj.io/"));
  return { ...object, metadata: { ...metadata, ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }) } };
}

describe("the objects of an app as data", () => {
  test("are those of its manifests, in their order, without what only Argo CD reads", () => {
    const data = renderedObjects(oslo()).map((rendered) => rendered.data);
    expect(JSON.parse(JSON.stringify(data))).toEqual(documentsOf(oslo().synthYaml()).map(withoutWaves));
  });

  test("know what somebody said they depend on, by place", () => {
    const app = new App();
    const [first, second] = [new Chart(app, "first"), new Chart(app, "second")];
    const [a, b] = [configMap(first, "a"), configMap(second, "b")];
    configMap(second, "c").node.addDependency(b);
    first.node.addDependency(second);
    const rendered = renderedObjects(app);
    const place = (id: string): number => rendered.findIndex(({ construct }) => construct.node.id === id);
    expect(rendered.map(({ construct }) => construct.node.id)).toEqual(["b", "c", "a"]);
    expect(rendered[place("a")]?.waitsFor).toEqual([place("b"), place("c")].sort());
    expect(rendered[place("c")]?.waitsFor).toEqual([place("b")]);
    expect(rendered[place("b")]?.waitsFor).toEqual([]);
    expect(a.node.id).toBe("a");
  });

  test("are refused like manifests", () => {
    const app = new App();
    const chart = new Chart(app, "chart");
    configMap(chart, "a");
    new ApiObject(chart, "again", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } });
    expect(() => renderedObjects(app)).toThrow(/ConfigMap/);
    const invalid = new App();
    new Chart(invalid, "x").node.addValidation({ validate: () => ["not today"] });
    expect(() => renderedObjects(invalid)).toThrow("not today");
  });
});
