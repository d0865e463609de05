import { expect, test } from "vitest";
import type { WasmPluginSpec } from "../../lib/istio/wasm-plugin-spec";
import { linesOf } from "./data-samples";

const ofSpec = (spec: Partial<WasmPluginSpec>): readonly string[] =>
  linesOf("WasmPlugin", { url: "oci://registry.example.no/quota", ...spec });

test("names every problem at once", () => {
  const spec = { url: "", sha256: "abc", phase: "AUTH", vmConfig: { env: [{ name: "" }] }, match: [{ ports: [{ number: 0 }] }] };
  expect(ofSpec(spec as unknown as WasmPluginSpec)).toMatchInlineSnapshot(`
    [
      "spec.url: got "", expected the address of a module, with oci://, https://, http:// or file:// or without a scheme.",
      "spec.sha256: got "abc", expected 64 digits of lower-case hex.",
      "spec.phase: got "AUTH", expected one of "UNSPECIFIED_PHASE", "AUTHN", "AUTHZ", "STATS". Did you mean "AUTHN"?",
      "spec.vmConfig.env[0].name: got "", expected text of 1 to 256 characters.",
      "spec.match[0].ports[0].number: got 0, expected a whole number from 1 to 65535.",
    ]
  `);
});

test("an address is as Go reads it", () => {
  const url = (text: string): boolean => ofSpec({ url: text }).length === 0;
  for (const good of [
    "oci://private.example.no:5000/quota/quota:latest",
    "https://example.no/quota.wasm",
    "HTTP://example.no/quota.wasm",
    "file:///opt/filters/quota.wasm",
    "registry.example.no/quota",
    "10.0.5.7:5000/quota",
    "/opt/filters/quota.wasm",
  ])
    expect([good, url(good)]).toEqual([good, true]);
  for (const bad of ["", "ftp://example.no/x", "localhost:5000/quota", "#%blah$#@", "a b"]) expect([bad, url(bad)]).toEqual([bad, false]);
});

test("a checksum is lower-case hex, or empty", () => {
  expect([ofSpec({ sha256: "a".repeat(64) }), ofSpec({ sha256: "" })].flat()).toEqual([]);
  for (const sha256 of ["A".repeat(64), "a".repeat(63), "a".repeat(65)]) expect(ofSpec({ sha256 })).toHaveLength(1);
});

test("a configuration is an object, and may hold anything", () => {
  expect(ofSpec({ pluginConfig: { any: [1, null, { thing: true }] } })).toEqual([]);
  expect(ofSpec({ pluginConfig: [] })).toHaveLength(1);
});
