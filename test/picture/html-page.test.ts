import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { embeddedJson, pictureHtml } from "../../lib/picture/html-page";
import { pictured, serviceYaml, topologyIn } from "./pictured";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("</script>", "<!--", "<script>", "]]>", "\u2028\u2029", "\u0085", "\u202e", "&lt;", "\ud800", "\0"),
);

test("JSON in the page never ends its element, and holds nothing that a terminal would obey", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }), fc.array(hostile), (value, texts) => {
      const json = embeddedJson([value, texts]);
      expect(json).not.toMatch(/[<>&\p{Cc}\u2028-\u202e\u2066-\u2069\ufeff]/u);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, texts])));
    }),
  );
});

test("names from outside come back out of a page as they went in", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (hosts) => {
      const topology = pictured(serviceYaml("shop", "pricing"));
      const wild = { ...topology, gateways: [{ id: "gateway:a/b", kind: "Gateway" as const, name: "b", namespace: "a", hosts }] };
      expect(topologyIn(pictureHtml(wild))).toEqual(JSON.parse(JSON.stringify(wild)));
    }),
    { numRuns: 50 },
  );
});

test("the policy lets nothing run but the page's own script and style, and nothing be loaded", () => {
  const html = pictureHtml(pictured(serviceYaml("shop", "pricing")));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
  const digest = (element: RegExp): string =>
    `'sha256-${createHash("sha256")
      .update(element.exec(html)?.[1] ?? "")
      .digest("base64")}'`;
  expect(policy.split("; ")).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      `script-src ${digest(/<script>([\s\S]*?)<\/script>/)}`,
      `style-src ${digest(/<style>([\s\S]*?)<\/style>/)}`,
    ]),
  );
  expect(policy).not.toContain("unsafe");
  expect(html).not.toMatch(/\b(?:src|href)=/);
});

test("the licence of what is bundled stands in the page", () => {
  expect(pictureHtml(pictured(serviceYaml("shop", "pricing")))).toMatch(
    /@dagrejs\/dagre [\d.]+ \(MIT\)[\s\S]*Permission is hereby granted/,
  );
});
