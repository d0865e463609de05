import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { ApiObject, App, AppProps } from "cdk8s";
import { Construct } from "constructs";
import fc from "fast-check";
import { vi } from "vitest";
import { hostileData, hostileRecord } from "../core/hostile";
import { temporaryFolder } from "../support/temporary";

export type Cdk8s = typeof import("cdk8s");
export type Synth = Pick<typeof import("../../lib/synth/manifest-files.ts"), "manifestFiles" | "manifestYaml"> &
  Pick<typeof import("../../lib/synth/object-writer.ts"), "ObjectWriter">;

/** The three versions of cdk8s that the library is held to. */
export const versions: Readonly<Record<string, string>> = {
  "oldest cdk8s": "../compat/floor/node_modules/cdk8s/lib/index.js",
  "oldest cdk8s for cdk8s-plus-26": "../../node_modules/cdk8s/lib/index.js",
  "newest cdk8s": "../compat/newest/node_modules/cdk8s/lib/index.js",
};

/** A version of cdk8s, and the library loaded upon it: the classes of the one that the test file itself imports are others. */
export async function load(version: string, change: (cdk8s: Cdk8s) => Cdk8s = (cdk8s) => cdk8s): Promise<Cdk8s & Synth> {
  const cdk8s = change((await import(versions[version] ?? version)) as Cdk8s);
  vi.resetModules();
  vi.doMock("cdk8s", () => cdk8s);
  const files = await import("../../lib/synth/manifest-files.ts");
  const objects = await import("../../lib/synth/object-writer.ts");
  vi.doUnmock("cdk8s");
  return { ...cdk8s, ...files, ...objects };
}

/** Stands for a Lazy, whose class each version of cdk8s has for itself. */
class Later {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** A token as `cdk8s import` generates them. */
class Token {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
  resolve(): unknown {
    return this.value;
  }
}

/** An instance: the older versions of cdk8s take it for its properties, the newer ones refuse it. */
class Instance {
  readonly of: unknown;
  constructor(of: unknown) {
    this.of = of;
  }
}

/** A tree as plain data, so that it can be built twice. */
export interface TreePlan {
  readonly nodes: readonly NodePlan[];
  /** Pairs of places in `nodes`. */
  readonly dependencies: readonly (readonly [number, number])[];
}

interface NodePlan {
  readonly kind: "chart" | "object" | "construct";
  readonly id: string;
  /** Place of the parent, counted back from this node; the app where there is none. */
  readonly above: number;
  readonly data: unknown;
  /** Further keys beside apiVersion, kind, metadata and data. */
  readonly extras: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly patches: readonly unknown[];
}

const id = fc.constantFrom("a", "b", "shop", "0", "1", "7", "10", "Resource", "X", "é", "a.b", "c", "d", "e", "f", "g");
const data = hostileData({
  depth: 3,
  leaves: [
    hostileData({ depth: 1 }).map((value) => new Later(value)),
    hostileData({ depth: 1 }).map((value) => new Later(new Later(value))),
    hostileData({ depth: 1 }).map((value) => new Token(value)),
    hostileData({ depth: 1 }).map((value) => ({ resolve: () => value })),
  ],
});
const instances = hostileData({ depth: 2, leaves: [hostileData({ depth: 1 }).map((value) => new Instance(value))] });
const metadata = fc.record(
  {
    labels: hostileRecord(data, 3),
    annotations: hostileRecord(data, 3),
    finalizers: fc.constantFrom<unknown>([], ["x", "y"], [undefined]),
    extra: data,
    namespace: fc.constantFrom("n1", "n2"),
  },
  { requiredKeys: [] },
);
const extras = fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: hostileRecord(data, 2) });
const patches = fc.array(
  hostileData({ depth: 1 }).filter((value) => value !== undefined),
  { maxLength: 2 },
);

function nodePlan(rich: boolean): fc.Arbitrary<NodePlan> {
  return fc.record({
    kind: fc.constantFrom<NodePlan["kind"][]>("chart", "object", "object", "object", "construct"),
    id,
    above: fc.nat({ max: 3 }),
    data: rich ? fc.oneof({ weight: 9, arbitrary: data }, { weight: 1, arbitrary: instances }) : fc.constant({}),
    extras: rich ? extras : fc.constant({}),
    metadata: rich ? fc.option(metadata, { nil: undefined }) : fc.constant(undefined),
    patches: rich ? fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: patches }) : fc.constant([]),
  });
}

