// What `npm run bench:hosts` has meshground do: two files, four keys, every value read back. Argument: a file with the hosts' connections.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { applyToHosts } = require("../../../dist/hosts/index.js");

const read = (name) => readFileSync(join(__dirname, name), "utf8");
const settings = read("sysctl.conf")
  .trim()
  .split("\n")
  .map((line) => line.split(" = "))
  .map(([key, value]) => ({ key, mode: "exact", value }));
const profile = {
  pool: "bench",
  settings,
  files: [
    { path: "/etc/sysctl.d/99-zz-bench.conf", content: read("sysctl.conf"), mode: "0644" },
    { path: "/etc/modules-load.d/bench.conf", content: read("modules.conf"), mode: "0644" },
  ],
  modules: [],
};

applyToHosts(JSON.parse(readFileSync(process.argv[2], "utf8")), profile, { atATime: 20 }).then((steps) => {
  const failed = steps.filter(({ state }) => state !== "done");
  for (const { state, target, error } of failed) process.stderr.write(`${target.address}: ${state} ${error ?? ""}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});
