import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInput, join, problem, refuse, shown } from "../../lib/core/problem";

describe("InvalidInput", () => {
  test("names every problem with its path, sorted", () => {
    const error = new InvalidInput("shop/Checkout", [
      problem("perTryTimeout", "0s", "at least 1ms"),
      problem("attempts", 11, "a whole number from 0 to 10"),
    ]);
    expect(error.message).toMatchInlineSnapshot(`
      "shop/Checkout: 2 invalid props
        attempts: got 11, expected a whole number from 0 to 10.
        perTryTimeout: got "0s", expected at least 1ms."
    `);
  });

  test("is thrown for problems, and not without", () => {
    expect(() => refuse("shop", [])).not.toThrow();
    expect(() => refuse("shop", [problem("port", 0, "a port")])).toThrow(InvalidInput);
  });
});

describe("a value in an error", () => {
  test("stays on one line and is not longer than 80 characters, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
        const text = shown(value);
        expect(text.length).toBeLessThanOrEqual(80);
        expect(text).not.toMatch(/[\n\r]/);
      }),
    );
  });

  test("that refers to itself is named as such", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(shown(loop)).toBe("an object that refers to itself");
  });
});

test("a path quotes what is not a plain name", () => {
  expect(join(join(join("release", "canary"), 0), "weight")).toBe("release.canary[0].weight");
  expect(join("labels", "app.kubernetes.io/name")).toBe('labels["app.kubernetes.io/name"]');
  expect(join("", "port")).toBe("port");
});
