import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import { isUnknownProp } from "../../lib/core/check";
import { type CheckedKind, kinds, specProblems } from "../../lib/istio/kinds";
import { type IstioRelease, resolveReleases } from "../../lib/istio/release";
import { dropped, oldCrds } from "./crds";
import { dataOnly, dataSamples, linesOf, places, replaced } from "./data-samples";
import { chartFor, lines, samples } from "./samples";

const release = (istio: string, kubernetes: string): IstioRelease => resolveReleases("test", { istio, kubernetes }).istio;
const newest = release("1.31", "1.36");
const old = release("1.18.7", "1.27");
const ofData = (kind: CheckedKind, data: object, istio = newest): readonly string[] => lines(specProblems(kind, data, istio));

/** The modules of others that a file loads when it runs, by itself or by what it imports. */
function loaded(file: string, seen: Set<string> = new Set()): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gms)].map(
    ([, from = ""]) => from,
  );
  return imports.flatMap((from) => (from.startsWith(".") ? loaded(`${resolve(dirname(file), from)}.ts`, seen) : [from]));
}

describe("the table of kinds", () => {
  test("loads neither cdk8s nor constructs", () => {
    expect([...new Set(loaded(resolve("lib/istio/kinds.ts")))]).toEqual(["node:net"]);
    expect(loaded(resolve("lib/istio/virtual-service.ts"))).toContain("cdk8s");
  });

  test("has a sample of every kind, under its own name", () => {
    expect(Object.values(kinds).map(({ kind }) => kind)).toEqual(Object.keys(kinds));
    expect(dataSamples.map(({ kind }) => kind).sort()).toEqual(Object.keys(kinds));
  });

  test("has a file of its own for what each kind is checked by", () => {
    const file = (kind: string): string => `lib/istio/${kind.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}-spec.ts`;
    for (const kind of Object.keys(kinds)) expect(readFileSync(file(kind), "utf8")).toContain(`Kind: Kind<"${kind}"> = `);
    expect(relative(".", resolve(file("WasmPlugin")))).toBe("lib/istio/wasm-plugin-spec.ts");
  });
});

describe("an object", () => {
  test.each(dataSamples)("without a fault has none: $kind", ({ kind, spec, newer = spec }) => {
    for (const fine of [spec, newer])
      expect(ofData(kind, { apiVersion: "v1", kind, metadata: { name: "sample" }, spec: fine })).toEqual([]);
  });

  test("without a spec is one with an empty spec, as an API server takes it", () => {
    expect([ofData("PeerAuthentication", {}), ofData("EnvoyFilter", { metadata: null })].flat()).toEqual([]);
    expect(ofData("WasmPlugin", {})).toEqual(ofData("WasmPlugin", { spec: {} }));
    expect(ofData("VirtualService", { spec: null })).toMatchInlineSnapshot(`
      [
        "spec: got null, expected an object.",
      ]
    `);
  });

  test("tells the fields that nobody knows from its other problems", () => {
    const spec = { servers: [{ port: { number: 80, protocol: "HTTP", name: "" }, host: ["*"], hosts: ["*"] }] };
    const problems = specProblems("Gateway", { metadata: { name: "edge.oslo" }, spec }, newest);
    expect(lines(problems.filter(isUnknownProp))).toMatchInlineSnapshot(`
      [
        "spec.servers[0].host: unknown prop. Did you mean "hosts"?",
      ]
    `);
    expect(lines(problems.filter((problem) => !isUnknownProp(problem)))).toMatchInlineSnapshot(`
      [
        "metadata.name: got "edge.oslo", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit.",
        "spec.servers[0].port.name: got "", expected text that is not empty.",
      ]
    `);
  });

  test("has fields that Istio's schema knows and refuses, which are not unknown", () => {
    const route = [{ destination: { host: "pricing" } }];
    const known = [
      specProblems("VirtualService", { spec: { hosts: ["pricing"], http: [{ route, mirror_percent: 5 }] } }, newest),
      specProblems("RequestAuthentication", { spec: { jwtRules: [{ issuer: "shop", jwks_uri: "https://id.example.no" }] } }, newest),
      specProblems("VirtualService", { spec: { hosts: ["pricing"], http: [{ route, fault: { abort: { http2Error: "X" } } }] } }, newest),
      specProblems("Sidecar", { spec: { ingress: [{ port: { number: 80, targetPort: 8080 } }] } }, newest),
    ].flat();
    expect(lines(known)).toMatchInlineSnapshot(`
      [
        "spec.http[0].mirror_percent: unknown prop. Did you mean "mirrorPercent"?",
        "spec.jwtRules[0].jwks_uri: unknown prop. Did you mean "jwksUri"?",
        "spec.http[0].fault.abort.http2Error: got "X", expected nothing, because Istio does not support it.",
        "spec.ingress[0].port.targetPort: got 8080, expected nothing, because it has no effect here.",
      ]
    `);
    expect(known.filter(isUnknownProp)).toEqual([]);
  });

  test("is only too new where nothing else is wrong with it", () => {
    const plugin = { url: "oci://registry.example.no/quota", failStrategy: "FAIL_RELOAD" };
    expect(ofData("WasmPlugin", { spec: plugin }, old)).toMatchInlineSnapshot(`
      [
        "spec.failStrategy: got "FAIL_RELOAD", expected nothing, because it came with Istio 1.27 and the release is 1.18.",
      ]
    `);
    expect(ofData("WasmPlugin", { spec: { ...plugin, url: "" } }, old)).toHaveLength(1);
    expect(ofData("WasmPlugin", { spec: plugin })).toEqual([]);
  });

  test.each([
    ["VirtualService", { hosts: ["a"], http: [{ route: [{ destination: { host: "a" } }] }] }],
    ["DestinationRule", { host: "a" }],
    ["ServiceEntry", { hosts: ["a.no"] }],
  ] as const)("names its own namespace once: %s", (kind, spec) => {
    const exported = (...exportTo: string[]): readonly string[] =>
      ofData(kind, { metadata: { namespace: "shop" }, spec: { ...spec, exportTo } });
    expect(exported(".", "shop")).toEqual([
      'spec.exportTo: got [".","shop"], expected either "." or "shop", which are the same namespace.',
    ]);
    expect([exported("."), exported("shop"), exported(".", "bank")].flat()).toEqual([]);
    const chart = new Chart(chartFor("1.31", "1.36"), "shop", { namespace: "shop" });
    const make = samples.find((sample) => sample.kind === kind)?.make;
    expect(() => make?.(chart, { ...spec, exportTo: ["shop", "."] })).toThrow("which are the same namespace");
  });

  test("may run dry, where its annotations are text", () => {
    const dry = (flag: unknown): readonly string[] =>
      ofData("AuthorizationPolicy", { metadata: { annotations: { "istio.io/dry-run": flag } }, spec: {} });
    expect([dry("true"), dry(undefined)].flat()).toEqual([]);
    expect(dry(true)).toMatchInlineSnapshot(`
      [
        "metadata.annotations["istio.io/dry-run"]: got true, expected "true" or "false".",
      ]
    `);
    expect(ofData("AuthorizationPolicy", { metadata: { annotations: null }, spec: {} })).toEqual([]);
  });

  test.each(dataSamples)("may hold anything anywhere: $kind", ({ kind, spec, newer = spec }) => {
    for (const sample of [spec, newer])
      for (const place of places(sample))
        for (const junk of [null, -1, "", "*", [], {}, [null], { x: null }])
          expect(() => specProblems(kind, { spec: replaced(sample, place, junk) }, old)).not.toThrow();
    for (const metadata of [null, 1, [], "x", { annotations: 1 }]) expect(() => specProblems(kind, { metadata, spec }, old)).not.toThrow();
  });
});

