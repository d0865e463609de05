import type { Manifest } from "../../support/examples";
import type { KubernetesApi } from "../mesh/kubernetes-api";
import { canaryWeights, listOf } from "./routes";
import { Timeline } from "./timeline";

/** Follows every Canary of the namespace: `NAME.phase`, `.failed`, how many checks of the release have failed, and `.weight` in the VirtualService. */
export function followCanaries(api: KubernetesApi): Timeline {
  return new Timeline(async () => {
    const [canaries, weights] = await Promise.all([
      listOf<Canary>(api, "/apis/flagger.app/v1beta1/namespaces/shop/canaries"),
      canaryWeights(api, "canary"),
    ]);
    const values = canaries.flatMap(({ metadata: { name }, status = {} }) =>
      Object.entries({ phase: status.phase, failed: status.failedChecks ?? 0, weight: weights[name] }).map(
        ([key, value]) => [`${name}.${key}`, value] as const,
      ),
    );
    return Object.fromEntries(values);
  });
}

interface Canary extends Manifest {
  readonly status?: { readonly phase?: string; readonly failedChecks?: number };
}
