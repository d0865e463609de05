import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pages } from "./fences";
import { anchorsOf, linksOf, problemOf } from "./links";

const root = join(__dirname, "../..");

describe("the links of the documentation", () => {
  test.each(pages)("lead somewhere, with their anchors: %s", (page) => {
    expect(
      linksOf(root, page)
        .map(problemOf)
        .filter((problem) => problem !== undefined),
    ).toEqual([]);
  });

  test("are found: to files, to folders' pages and to headings", () => {
    const links = pages.flatMap((page) => linksOf(root, page));
    expect(links.length).toBeGreaterThan(200);
    expect(links.some(({ anchor }) => anchor !== undefined)).toBe(true);
  });

  test("are told of when they lead nowhere", () => {
    const page = join(root, "docs/mtls.md");
    expect(problemOf({ at: "x.md:1", path: join(root, "docs/none.md"), anchor: undefined })).toContain("is not there");
    expect(problemOf({ at: "x.md:1", path: page, anchor: "none" })).toContain("no heading for #none");
    expect(problemOf({ at: "x.md:1", path: join(root, "docs"), anchor: "none" })).toContain("a folder has no anchor");
  });

  test("lead to anchors that hosts of git and the site make alike: no heading has two hyphens in a row", () => {
    const anchors = pages.flatMap((page) => [...anchorsOf(readFileSync(join(root, page), "utf8"))].map((anchor) => `${page}#${anchor}`));
    expect(anchors.filter((anchor) => anchor.includes("--"))).toEqual([]);
  });
});

test("headings with code, signs and a name twice have the anchors that hosts of git give them", () => {
  expect([...anchorsOf("# `meshground mtls status`\n## What's new?\n## What's new?\n```sh\n# none\n```\n### [A link](x.md), C")]).toEqual([
    "meshground-mtls-status",
    "whats-new",
    "whats-new-1",
    "a-link-c",
  ]);
});
