// Runs an example: node scripts/run-example.cjs NAME [OUTDIR]. Without OUTDIR it writes into manifests/ and artefacts/ here.
const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync, statSync } = require("node:fs");
const { join, resolve } = require("node:path");

const root = join(__dirname, "..");
const [name, outdir] = process.argv.slice(2);
const examples = readdirSync(join(root, "examples")).filter((entry) => statSync(join(root, "examples", entry)).isDirectory());
if (name === undefined || !examples.includes(name)) {
  process.stderr.write(`Usage: npm run example -- NAME [OUTDIR]\nExamples: ${examples.join(", ")}\n`);
  process.exit(2);
}

const run = (command, args, env = {}) => {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

const folders =
  outdir === undefined
    ? {}
    : { CDK8S_OUTDIR: join(resolve(outdir), "manifests"), MESHGROUND_ARTEFACTS: join(resolve(outdir), "artefacts") };
run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.examples.json")]);
if (!existsSync(join(root, "dist"))) throw new Error("dist is missing: npm run build");
run(process.execPath, [join(root, "build/examples", name, "main.js")], folders);
