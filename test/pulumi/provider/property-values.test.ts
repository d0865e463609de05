import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  openProperties,
  type PropertyPath,
  pathText,
  sealProperties,
  secretTexts,
  withoutSecrets,
} from "../../../lib/pulumi/provider/property-values";
import { output, secret, unknownValue } from "./wire";

const name = fc.stringMatching(/^[a-zA-Z/.[\]" -]{1,6}$/).filter((text) => text !== "__proto__");
const leaf = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(name, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const properties = fc.dictionary(name, tree, { maxKeys: 4, noNullPrototype: true });

/** Every path in properties, outermost first. */
function pathsIn(value: unknown, path: PropertyPath = []): readonly PropertyPath[] {
  if (typeof value !== "object" || value === null) return [path];
  const steps = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value);
  return [path, ...steps.flatMap(([step, item]) => pathsIn(item, [...path, step]))];
}

/** Properties with one of their values to be kept secret. */
const withSecret = properties.chain((values) => {
  const paths = pathsIn(values).filter((path) => path.length > 0);
  return fc.record({
    values: fc.constant(values),
    path: paths.length === 0 ? fc.constant<PropertyPath>(["none"]) : fc.constantFrom(...paths),
  });
});

describe("sealing", () => {
  test("is undone by opening, which names the same secrets", () => {
    fc.assert(
      fc.property(withSecret, ({ values, path }) => {
        const opened = openProperties(sealProperties(values, [path]));
        expect(opened.values).toEqual(values);
        expect(opened.secrets).toEqual(path[0] === "none" ? [] : [path]);
      }),
    );
  });

  test("leaves no text of a secret outside the mark", () => {
    fc.assert(
      fc.property(properties, (values) => {
        const text = "correct horse";
        const sealed = sealProperties({ ...values, a: [{ key: text }] }, [["a", 0, "key"]]);
        expect(sealed.a).toEqual([{ key: secret(text) }]);
      }),
    );
  });

  test("marks what is outermost once", () => {
    expect(sealProperties({ a: { b: "x" } }, [["a"], ["a", "b"]])).toEqual({ a: secret({ b: "x" }) });
  });

  test("leaves out what is undefined: the wire knows no such value", () => {
    expect(sealProperties({ a: undefined, b: { c: undefined, d: 1 } }, [])).toEqual({ b: { d: 1 } });
  });
});

describe("opening", () => {
  test("takes outputs for their value, their secrecy and what is not known of them", () => {
    const wire = { a: output({ value: "x", secret: true }), b: output({}), c: [output({ value: { d: secret("y") } })], e: unknownValue };
    expect(openProperties(wire)).toEqual({
      values: { a: "x", b: unknownValue, c: [{ d: "y" }], e: unknownValue },
      secrets: [["a"], ["c", 0, "d"]],
      unknowns: [["b"], ["e"]],
    });
  });

  test("knows a value that is secret and not known yet", () => {
    expect(openProperties({ a: output({ secret: true }) })).toEqual({ values: { a: unknownValue }, secrets: [["a"]], unknowns: [["a"]] });
  });

  test("gives nothing for what is no object", () => {
    for (const wire of [undefined, null, "x", [1]]) expect(openProperties(wire).values).toEqual({});
  });
});

test("a path is written as the program has it", () => {
  expect(pathText(["kernel", "net.core.somaxconn"])).toBe('kernel["net.core.somaxconn"]');
  expect(pathText(["items", 0, "name"])).toBe("items[0].name");
});

test("no secret is left in a text, the one inside the other neither", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 4 }), { minLength: 1, maxLength: 4 }), fc.string(), (keys, rest) => {
      const opened = openProperties({ keys: secret(keys) });
      const safe = withoutSecrets(keys.join(rest), secretTexts(opened));
      for (const key of keys.filter((text) => !"[secret]".includes(text) && !rest.includes(text)))
        expect(safe.split("[secret]").join("\0")).not.toContain(key);
    }),
  );
});

test("no line of a private key is left in a text", () => {
  const opened = openProperties({ privateKey: secret("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n") });
  expect(withoutSecrets("cannot parse MC4CAQAwBQYDK2Vw here", secretTexts(opened))).toBe("cannot parse [secret] here");
});
