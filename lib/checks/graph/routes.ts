import { type Data, record, records, text, texts } from "../fields";
import type { MeshObject } from "../mesh-object";

/** A route of a VirtualService. */
export interface Route {
  readonly protocol: "http" | "tls" | "tcp";
  /** `spec.http[0]`. */
  readonly field: string;
  readonly data: Data;
}

/** A destination that a VirtualService names, with where it does. */
export interface RouteDestination {
  readonly route: Route;
  /** `spec.http[0].route[1].destination`, or `spec.http[0].mirror`. */
  readonly field: string;
  readonly host: string;
  readonly subset: string | undefined;
  readonly port: number | undefined;
  /** As written; undefined where none is. */
  readonly weight: number | undefined;
  readonly mirror: boolean;
  /** The destination as written. */
  readonly data: Data;
}

const protocols = ["http", "tls", "tcp"] as const;

/** What was read of each object, for as long as the object is there: a dozen rules ask for it. */
const routesByObject = new WeakMap<MeshObject, readonly Route[]>();
const destinationsByObject = new WeakMap<MeshObject, readonly RouteDestination[]>();

/** Routes of a VirtualService: http, then tls, then tcp. */
export function routesOf(object: MeshObject): readonly Route[] {
  const known = routesByObject.get(object);
  if (known !== undefined) return known;
  const routes: Route[] = [];
  for (const protocol of protocols) {
    for (const [index, data] of records(object.spec[protocol]).entries())
      routes.push({ protocol, field: `spec.${protocol}[${index}]`, data });
  }
  routesByObject.set(object, routes);
  return routes;
}

/** Destinations of a VirtualService, mirrors among them. One without a host is left out. */
export function destinationsOf(object: MeshObject): readonly RouteDestination[] {
  const known = destinationsByObject.get(object);
  if (known !== undefined) return known;
  const destinations = routesOf(object).flatMap(routeDestinations);
  destinationsByObject.set(object, destinations);
  return destinations;
}

function routeDestinations(route: Route): readonly RouteDestination[] {
  const { field, data } = route;
  return [
    ...records(data.route).flatMap((entry, index) => destination(route, `${field}.route[${index}].destination`, entry, false)),
    ...destination(route, `${field}.mirror`, { destination: data.mirror }, true),
    ...records(data.mirrors).flatMap((entry, index) => destination(route, `${field}.mirrors[${index}].destination`, entry, true)),
  ];
}

/** Gateways of a VirtualService; `mesh` alone where none is named. */
export function gatewaysOf({ spec }: MeshObject): readonly string[] {
  const gateways = texts(spec.gateways);
  return gateways.length === 0 ? ["mesh"] : gateways;
}

/** Whether a VirtualService holds for sidecars. */
export function isForMesh(object: MeshObject): boolean {
  return gatewaysOf(object).includes("mesh");
}

function destination(route: Route, field: string, entry: Data, mirror: boolean): readonly RouteDestination[] {
  const data = record(entry.destination);
  const host = text(data.host);
  if (host === undefined) return [];
  const { number } = record(data.port);
  const { weight } = entry;
  return [
    {
      route,
      field,
      host,
      subset: text(data.subset) === "" ? undefined : text(data.subset),
      port: typeof number === "number" && number !== 0 ? number : undefined,
      weight: typeof weight === "number" ? weight : undefined,
      mirror,
      data,
    },
  ];
}
