import { ApiObject, App, type AppProps, Chart, JsonPatch, Lazy, YamlOutputType } from "cdk8s";
import { Construct } from "constructs";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { textOf } from "../../lib/core/yaml";
import { type ManifestFile, manifestFiles, manifestYaml } from "../../lib/synth/manifest-files";
import { build, type Cdk8s, inFolder, load, outcome, richTree, type Synth, stockData, tangledTree, textsBelow, versions } from "./trees";

afterEach(() => vi.unstubAllEnvs());

const { FILE_PER_APP, FILE_PER_CHART, FILE_PER_RESOURCE, FOLDER_PER_CHART_FILE_PER_RESOURCE } = YamlOutputType;

/** Files by path, as text. */
function texts(files: readonly ManifestFile[]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ path, content }) => [path, typeof content === "string" ? content : textOf(content)]));
}

/** Files by path with their data as JSON text: that too has an order of keys. */
function asData(files: readonly ManifestFile[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(texts(files)).map(([path, text]) => [path, path.endsWith(".json") ? text : documents(text)]));
}

function documents(text: string): readonly string[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return JSON.stringify(document.toJS());
  });
}

function appWith(props: AppProps, ...charts: readonly string[]): readonly [App, ...Chart[]] {
  const app = new App({ outdir: "unused", ...props });
  return [app, ...charts.map((id) => new Chart(app, id))];
}

function object(scope: Construct | undefined, id: string, props: Partial<ConstructorParameters<typeof ApiObject>[2]> = {}): ApiObject {
  return new ApiObject(scope as Construct, id, { apiVersion: "v1", kind: "Demo", ...props });
}

const pathsOf = (app: App): readonly string[] => manifestFiles(app).map(({ path }) => path);

describe.each(Object.keys(versions))("%s", (version) => {
  let library: Cdk8s & Synth;
  beforeAll(async () => {
    library = await load(version);
  });

  const type = fc.constantFrom(FILE_PER_APP, FILE_PER_CHART, FILE_PER_RESOURCE, FOLDER_PER_CHART_FILE_PER_RESOURCE);
  function sameAsStock(plan: Parameters<typeof build>[1], yamlOutputType: number, unsorted: boolean): void {
    vi.stubEnv("CDK8S_DISABLE_SORT", unsorted ? "1" : "");
    inFolder((outdir) => {
      const props = { outdir, yamlOutputType, recordConstructMetadata: true };
      const ours = outcome(() => library.manifestFiles(build(library, plan, props)));
      const stock = outcome(() => stockData(library, build(library, plan, props)));
      if ("result" in ours && "result" in stock) expect(asData(ours.result)).toEqual(stock.result);
      else expect([ours, stock]).toEqual([{ error: expect.any(String) }, { error: expect.any(String) }]);
    });
  }

  test("the files of a tree hold what cdk8s would write", () => {
    fc.assert(fc.property(richTree, type, fc.boolean(), sameAsStock), { numRuns: 100 });
  });

  test("dependencies give cdk8s's order, or its circle", () => {
    fc.assert(fc.property(tangledTree, type, fc.constant(false), sameAsStock), { numRuns: 200 });
  });

  test("an object waits first for what the constructs further up wait for", () => {
    const nested = (): App => {
      const app = new library.App({ outdir: "unused" });
      const chart = new library.Chart(app, "shop");
      const [outer, y, x] = ["outer", "y", "x"].map((id) => new Construct(chart, id)) as [Construct, Construct, Construct];
      const inner = new Construct(outer, "inner");
      for (const scope of [inner, y, x]) new library.ApiObject(scope, "a", { apiVersion: "v1", kind: "Demo" });
      inner.node.addDependency(y);
      outer.node.addDependency(x);
      return app;
    };
    const names = (text: string): readonly unknown[] => parseAllDocuments(text).map((document) => document.getIn(["metadata", "name"]));
    expect(names(library.manifestYaml(nested()))).toEqual(names(nested().synthYaml()));
    expect(names(library.manifestYaml(nested()))[0]).toContain("shop-x-a");
  });

  test("an ordinary tree gives the text that cdk8s gives, byte for byte", () => {
    inFolder((outdir) => {
      const ordinary = (): App => {
        const app = new library.App({ outdir });
        const chart = new library.Chart(app, "shop", { namespace: "shop", labels: { team: "payments" } });
        const spec = {
          replicas: 3,
          on: "yes",
          args: ["--log=info", "-c"],
          cpu: "100m",
          port: "8080",
          script: "#!/bin/sh\necho a: b\n",
          none: {},
        };
        new library.ApiObject(chart, "One", {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { annotations: { "a/b": "true" } },
          spec,
        });
        new library.ApiObject(chart, "Two", {
          apiVersion: "v1",
          kind: "Service",
          spec: { ports: [{ port: 80, name: "http" }], list: [[1, [2]], []] },
        });
        return app;
      };
      ordinary().synth();
      expect(texts(library.manifestFiles(ordinary()))).toEqual(textsBelow(outdir));
    });
  });
});

