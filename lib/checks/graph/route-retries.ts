import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type HttpLimits, httpLimits } from "./http-limits";
import { judged } from "./judged";
import { type Route, routesOf } from "./routes";

/** A route of HTTP that says itself how often a request is tried again. */
export interface RouteRetries {
  readonly object: MeshObject;
  readonly route: Route;
  /** `spec.http[0].retries`. */
  readonly field: string;
  readonly limits: HttpLimits;
  /** Place among the routes of HTTP of the VirtualService, from 0. */
  readonly index: number;
}

/** Routes that ask for retries, in the order of the objects. Those that cannot be read, or switch retries off, are left out. */
export function routeRetries(graph: ObjectGraph): readonly RouteRetries[] {
  return judged(graph, "VirtualService").flatMap((object) => {
    const routes = routesOf(object).filter(({ protocol }) => protocol === "http");
    return routes.flatMap((route, index) => {
      const limits = httpLimits(route.data, undefined);
      if (limits === undefined || limits.said !== "route" || limits.attempts === 0) return [];
      return [{ object, route, field: `${route.field}.retries`, limits, index }];
    });
  });
}
