import type { Manifest } from "../../support/examples";
import type { KubernetesApi } from "../mesh/kubernetes-api";

interface VirtualService extends Manifest {
  readonly spec: {
    readonly http: readonly {
      readonly route: readonly { readonly destination: { readonly host: string; readonly subset?: string }; readonly weight?: number }[];
    }[];
  };
}

/** Objects of a list. */
export async function listOf<Item>(api: KubernetesApi, path: string): Promise<readonly Item[]> {
  return (await api.get<{ items: readonly Item[] }>(path)).items;
}

/** By VirtualService, the weight of a subset, or of the host that ends so, in its last route. */
export async function canaryWeights(api: KubernetesApi, canary: string): Promise<Readonly<Record<string, number>>> {
  const services = await listOf<VirtualService>(api, "/apis/networking.istio.io/v1/namespaces/shop/virtualservices");
  return Object.fromEntries(
    services.map(({ metadata: { name }, spec }) => {
      const routes = spec.http.at(-1)?.route ?? [];
      const found = routes.find(({ destination: { host, subset } }) => subset === canary || host.endsWith(`-${canary}`));
      return [name, found?.weight ?? 0];
    }),
  );
}
