import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(join(__dirname, "../..", path), "utf8");

test("the README's first page is what a new user has seen", () => {
  expect(read("README.md")).toContain(`\`\`\`text\n${read("test/golden/new-user.txt").trimEnd()}\n\`\`\`\n`);
});
