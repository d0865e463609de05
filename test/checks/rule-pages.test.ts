import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Rule, RuleExample } from "../../lib/checks/rule";
import { ruleIndex, rulePage } from "../../lib/checks/rule-page";
import { allRules, allTexts } from "../../lib/checks/rules/all-rules";
import { type Around, findingsIn } from "./checked";

const around = ({ istio, kubernetes, meshConfig, today, residency, externals }: RuleExample): Around => ({
  ...(istio !== undefined && { istio }),
  ...(kubernetes !== undefined && { kubernetes }),
  ...(meshConfig !== undefined && { meshConfig }),
  ...(today !== undefined && { today }),
  ...(residency !== undefined && { residency }),
  ...(externals !== undefined && { externals }),
});
const lastTrueOf = ({ versions }: Rule): Around => {
  const before = versions?.istioBefore;
  return before === undefined ? {} : { istio: `1.${Number(before.split(".")[1]) - 1}` };
};
const codesIn = (yaml: string, rule: Rule): readonly string[] =>
  findingsIn(yaml, allRules, { ...lastTrueOf(rule), ...around(rule.example) }).map(({ code, severity }) => `${severity} ${code}`);

describe.each(allRules.map((rule) => [rule.code, rule] as const))("%s", (code, rule) => {
  test("finds its bad example", () => {
    expect(codesIn(rule.example.bad, rule).map((found) => found.split(" ")[1])).toContain(code);
  });

  test("finds nothing in its good example, and no other rule an error", () => {
    const found = codesIn(rule.example.good, rule);
    expect(found.filter((line) => line.startsWith("error") || line.endsWith(` ${code}`))).toEqual([]);
  });
});

test.each(allTexts.map((text) => [text.code, text] as const))("%s has a page that says what it says", async (code, text) => {
  await expect(rulePage(text)).toMatchFileSnapshot(join(__dirname, `../../docs/rules/${code}.md`));
});

test("all codes stand in the list of pages", async () => {
  await expect(ruleIndex(allTexts)).toMatchFileSnapshot(join(__dirname, "../../docs/rules/README.md"));
});

test("no two rules have one code", () => {
  const codes = allRules.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});
