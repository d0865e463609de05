import { execFileSync } from "node:child_process";
import { join } from "node:path";

const folders = new Map<string, string>();

/** A path below a Go module that an engine is built from: charts and CRDs lie there. Fetches the module when it is not there. */
export function goModule(build: "istio" | "argo-rollouts" | "flagger", module: string, path: string): string {
  const folder = folders.get(module) ?? findModule(build, module);
  folders.set(module, folder);
  return join(folder, path);
}

function findModule(build: string, module: string): string {
  const cwd = join(__dirname, "build", build);
  const answer = execFileSync("go", ["mod", "download", "-json", module], { cwd, encoding: "utf8" });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