describe("two objects never share a file", () => {
  test("names get the namespace, then the API group, only where two would be one", () => {
    const [app, chart] = appWith({ yamlOutputType: FILE_PER_RESOURCE }, "shop");
    object(chart, "a", { kind: "Service", metadata: { name: "pricing", namespace: "eu" } });
    object(chart, "b", { kind: "Service", metadata: { name: "pricing", namespace: "us" } });
    object(chart, "c", { kind: "Service", metadata: { name: "other", namespace: "us" } });
    object(chart, "d", { kind: "Gateway", apiVersion: "networking.istio.io/v1", metadata: { name: "edge", namespace: "eu" } });
    object(chart, "e", { kind: "Gateway", apiVersion: "gateway.networking.k8s.io/v1", metadata: { name: "edge", namespace: "eu" } });
    expect(pathsOf(app)).toEqual([
      "Service.pricing.eu.k8s.yaml",
      "Service.pricing.us.k8s.yaml",
      "Service.other.k8s.yaml",
      "Gateway.edge.eu.networking.istio.io.k8s.yaml",
      "Gateway.edge.eu.gateway.networking.k8s.io.k8s.yaml",
    ]);
  });

  test("names that differ in case only count as one, and equal ones are numbered", () => {
    const [app, chart] = appWith({ yamlOutputType: FILE_PER_RESOURCE }, "shop");
    for (const [id, name] of [
      ["a", "x"],
      ["b", "X"],
      ["c", "x"],
    ] as const)
      object(chart, id, { metadata: { name } });
    expect(pathsOf(app)).toEqual(["Demo.x.k8s.yaml", "Demo.X.2.k8s.yaml", "Demo.x.3.k8s.yaml"]);
  });

  test("a lengthened name that meets another's own gives way again", () => {
    const [app, chart] = appWith({ yamlOutputType: FILE_PER_RESOURCE }, "shop");
    object(chart, "a", { metadata: { name: "x", namespace: "n" } });
    object(chart, "b", { metadata: { name: "x", namespace: "m" } });
    object(chart, "c", { apiVersion: "demo/v1", metadata: { name: "x.n" } });
    expect(pathsOf(app)).toEqual(["Demo.x.n.k8s.yaml", "Demo.x.m.k8s.yaml", "Demo.x.n.demo.k8s.yaml"]);
  });

  test("neither do two charts, whose names get a hash of their paths", () => {
    const [app, chart] = appWith({}, "a");
    const inner = new Construct(chart as Chart, "Default");
    object(new Chart(new Construct(chart as Chart, "plain"), "x"), "one");
    object(new Chart(new Construct(new Construct(chart as Chart, "Other"), "y"), "x"), "two");
    object(new Chart(inner, "z"), "three");
    object(new Chart(new Construct(inner, "Default"), "z"), "four");
    const paths = pathsOf(app);
    expect(new Set(paths).size).toBe(5);
    expect(paths.filter((path) => /^a-z-c8[0-9a-f]{6}-[0-9a-f]{8}\.k8s\.yaml$/.test(path))).toHaveLength(2);
  });

  test("nor one with the index of constructs", () => {
    const [app, chart] = appWith({ outputFileExtension: ".json", recordConstructMetadata: true }, "construct-metadata");
    object(chart, "a");
    expect(pathsOf(app)).toEqual(["construct-metadata.2.json", "construct-metadata.json"]);
  });
});

