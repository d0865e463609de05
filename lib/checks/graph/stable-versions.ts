import { type Data, number, record, records, text } from "../fields";
import type { ObjectGraph } from "../object-graph";
import { fullHost } from "./hosts";

/** Stands for the host as a whole, where a route names no subset. */
export const wholeHost = "";

/**
 * The versions that carry a host in full: by each route that any request can take, the subset with the greatest weight. A host without such
 * a route is carried by itself.
 */
export function stableVersions(graph: ObjectGraph, host: string): ReadonlySet<string> {
  return graph.derive(versionsByHost).get(host) ?? whole;
}

const whole: ReadonlySet<string> = new Set([wholeHost]);

function versionsByHost(graph: ObjectGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const byHost = new Map<string, Set<string>>();
  for (const { spec, namespace } of graph.of("VirtualService")) {
    for (const { match, route } of records(spec.http)) {
      if (!isOpen(match)) continue;
      for (const destination of heaviest(records(route))) {
        const host = fullHost(text(destination.host) ?? "", namespace);
        byHost.set(host, (byHost.get(host) ?? new Set()).add(text(destination.subset) ?? wholeHost));
      }
    }
  }
  return byHost;
}

/** Conditions that a request meets by where it comes from, not by what it asks for. */
const ofPlace: readonly string[] = ["name", "port", "gateways", "sourceNamespace", "sourceLabels"];

function isOpen(match: unknown): boolean {
  const conditions = records(match);
  return conditions.length === 0 || conditions.some((condition) => Object.keys(condition).every((key) => ofPlace.includes(key)));
}

/** Destinations with the greatest weight; one alone has no need of any. */
function heaviest(routes: readonly Data[]): readonly Data[] {
  const weights = routes.map(({ weight }) => (routes.length === 1 ? 1 : (number(weight) ?? 0)));
  const most = weights.reduce((greatest, weight) => Math.max(greatest, weight), 0);
  return routes.filter((_, index) => weights[index] === most && most > 0).map(({ destination }) => record(destination));
}
