import { execFileSync } from "node:child_process";
import { join } from "node:path";

let folder: string | undefined;

/** A path below Istio's Go module, which istioctl is built from: its charts and CRDs lie there. Fetches the module when it is not there. */
export function istioModule(path: string): string {
  folder ??= findModule();
  return join(folder, path);
}

function findModule(): string {
  const cwd = join(__dirname, "build/istio");
  const answer = execFileSync("go", ["mod", "download", "-json", "istio.io/istio"], { cwd, encoding: "utf8" });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
