import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/evidence.md"), "utf8");
const suites = globSync("test/engines/**/*.test.ts", { cwd: root }).filter((file) =>
  /\bevidence\(/.test(readFileSync(join(root, file), "utf8")),
);

test.each(suites)("docs/evidence.md has what %s has seen", (file) => {
  expect(page).toContain(`[\`${file}\`](../${file})`);
});

test("docs/evidence.md has nothing of a suite that is gone", () => {
  const named = [...page.matchAll(/^\[`(.+?)`\]/gm)].map(([, file]) => join(root, file ?? "none"));
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});
