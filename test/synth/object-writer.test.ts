import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { textOf } from "../../lib/core/yaml";
import { build, type Cdk8s, load, outcome, richTree, type Synth, versions } from "./trees";

afterEach(() => vi.unstubAllEnvs());

describe.each(Object.keys(versions))("%s", (version) => {
  let library: Cdk8s & Synth;
  beforeEach(async () => {
    library = await load(version);
  });

  /** Whether an object's text came from its fields: then there is no data to give back. */
  function direct(spec: unknown, change: (object: InstanceType<Cdk8s["ApiObject"]>) => void = () => undefined): boolean {
    const app = new library.App({ outdir: "unused" });
    const object = new library.ApiObject(new library.Chart(app, "shop"), "a", { apiVersion: "v1", kind: "Demo", spec });
    change(object);
    return new library.ObjectWriter(app).write(object) === undefined;
  }

  test.each(["", "1"])("ordinary objects take the short way, tokens and all; CDK8S_DISABLE_SORT=%s", async (unsorted) => {
    vi.stubEnv("CDK8S_DISABLE_SORT", unsorted);
    library = await load(version);
    const token = { resolve: () => [1] };
    expect(direct({ replicas: 1, list: [{}, null], lazy: library.Lazy.any({ produce: () => ({ a: token }) }), token })).toBe(true);
  });

  test("both ways give the same text", () => {
    fc.assert(
      fc.property(richTree, (plan) => {
        const app = build(library, plan, { outdir: "unused" });
        for (const object of app.node.findAll().filter((construct) => library.ApiObject.isApiObject(construct))) {
          const [short, long] = [true, false].map((way) =>
            outcome(() => {
              const writer = new library.ObjectWriter(app, way);
              writer.write(object);
              return textOf(writer.take());
            }),
          );
          expect(short).toEqual(long);
        }
      }),
    );
  });

  test("a whole number for a key beside the kind comes first, as JavaScript has it", () => {
    const app = new library.App({ outdir: "unused" });
    const writer = new library.ObjectWriter(app);
    writer.write(new library.ApiObject(new library.Chart(app, "shop"), "a", { apiVersion: "v1", kind: "Demo", 10: true }));
    expect(textOf(writer.take())).toMatch(/^"10": true\napiVersion: v1\n/);
  });

  test("what the short way gives up leaves no trace", () => {
    const app = new library.App({ outdir: "unused" });
    const chart = new library.Chart(app, "shop");
    const odd = Object.assign([1], { resolve: () => "resolved" });
    const writer = new library.ObjectWriter(app);
    for (const id of ["a", "b"]) {
      const object = new library.ApiObject(chart, id, { apiVersion: "v1", kind: "Demo", metadata: { name: id }, list: [1, 2, odd] });
      expect(writer.write(object)).toEqual(object.toJson());
    }
    const text = (name: string): string => `apiVersion: v1\nkind: Demo\nmetadata:\n  name: ${name}\nlist:\n  - 1\n  - 2\n  - resolved\n`;
    expect(textOf(writer.take())).toBe(`${text("a")}---\n${text("b")}`);
    expect(textOf(writer.take())).toBe("");
  });

  test("whatever is out of the ordinary takes cdk8s's own", () => {
    expect(direct({}, (object) => object.addJsonPatch(library.JsonPatch.add("/a", 1)))).toBe(false);
    expect(direct({}, (object) => Object.assign(object, { toJson: () => ({ kind: "Other" }) }))).toBe(false);
    expect(direct({}, (object) => Object.assign(object.metadata, { toJson: () => ({ name: "other" }) }))).toBe(false);
    const instance = (): boolean => direct(Object.assign(new (class Instance {})(), { a: 1 }));
    if (version === "newest cdk8s") expect(instance).toThrow("can't render non-simple object of type 'Instance'");
    else expect(instance()).toBe(false);
    expect(() => direct({ constructor: 1 })).toThrow("can't render non-simple object");
  });
});

test("a cdk8s that renders in another way than the known ones gets its own way, for every object", async () => {
  const library = await load("oldest cdk8s", (cdk8s) => {
    const { toJson } = cdk8s.ApiObject.prototype;
    cdk8s.ApiObject.prototype.toJson = function (): unknown {
      return { ...toJson.call(this), rendered: "otherwise" };
    };
    return cdk8s;
  });
  const app = new library.App({ outdir: "unused" });
  new library.ApiObject(new library.Chart(app, "shop"), "a", { apiVersion: "v1", kind: "Demo" });
  expect(library.manifestYaml(app)).toContain("rendered: otherwise\n");
});
