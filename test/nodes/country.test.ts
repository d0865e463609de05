import { expect, test } from "vitest";
import { type CountryCode, country } from "../../lib/nodes/country";

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const assigned = letters.flatMap((a) => letters.map((b) => `${a}${b}`)).filter((code) => country("", code).length === 0);

test("knows the 249 codes that are assigned", () => {
  expect(assigned).toHaveLength(249);
});

test("knows only codes that the runtime can name", () => {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  expect(assigned.filter((code) => names.of(code) === undefined)).toEqual([]);
});

test("refuses what looks like a country and is none", () => {
  expect(["EU", "XK", "UN", "ZZ", "NOR", "", "N"].filter((code) => country("", code).length === 0)).toEqual([]);
});

test.each([
  ["no", 'Did you mean "NO"?'],
  ["UK", 'Did you mean "GB"?'],
])("%s is told what it means", (code, hint) => {
  expect(country("nodes.country", code)[0]?.message).toContain(hint);
});

test("the type knows the codes too", () => {
  const good: CountryCode = "NO";
  // @ts-expect-error not assigned
  const bad: CountryCode = "XX";
  expect([good, bad].map((code) => country("", code).length)).toEqual([0, 1]);
});
