// npm run engines [-- --budget SECONDS]: fetches or builds every engine that is not in the cache yet. Can be stopped and called again; what
// is half done is done anew. What cannot be had is said aloud and left out: the tests that need it are skipped and counted as skipped.
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cacheFolder, type Engine, engines, folderOf, tryProgram } from "./engines.mts";

const { values } = parseArgs({ options: { budget: { type: "string", default: "3000" } } });
const started = Date.now();
const spent = (): number => Math.round((Date.now() - started) / 1_000);
const left = (): number => Number(values.budget) - spent();
const say = (text: string): void => void process.stdout.write(`[${String(spent()).padStart(4)} s] ${text}\n`);

const run = (command: string, args: readonly string[], cwd: string): string | undefined => {
  const { status, error, signal, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: left() * 1_000,
    encoding: "utf8",
  });
  if (signal !== null) return "the time budget ran out";
  return error?.message ?? (status === 0 ? undefined : stderr.trim().split("\n").slice(-3).join(" | "));
};

const build = (engine: Engine): string | undefined => {
  const target = folderOf(engine);
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const problem = engine.source.kind === "go" ? buildGo(engine, unfinished) : installNpm(engine, unfinished);
  if (problem === undefined) renameSync(unfinished, target);
  else rmSync(unfinished, { recursive: true, force: true });
  return problem;
};

const buildGo = ({ name, source }: Engine, folder: string): string | undefined => {
  if (source.kind !== "go") return "not a Go program";
  const module = fileURLToPath(new URL(`./build/${source.module}`, import.meta.url));
  return run("go", ["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-o", join(folder, name), source.package], module);
};

const installNpm = ({ version, source }: Engine, folder: string): string | undefined => {
  if (source.kind !== "npm") return "not an npm package";
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: { [source.package]: version } }));
  return run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
};

mkdirSync(cacheFolder, { recursive: true });
const missing: string[] = [];
for (const engine of Object.values(engines)) {
  const label = `${engine.name} ${engine.version}`;
  if (tryProgram(engine) !== undefined) {
    say(`${label}: in the cache`);
    continue;
  }
  say(`${label}: ${engine.source.kind === "go" ? "building" : "installing"} …`);
  const problem = left() <= 0 ? "the time budget ran out" : build(engine);
  say(`${label}: ${problem === undefined ? "ready" : `NOT HAD: ${problem}`}`);
  if (problem !== undefined) missing.push(label);
}
say(
  missing.length === 0 ? `All engines are in ${cacheFolder}` : `Not had: ${missing.join(", ")}. The tests that need them will be skipped.`,
);
