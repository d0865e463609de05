import { createRequire } from "node:module";
import { resolve } from "node:path";
import fc from "fast-check";
import { CORE_SCHEMA, loadAll, YAML11_SCHEMA } from "js-yaml";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { InvalidInput } from "../../lib/core/problem";
import { yamlDocument, yamlDocuments } from "../../lib/core/yaml";
import { keyText, stringText } from "../../lib/core/yaml-scalar";
import { hostileData, hostileNumber, hostileRecord, hostileText, traps } from "./hostile";

/** What JSON makes of data: undefined is left out of maps and null in lists; -0 is 0. */
function asJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

const cdk8sPath = createRequire(resolve("package.json")).resolve("cdk8s");
const { parseAllDocuments: cdk8sParse } = createRequire(cdk8sPath)("yaml") as { parseAllDocuments: typeof parseAllDocuments };

/** Every reader that npm has, in both versions of YAML. Kubernetes' own reader is of YAML 1.1. */
const readers: Readonly<Record<string, (text: string) => unknown[]>> = {
  "yaml, 1.1": (text) => readAll(parseAllDocuments, text, "1.1"),
  "yaml, 1.2": (text) => readAll(parseAllDocuments, text, "1.2"),
  "the yaml of cdk8s, 1.1": (text) => readAll(cdk8sParse, text, "1.1"),
  "js-yaml, 1.1": (text) => loadAll(text, { schema: YAML11_SCHEMA }),
  "js-yaml, 1.2": (text) => loadAll(text, { schema: CORE_SCHEMA }),
};

function readAll(parse: typeof parseAllDocuments, text: string, version: "1.1" | "1.2"): unknown[] {
  return parse(text, { version }).map((document) => {
    if (document.errors.length + document.warnings.length > 0) throw [...document.errors, ...document.warnings][0];
    return document.toJS() as unknown;
  });
}

test.each(Object.keys(readers))("%s reads the data that was written, in the order of its keys", (name) => {
  const data = fc.array(
    fc.oneof(hostileRecord(hostileData(), 6), hostileData()).filter((value) => value !== undefined),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(data, (values) => {
      expect(readers[name]?.(yamlDocuments(values)).map(asJson)).toEqual(values.map(asJson));
    }),
    { numRuns: 500 },
  );
});

test.each(Object.keys(readers))("%s reads every trap as text: as a key, a value, an item and a document", (name) => {
  for (const text of traps) {
    const values = [{ [text]: text, list: [text, [text], { [text]: { [text]: [text] } }] }, text, [text]];
    expect(readers[name]?.(yamlDocuments(values)).map(asJson)).toEqual(values.map(asJson));
  }
});

test("reads the same in every reader, number for number", () => {
  fc.assert(
    fc.property(hostileNumber, (number) => {
      for (const read of Object.values(readers)) expect(read(yamlDocument([number]))).toEqual([[number]]);
    }),
  );
});

test("writes block style as cdk8s does, readable and fit for a diff", () => {
  const value = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "demo", labels: {}, finalizers: [] },
    data: { "run.sh": "#!/bin/sh\nset -e\n\n\techo hello\n", "no-end": "a\nb", enabled: "yes", port: "8080", y: "on" },
    list: [
      "registry.example.no/shop/app:v1",
      1,
      1.5,
      true,
      null,
      undefined,
      ["a", ["b"]],
      { name: "x", args: ["--log=info", "-c"], e: {} },
      [],
    ],
    spaced: "a sentence, with a comma and 100% of it plain",
    quoted: 'a "quoted": sentence',
    amounts: ["100m", "128Mi", "2s", "25%", "1.30.3", "10.0.0.0/8", "*.example.no"],
    left: undefined,
  };
  expect(yamlDocument(value)).toMatchInlineSnapshot(`
    "apiVersion: v1
    kind: ConfigMap
    metadata:
      name: demo
      labels: {}
      finalizers: []
    data:
      run.sh: |
        #!/bin/sh
        set -e

        	echo hello
      no-end: |-
        a
        b
      enabled: "yes"
      port: "8080"
      "y": "on"
    list:
      - registry.example.no/shop/app:v1
      - 1
      - 1.5
      - true
      - null
      - null
      - - a
        - - b
      - name: x
        args:
          - --log=info
          - -c
        e: {}
      - []
    spaced: a sentence, with a comma and 100% of it plain
    quoted: "a \\"quoted\\": sentence"
    amounts:
      - 100m
      - 128Mi
      - 2s
      - 25%
      - 1.30.3
      - 10.0.0.0/8
      - "*.example.no"
    "
  `);
});

