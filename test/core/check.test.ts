import { describe, expect, test } from "vitest";
import { all, listOf, mapOf, oneOf, optional, port, satisfies, shape, wholeNumber } from "../../lib/core/check";
import { labelKey, labelValue } from "../../lib/core/name";
import type { Problem } from "../../lib/core/problem";

const messages = (problems: readonly Problem[]): readonly string[] => problems.map(({ path, message }) => `${path}: ${message}`);

interface Door {
  readonly port: number;
  readonly side?: "in" | "out";
}
const door = shape<Door>({ port, side: optional(oneOf("in", "out")) });

describe("a shape", () => {
  test("lets a good object pass", () => {
    expect(door("", { port: 8080 })).toEqual([]);
  });

  test("refuses an unknown prop, and names the one that was meant", () => {
    expect(messages(door("gateway", { port: 80, sid: "in" }))).toEqual(['gateway.sid: unknown prop. Did you mean "side"?']);
  });

  test("names every problem at once, with the nearest word", () => {
    expect(messages(door("", { port: 0, side: "inn" }))).toEqual([
      "port: got 0, expected a whole number from 1 to 65535.",
      'side: got "inn", expected one of "in", "out". Did you mean "in"?',
    ]);
  });

  test("refuses what is no object", () => {
    for (const value of [undefined, null, "x", 1, []]) expect(door("", value)).toHaveLength(1);
  });
});

test("a list names the item that is wrong", () => {
  expect(messages(listOf(port, { min: 1 })("ports", [80, 70_000]))).toEqual([
    "ports[1]: got 70000, expected a whole number from 1 to 65535.",
  ]);
  expect(messages(listOf(port, { min: 1 })("ports", []))).toEqual(["ports: got [], expected at least one item."]);
});

test("a map names the key that is wrong", () => {
  expect(messages(mapOf(labelKey, labelValue)("labels", { "bad key": "x" }))).toEqual([
    'labels["bad key"]: got "bad key", expected a label key such as example.no/tier.',
  ]);
});

test("later checks see only what the earlier ones let pass", () => {
  const even = satisfies("an even number", (value) => Number(value) % 2 === 0);
  const check = all(wholeNumber(0), even);
  expect(check("n", "x")).toHaveLength(1);
  expect(messages(check("n", 3))).toEqual(["n: got 3, expected an even number."]);
});

test("a check for every prop is asked for at compile time", () => {
  // @ts-expect-error the check of side is missing
  expect(shape<Door>({ port })("", { port: 1 })).toEqual([]);
});
