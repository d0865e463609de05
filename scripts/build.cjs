// Builds the package: node scripts/build.cjs [DIST] [-- OPTION OF tsc…]. The program of the picture's page, the modules, and then their imports made lazy.
const { spawnSync } = require("node:child_process");
const { rmSync } = require("node:fs");
const { join } = require("node:path");
const { buildPage } = require("./build-page.cjs");
const { makeLazy } = require("./lazy-modules.cjs");

const root = join(__dirname, "..");
const [dist = join(root, "dist"), ...options] = process.argv.slice(2).filter((argument) => argument !== "--");

rmSync(dist, { recursive: true, force: true });
buildPage(dist);
const tsc = join(root, "node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", dist, ...options], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
makeLazy(dist);