test("joins documents with ---, leaves undefined ones out, and is empty for none", () => {
  expect(yamlDocuments([{ a: 1 }, undefined, "text", [], { b: [1] }])).toBe("a: 1\n---\ntext\n---\n[]\n---\nb:\n  - 1\n");
  expect(yamlDocuments([undefined, { a: 1 }])).toBe("a: 1\n");
  expect([yamlDocuments([]), yamlDocument(undefined)]).toEqual(["", ""]);
});

test("takes what JSON takes: toJSON, instances with properties, objects without a prototype, big integers", () => {
  class Labels {
    readonly app = "shop";
  }
  const bare = Object.assign(Object.create(null) as object, { a: 1 });
  const value = { when: new Date(0), labels: new Labels(), bare, big: 12345678901234567890n };
  expect(yamlDocument(value)).toMatchInlineSnapshot(`
    "when: "1970-01-01T00:00:00.000Z"
    labels:
      app: shop
    bare:
      a: 1
    big: 12345678901234567890
    "
  `);
});

test("names everything that YAML cannot carry to a cluster, at once", () => {
  const circle: Record<string, unknown> = {};
  circle.again = { circle };
  const value = {
    spec: { replicas: Number.NaN, limits: [1, Number.POSITIVE_INFINITY], run: () => 1, id: Symbol("id"), names: new Map([["a", 1]]) },
    text: "half \ud83d pair",
    "half \udc00 key": { circle },
  };
  expect(() => yamlDocument(value)).toThrowErrorMatchingInlineSnapshot(`
    [InvalidInput: document: 8 invalid props
      got "half \\udc00 key", expected a key without half a surrogate pair. UTF-8 has no byte for it.
      ["half \\udc00 key"].circle.again.circle: got an object that contains itself, expected plain data.
      spec.id: got a symbol, expected plain data.
      spec.limits[1]: got Infinity, expected a finite number. JSON, and so Kubernetes, has no other.
      spec.names: got Map, expected plain data.
      spec.replicas: got NaN, expected a finite number. JSON, and so Kubernetes, has no other.
      spec.run: got a function, expected plain data.
      text: got "half \\ud83d pair", expected text without half a surrogate pair. UTF-8 has no byte for it.]
  `);
});

test.each([["half \ud83d"], [{ "half \udc00": 1 }], [{ text: "\ud800 half" }]])("refuses half a surrogate pair: %j", (value) => {
  expect(() => yamlDocument(value)).toThrow("half a surrogate pair");
});

test("names the document among several", () => {
  expect(() => yamlDocuments([{}, { a: Number.NaN }])).toThrow(InvalidInput);
  expect(() => yamlDocuments([{}, { a: Number.NaN }])).toThrow("document 2: 1 invalid prop\n  a: got NaN, expected a finite number.");
});

test("refuses data without an end before the stack does", () => {
  const deep = Array.from({ length: 5000 }).reduce<unknown>((inner) => ({ inner }), 1);
  expect(() => yamlDocument(deep)).toThrow("got more than 500 levels");
});

test("an object that stands twice is written twice: no anchors", () => {
  const shared = { a: 1 };
  expect(yamlDocument({ x: shared, y: shared })).toBe('x:\n  a: 1\n"y":\n  a: 1\n');
});

test("a text is plain to the writer's loop when it is to the pattern", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(yamlDocument([text])).toBe(`- ${stringText(text, 1)}\n`);
    }),
    { numRuns: 1000 },
  );
  for (const text of traps) expect(yamlDocument({ [text]: text })).toBe(`${keyText(text, 0)} ${stringText(text, 1)}\n`);
});

test("a document may be larger than any block of bytes that it passes through", () => {
  for (const text of ["x".repeat(600_000), "æ".repeat(600_000), `"${"x".repeat(600_000)}`, `a\n${"y".repeat(600_000)}`]) {
    expect(yamlDocument({ text }) === `text: ${stringText(text, 1)}\n`).toBe(true);
  }
  const numbers = Array.from({ length: 20_000 }, (_, index) => index);
  const entries = numbers.map((index) => `key-${index}:\n  - ${index}\n  - - æ${index}\n`).join("");
  const value = Object.fromEntries(numbers.map((index) => [`key-${index}`, [index, [`æ${index}`]]]));
  expect(yamlDocuments([value, value]) === `${entries}---\n${entries}`.replaceAll(/æ\d+/g, '"$&"')).toBe(true);
});

test("no text shows a reviewer less than it says: nothing invisible, nothing that turns the direction", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(yamlDocument([text])).not.toMatch(/[^\P{Cc}\n\t]|[\u2028\u2029\u00a0\u200b-\u200f\u202a-\u202e\ufeff]/u);
    }),
  );
});
