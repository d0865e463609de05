/** Processor time to load the main door, against cdk8s alone, in processes of their own: `npm run bench`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
  strict: false,
});

/** Milliseconds of processor time that `require` takes in a fresh process. */
function load(module: string): number {
  const program = `const start = process.cpuUsage(); require(${JSON.stringify(module)}); const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000)`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", program], {
    cwd: join(import.meta.dirname, "../.."),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

const runs = Array.from({ length: Number(values.rounds) }, () => ({ cdk8s: load("cdk8s"), meshground: load("meshground") }));
const cdk8sMs = median(runs.map(({ cdk8s }) => cdk8s));
const meshgroundMs = median(runs.map(({ meshground }) => meshground));
const text = `require("meshground"): ${meshgroundMs.toFixed(0)} ms, ${(meshgroundMs / cdk8sMs).toFixed(1)} times require("cdk8s") (${cdk8sMs.toFixed(0)} ms)`;
process.stdout.write(`${values.json ? JSON.stringify({ import: { cdk8sMs, meshgroundMs } }) : text}\n`);