describe("what users make of their classes counts", () => {
  test("an object's own toJson, a chart's own toJson, patches", () => {
    class Stamped extends ApiObject {
      override toJson(): unknown {
        return { ...super.toJson(), stamped: true, left: undefined };
      }
    }
    class Picky extends Chart {
      override toJson(): unknown[] {
        return [undefined, ...super.toJson().map(({ kind }) => ({ kind, from: this.node.id }))];
      }
    }
    const [app, chart] = appWith({}, "plain");
    new Stamped(chart as Chart, "a", { apiVersion: "v1", kind: "Demo" });
    object(chart, "b", { spec: { x: 1 } }).addJsonPatch(JsonPatch.replace("/spec/x", null), JsonPatch.add("/a", ["2"]));
    object(new Picky(app, "picky"), "c");
    expect(texts(manifestFiles(app))).toMatchInlineSnapshot(`
      {
        "picky.k8s.yaml": "kind: Demo
      from: picky
      ",
        "plain.k8s.yaml": "apiVersion: v1
      kind: Demo
      metadata:
        name: plain-a-c8e7d16e
      stamped: true
      ---
      apiVersion: v1
      kind: Demo
      metadata:
        name: plain-b-c85cc57f
      spec:
        x: null
      a:
        - "2"
      ",
      }
    `);
  });

  test("a name or kind that a patch changes names the file, except in folders, as in cdk8s", () => {
    for (const [yamlOutputType, path] of [
      [FILE_PER_RESOURCE, "Demo.new.k8s.yaml"],
      [FOLDER_PER_CHART_FILE_PER_RESOURCE, "shop/Demo.old.k8s.yaml"],
    ] as const) {
      const [app, chart] = appWith({ yamlOutputType }, "shop");
      object(chart, "a", { metadata: { name: "old" } }).addJsonPatch(JsonPatch.replace("/metadata/name", "new"));
      expect(pathsOf(app)).toEqual([path]);
    }
  });

  test("each Lazy is asked once", () => {
    const [app, chart] = appWith({}, "shop");
    let asked = 0;
    object(chart, "a", { spec: { port: Lazy.any({ produce: () => 8000 + ++asked }) } });
    expect(manifestYaml(app)).toContain("port: 8001\n");
    expect(asked).toBe(1);
  });

  test("a resolver of the newest cdk8s", async () => {
    const library = await load("newest cdk8s");
    const resolve = (context: { value: unknown; replaceValue(value: unknown): void }): void => {
      if (context.value === "secret") context.replaceValue("***");
    };
    const app = new library.App({ outdir: "unused", ...({ resolvers: [{ resolve }] } as object) });
    new library.ApiObject(new library.Chart(app, "shop"), "a", { apiVersion: "v1", kind: "Demo", token: "secret" });
    expect(library.manifestYaml(app)).toContain('token: "***"\n');
  });
});

