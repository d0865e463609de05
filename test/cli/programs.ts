import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A command that runs a program of these lines. It may use `write(path, text)`, which makes folders, and `env`. */
export function program(folder: string, name: string, lines: string): string {
  const file = join(folder, `${name}.js`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `const { mkdirSync, writeFileSync, rmSync, existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { env } = process;
const write = (path, text) => { mkdirSync(dirname(path), { recursive: true }); writeFileSync(path, text); };
${lines}
`,
  );
  return `"${process.execPath}" "${file}"`;
}