const { crds, missing, note } = oldCrds("1.18.7");

test.skipIf(missing).each(dataOnly.filter(({ newer }) => newer !== undefined))(
  `a field that came later is too new exactly where an API server of 1.18 would drop it: $kind${note}`,
  ({ kind, newer = {} }) => {
    const schema = crds.find((crd) => crd?.spec.names.kind === kind)?.spec.versions[0]?.schema.openAPIV3Schema.properties?.spec;
    // Words that came later stand in fields that the old schema has, and are refused, not dropped.
    const found = specProblems(kind, { spec: newer }, old).filter(({ path }) => !/\.(?:context|operation)$/.test(path));
    const paths = found.map(({ path, message }) => (message.includes("it came with Istio") ? path : message));
    expect(paths.sort()).toEqual([...dropped(newer, schema, "spec")].sort());
  },
);

/** Bounds and patterns of Istio's schema are passed by one, and left by much. */
const junk: readonly unknown[] = [
  ...[-1, 0, 1.5, 70_000, 2 ** 31, 2 ** 32],
  ...["", "*", "FOO", "_", "a b", "0s", "a".repeat(64), "a".repeat(257), "a".repeat(2049)],
  ...[true, [], {}, Array(600).fill("a")],
  Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, "a"])),
  Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`k${index}`, 1])),
];

test.each(dataSamples)("whatever Istio's schema of 1.29 refuses, is refused: $kind", async ({ kind, spec }) => {
  const models: Readonly<Record<string, unknown>> = {
    ...(await import("@kubernetes-models/istio/networking.istio.io/v1alpha3")),
    ...(await import("@kubernetes-models/istio/networking.istio.io/v1beta1")),
    ...(await import("@kubernetes-models/istio/networking.istio.io/v1")),
    ...(await import("@kubernetes-models/istio/security.istio.io/v1")),
    ...(await import("@kubernetes-models/istio/telemetry.istio.io/v1")),
    ...(await import("@kubernetes-models/istio/extensions.istio.io/v1alpha1")),
  };
  const Model = models[kind] as new (data: unknown) => { validate(): void };
  const taken = (changed: unknown): boolean => {
    try {
      new Model({ metadata: { name: "sample" }, spec: changed }).validate();
      return true;
    } catch {
      return false;
    }
  };
  expect(taken(spec)).toBe(true);
  const changes = places(spec).flatMap((place) => junk.map((by) => ({ place, by, changed: replaced(spec, place, by) as object })));
  const refusals = changes.filter(({ changed }) => !taken(changed));
  expect(refusals.length).toBeGreaterThan(20);
  expect(refusals.filter(({ changed }) => linesOf(kind, changed).length === 0).map(({ place, by }) => [place.join("."), by])).toEqual([]);
});
