import { goModule } from "./go-module";

/** A path below Istio's Go module, which istioctl is built from: its charts and CRDs lie there. Fetches the module when it is not there. */
export function istioModule(path: string): string {
  return goModule("istio", "istio.io/istio", path);
}
