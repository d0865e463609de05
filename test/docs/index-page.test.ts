import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { sectionsOf } from "../../scripts/site/index-page.mts";
import { pages } from "./fences";

const root = join(__dirname, "../..");
const index = "docs/README.md";
const sections = sectionsOf(readFileSync(join(root, index), "utf8"));
const named = sections.flatMap((section) => section.pages.map(({ path }) => join(dirname(index), path)));

test("the index has the sections in the order in which people need them", () => {
  expect(sections.map(({ title }) => title)).toEqual(["Start", "Tutorial", "How-to", "Explanation", "Reference"]);
});

test("the index names each page once, and none that is not there", () => {
  expect(named.toSorted()).toEqual([...new Set(named)].toSorted());
  expect(named.filter((path) => !pages.includes(path))).toEqual([]);
});

test("no page of docs is left out: the index names it, or the README of its folder", () => {
  const reached = (path: string): boolean => {
    const readme = join(dirname(path), "README.md");
    return (
      named.includes(path) ||
      (readme !== index && named.includes(readme) && readFileSync(join(root, readme), "utf8").includes(`(${basename(path)})`))
    );
  };
  expect(pages.filter((path) => path.startsWith("docs/") && path !== index && !reached(path))).toEqual([]);
});

test.each(pages.filter((path) => path.startsWith("docs/")))("%s begins with its one title", (path) => {
  const text = readFileSync(join(root, path), "utf8").replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "");
  expect(text).toMatch(/^# \S/);
  expect(text.match(/^# /gm)).toHaveLength(1);
});
