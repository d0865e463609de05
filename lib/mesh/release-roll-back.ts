import type { HttpRoute } from "../istio/http-route";
import type { WeightedVersion } from "./release-strategy";

/** A VirtualService that holds the weights of a release, as it is rendered. */
export interface RoutedService {
  /** Its name. */
  readonly name: string;
  /** Its namespace; undefined where the chart names none. */
  readonly namespace?: string | undefined;
  /** Its routes, in order. */
  readonly http: readonly HttpRoute[];
}

/**
 * The one line for a shell that sends all requests to the stable version, as `rollBack: true` would: a patch for each VirtualService that holds
 * weights.
 *
 * Each patch first tests that the routes are those it was made for, and changes all weights or none.
 */
export function rollBackCommand({
  versions,
  virtualServices,
}: {
  readonly versions: readonly WeightedVersion[];
  readonly virtualServices: readonly RoutedService[];
}): string {
  const stable = versions.find(({ role }) => role === "stable")?.version.name;
  return virtualServices
    .map((service) => ({ service, patch: service.http.flatMap((route, index) => routePatch(route, index, stable)) }))
    .filter(({ patch }) => patch.length > 0)
    .map(({ service, patch }) => kubectlPatch(service, patch))
    .join(" && ");
}

interface Operation {
  readonly op: "test" | "replace";
  readonly path: string;
  readonly value: string | number;
}

/** Only routes between versions have weights: a tester's has one destination. */
function routePatch({ route = [] }: HttpRoute, index: number, stable: string | undefined): readonly Operation[] {
  if (!route.some(({ destination, weight }) => weight !== undefined && destination.subset === stable)) return [];
  return route.flatMap(({ destination }, place): readonly Operation[] => {
    const at = `/spec/http/${index}/route/${place}`;
    return [
      { op: "test", path: `${at}/destination/subset`, value: destination.subset ?? "" },
      { op: "replace", path: `${at}/weight`, value: destination.subset === stable ? 100 : 0 },
    ];
  });
}

function kubectlPatch({ name, namespace }: RoutedService, patch: readonly Operation[]): string {
  const where = namespace === undefined ? "" : ` --namespace ${namespace}`;
  return `kubectl${where} patch virtualservice ${name} --type=json --patch='${JSON.stringify(patch)}'`;
}