describe("what is wrong stops the synth", () => {
  test("validations run once, and all failures show in cdk8s's words", () => {
    const [app, chart, other] = appWith({}, "shop", "other");
    const runs = vi.fn(() => ["weights: got 95."]);
    chart?.node.addValidation({ validate: runs });
    object(other, "a").node.addValidation({ validate: () => ["one.", "two."] });
    const ours = outcome(() => manifestFiles(app));
    expect(runs).toHaveBeenCalledTimes(1);
    expect(ours).toMatchInlineSnapshot(`
      {
        "error": "Error: Validation failed with the following errors:
        [shop] weights: got 95.
        [other/a] one.
        [other/a] two.",
      }
    `);
    expect(inFolder((outdir) => outcome(() => new App({ outdir }) && Object.assign(app, { outdir }).synth()))).toEqual(ours);
  });

  test("data that no cluster takes is refused with the path of the construct and of the prop", () => {
    const [app, chart] = appWith({}, "shop");
    object(chart, "a", { spec: { replicas: Number.NaN, names: ["\ud800"] } });
    expect(() => manifestFiles(app)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/a: 2 invalid props
        spec.names[0]: got "\\ud800", expected text without half a surrogate pair. UTF-8 has no byte for it.
        spec.replicas: got NaN, expected a finite number. JSON, and so Kubernetes, has no other.]
    `);
  });

  test("an object that contains itself is refused, not followed", () => {
    const [app, chart] = appWith({}, "shop");
    const spec: Record<string, unknown> = {};
    spec.again = { spec };
    object(chart, "a", { spec });
    expect(() => manifestFiles(app)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/a: 1 invalid prop
        got more than 500 levels, or an object that contains itself.]
    `);
  });

  test("what a Lazy throws comes as cdk8s throws it", async () => {
    const library = await load("newest cdk8s");
    const app = new library.App({ outdir: "unused" });
    const fail = (): never => {
      throw new Error("no port yet");
    };
    new library.ApiObject(new library.Chart(app, "shop"), "a", {
      apiVersion: "v1",
      kind: "Demo",
      port: library.Lazy.any({ produce: fail }),
    });
    expect(() => library.manifestFiles(app)).toThrow("Failed serializing construct at path 'shop/a'");
  });

  test("a construct that waits for itself is refused, where cdk8s would leave it out without a word", () => {
    const [app, chart] = appWith({}, "shop");
    object(chart, "a");
    chart?.node.addDependency(chart);
    expect(() => manifestFiles(app)).toThrow("Dependency cycle detected: shop => shop");
  });
});

test("one text of all objects, as synthYaml gives it", () => {
  const [app, first, second] = appWith({}, "first", "second");
  object(first, "a");
  object(second, "b");
  first?.addDependency(second as Chart);
  expect(documents(manifestYaml(app))).toEqual(documents(app.synthYaml()));
  expect(manifestYaml(new App({ outdir: "unused" }))).toBe("");
});

test("the text does not depend on where its pieces fall: large apps, and text that is not ASCII", () => {
  const [app, chart] = appWith({}, "shop");
  const words = Array.from({ length: 600 }, (_, index) => `${"æøå\u{1f600} ".repeat(index % 50)}${index}`);
  for (const [index, word] of words.entries())
    object(chart, `o${index}`, { metadata: { name: `o${index}` }, data: { [word]: word, word } });
  expect(documents(manifestYaml(app)).map((text) => JSON.parse(text).data)).toEqual(words.map((word) => ({ [word]: word, word })));
});

test("a dependency between two large parts, and a chain as long as the tree, cost no more than the tree", () => {
  const [app, chart] = appWith({}, "shop");
  const [from, to] = ["from", "to"].map((id) => new Construct(chart as Chart, id)) as [Construct, Construct];
  const objects = [from, to].map((scope) => Array.from({ length: 5000 }, (_, index) => object(scope, `o${index}`)));
  from.node.addDependency(to);
  for (const [index, each] of (objects[1] ?? []).entries()) if (index > 0) objects[1]?.[index - 1]?.node.addDependency(each);
  const names = manifestYaml(app)
    .split("\n---\n")
    .map((document) => document.match(/^metadata:\n {2}name: (.*)$/m)?.[1]);
  expect(names).toHaveLength(10_000);
  expect(names[0]).toBe(objects[1]?.at(-1)?.name);
  expect(names[4999]).toBe(objects[1]?.[0]?.name);
  expect(names.slice(5000)).toEqual(objects[0]?.map(({ name }) => name));
});
