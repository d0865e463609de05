/** Runs the benchmarks that need nothing but this checkout, one after the other, with the arguments that it is given. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

for (const name of ["import.mts", "synth.mts", "check.mts"]) {
  const { status } = spawnSync(process.execPath, ["--expose-gc", join(import.meta.dirname, name), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
