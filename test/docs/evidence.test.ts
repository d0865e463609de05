import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/evidence.md"), "utf8");
const named = [...page.matchAll(/^\[`(.+?)`\]/gm)].map(([, file]) => file);
const suites = globSync("test/engines/**/*.test.ts", { cwd: root }).filter((file) =>
  /\bevidence\(/.test(readFileSync(join(root, file), "utf8")),
);

test.each(suites)("docs/evidence.md has what %s has seen", (file) => {
  expect(named).toContain(file);
});

test("docs/evidence.md has nothing of a suite that is gone", () => {
  expect(named.filter((file) => !existsSync(join(root, file ?? "none")))).toEqual([]);
});
