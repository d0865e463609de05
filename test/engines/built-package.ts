import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder of this package. */
export const packageRoot = resolve(__dirname, "../..");

/** Builds the package, unless `dist` is newer than every source: other tests may be loading from it at this moment. */
export function buildPackage(): void {
  const built = join(packageRoot, "dist/index.js");
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return;
  execFileSync("npm", ["run", "--silent", "build"], { cwd: packageRoot, stdio: ["ignore", "ignore", "inherit"] });
}

function newestSource(): number {
  const files = readdirSync(join(packageRoot, "lib"), { recursive: true, encoding: "utf8" });
  return Math.max(...files.map((file) => statSync(join(packageRoot, "lib", file)).mtimeMs));
}
