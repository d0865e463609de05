/** Processor time to load the constructs of the main door, against cdk8s alone, in processes of their own: `npm run bench`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
  strict: false,
});

/** What a program of a platform takes from each. A module that nothing is taken from is not loaded. */
const taken = {
  cdk8s: ["App", "Chart", "ApiObject"],
  meshground: ["MeshApp", "IstioControlPlane", "StrictMtlsNamespace", "CanaryService", "TunedNodePool", "KernelProfile", "Release"],
};

/** Milliseconds of processor time that loading takes in a fresh process. */
function load(module: keyof typeof taken): number {
  const program = `const start = process.cpuUsage(); const { ${taken[module]} } = require(${JSON.stringify(module)}); const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000)`;
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
const text = `the constructs of meshground: ${meshgroundMs.toFixed(0)} ms, ${(meshgroundMs / cdk8sMs).toFixed(1)} times those of cdk8s (${cdk8sMs.toFixed(0)} ms)`;
process.stdout.write(`${values.json ? JSON.stringify({ import: { cdk8sMs, meshgroundMs } }) : text}\n`);