/** Trees with hostile data and few dependencies. */
export const richTree: fc.Arbitrary<TreePlan> = plan(nodePlan(true), { maxLength: 12 }, 2);

/** Trees of bare objects with many dependencies. */
export const tangledTree: fc.Arbitrary<TreePlan> = plan(nodePlan(false), { maxLength: 14 }, 5);

function plan(node: fc.Arbitrary<NodePlan>, size: fc.ArrayConstraints, most: number): fc.Arbitrary<TreePlan> {
  const pair = fc.tuple(fc.nat({ max: 13 }), fc.nat({ max: 13 }));
  return fc.record({ nodes: fc.array(node, { minLength: 4, ...size }), dependencies: fc.array(pair, { maxLength: most }) });
}

/** Builds a tree. What cannot stand where the plan wants it is left out or becomes what can. */
export function build(cdk8s: Cdk8s, { nodes, dependencies }: TreePlan, props: AppProps): App {
  const app = new cdk8s.App(props);
  const built: Construct[] = [];
  for (const [place, node] of nodes.entries()) {
    const scope = built[place - 1 - node.above] ?? app;
    if (scope.node.tryFindChild(node.id) === undefined) built.push(construct(cdk8s, scope, node));
  }
  for (const [from, to] of dependencies) {
    const [source, target] = [built[from], built[to]];
    if (source !== undefined && target !== undefined && source !== target) source.node.addDependency(target);
  }
  return app;
}

function construct(
  cdk8s: Cdk8s,
  scope: Construct,
  { kind, id: name, data: value, extras: more, metadata: meta, patches: values }: NodePlan,
): Construct {
  const inChart = scope.node.scopes.some((above) => cdk8s.Chart.isChart(above));
  if (kind === "construct" && scope.node.scope !== undefined) return new Construct(scope, name);
  if (kind === "chart" || !inChart) return new cdk8s.Chart(scope, name, name === "a" ? { namespace: "ns", labels: { on: "yes" } } : {});
  const props = { apiVersion: "demo/v1", kind: "Demo", data: value, ...more, ...(meta !== undefined && { metadata: meta }) };
  const object = new cdk8s.ApiObject(scope, name, made(cdk8s, props) as ConstructorParameters<typeof ApiObject>[2]);
  for (const [index, patch] of values.entries()) object.addJsonPatch(cdk8s.JsonPatch.add(`/patched${index}`, patch));
  return object;
}

/** The data with the classes of one cdk8s. */
function made(cdk8s: Cdk8s, value: unknown): unknown {
  if (value instanceof Later) return cdk8s.Lazy.any({ produce: () => made(cdk8s, value.value) });
  if (Array.isArray(value)) return value.map((item) => made(cdk8s, item));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, made(cdk8s, entry)]));
}

/** A new folder, which is gone when the run ends. */
export function inFolder<Result>(use: (folder: string) => Result): Result {
  return use(temporaryFolder("synth"));
}

/**
 * What stock cdk8s writes for a tree: the data of each file, and the text of what is no YAML.
 *
 * The data, not the text: its YAML library loses some hostile texts on the way.
 */
export function stockData(cdk8s: Cdk8s, app: App): Readonly<Record<string, unknown>> {
  const files: Record<string, unknown> = {};
  const save = vi.spyOn(cdk8s.Yaml, "save").mockImplementation((path, documents) => {
    files[relative(app.outdir, path)] = documents.map((document) => JSON.stringify(document));
  });
  try {
    app.synth();
  } finally {
    save.mockRestore();
  }
  return { ...files, ...textsBelow(app.outdir) };
}

/** Path and text of every file below a folder. */
export function textsBelow(folder: string): Readonly<Record<string, string>> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** What a function gives, or that it throws. */
export function outcome<Result>(run: () => Result): { readonly result: Result } | { readonly error: string } {
  try {
    return { result: run() };
  } catch (error) {
    return { error: String(error) };
  }
}
