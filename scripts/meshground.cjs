// Runs the command of this checkout: npm run -s meshground -- check FILE… It is built first where dist is missing or older than lib.
const { spawnSync } = require("node:child_process");
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const main = join(root, "dist/cli/main.js");
const lock = join(root, "build/meshground-build.lock");

/** On an older Node than the command needs, the one that package.json pins takes over. */
function ensureNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const pinned = join(root, "node_modules/node/bin/node");
  const isOld = major < 22 || (major === 22 && minor < 12);
  if (!isOld || !existsSync(pinned)) return require("./check-node.cjs");
  const { status } = spawnSync(pinned, [__filename, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(status ?? 2);
}

const mtime = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

function newestSource() {
  const files = readdirSync(join(root, "lib"), { recursive: true }).map((name) => join(root, "lib", name));
  return Math.max(...[...files, join(root, "tsconfig.json"), join(root, "tsconfig.build.json")].map(mtime));
}

const isBuilt = () => mtime(main) > newestSource();

/** Builds beside dist and then takes its place, so that whoever runs at the same time finds the one or the other whole. */
function build() {
  const start = new Date();
  const fresh = join(root, `build/dist-${process.pid}`);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "-p", join(root, "tsconfig.build.json"), "--noCheck", "--outDir", fresh];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.stderr.write(`meshground: the build failed.\n${stdout}${stderr}`);
    process.exit(2);
  }
  require("./build-page.cjs").buildPage(fresh);
  // As old as what it was built from: what was changed meanwhile is newer.
  utimesSync(join(fresh, "cli/main.js"), start, start);
  const old = join(root, `build/dist-old-${process.pid}`);
  if (existsSync(join(root, "dist"))) renameSync(join(root, "dist"), old);
  renameSync(fresh, join(root, "dist"));
  rmSync(old, { recursive: true, force: true });
}

/** Whether this process now holds the lock. A lock of a process that is gone holds nobody. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function ensureBuilt() {
  mkdirSync(join(root, "build"), { recursive: true });
  while (!isBuilt()) {
    if (!takeLock()) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      continue;
    }
    process.on("exit", () => rmSync(lock, { force: true }));
    try {
      if (!isBuilt()) build();
    } finally {
      rmSync(lock, { force: true });
    }
    return;
  }
}

ensureNode();
ensureBuilt();
process.argv[1] = main;
require(main);
