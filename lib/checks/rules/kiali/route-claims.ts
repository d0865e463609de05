import { type Data, record, records, text, texts } from "../../fields";
import { gatewaysOf, type Route, routesOf } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";

/** Requests that a route takes at a gateway. */
export interface RouteClaim {
  /** Gateway in full: `shop/edge`. */
  readonly gateway: string;
  /** Conditions of the route, the same text for the same conditions; `everything` where there are none. */
  readonly condition: string;
  /** `spec.http[0]`, or one of its conditions. */
  readonly field: string;
}

/** What a condition that every request meets is called. */
export const everything = "everything";

/** What the routes of a VirtualService take at gateways. Sidecars are not among these. */
export function routeClaims(object: MeshObject): readonly RouteClaim[] {
  const gateways = new Set(
    gatewaysOf(object)
      .filter((gateway) => gateway !== "mesh")
      .map((gateway) => inFull(gateway, object.namespace)),
  );
  if (gateways.size === 0) return [];
  return routesOf(object).flatMap((route) =>
    conditionsOf(route).flatMap(({ condition, field, only }) => {
      const narrowed = only.map((gateway) => inFull(gateway, object.namespace)).filter((gateway) => gateways.has(gateway));
      return [...(only.length === 0 ? gateways : new Set(narrowed))].map((gateway) => ({ gateway, condition, field }));
    }),
  );
}

interface Condition {
  readonly condition: string;
  readonly field: string;
  /** Gateways that it is narrowed to. Empty for all of the VirtualService's. */
  readonly only: readonly string[];
}

function conditionsOf({ protocol, field, data }: Route): readonly Condition[] {
  const matches = records(data.match);
  if (matches.length === 0) return [{ condition: `${protocol} ${everything}`, field, only: [] }];
  return matches.map((match, index) => ({
    condition: `${protocol} ${textOf(match)}`,
    field: `${field}.match[${index}]`,
    only: texts(match.gateways),
  }));
}

/** Fields of a match that say nothing of the request. */
const silent: ReadonlySet<string> = new Set(["name", "gateways", "statPrefix"]);

function textOf(match: Data): string {
  const said = Object.entries(match).filter(
    ([name, value]) => !silent.has(name) && value !== undefined && value !== null && !isEverything(name, value),
  );
  return said.length === 0
    ? everything
    : JSON.stringify(
        said.sort(([a], [b]) => (a < b ? -1 : 1)),
        sorted,
      );
}

/** Whether a condition on the path holds for any path. */
function isEverything(name: string, value: unknown): boolean {
  if (name === "ignoreUriCase" || Object.keys(record(value)).length === 0)
    return name === "ignoreUriCase" || (typeof value === "object" && !Array.isArray(value));
  const { prefix, regex } = record(value);
  return name === "uri" && (prefix === "/" || text(regex) === ".*");
}

/** Fields of objects in one order, so that the same conditions are the same text. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inFull(gateway: string, namespace: string): string {
  if (!gateway.includes("/")) return `${namespace}/${gateway}`;
  return gateway.startsWith("./") ? `${namespace}/${gateway.slice(2)}` : gateway;
}
