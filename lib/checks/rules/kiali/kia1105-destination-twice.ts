import { record, records, text } from "../../fields";
import { distinct } from "../../graph/distinct";
import { fullHost } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { type Route, routesOf } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";
import type { Rule, RuleFinding } from "../../rule";

/** A route names each destination once. */
export const destinationTwice: Rule = {
  code: "KIA1105",
  title: "destination named twice in one route",
  severity: "warning",
  consequence:
    "The weights of both add up at one place. Mostly another subset or host was meant: what should get a share of the requests gets none, " +
    "and what should get a part gets all.",
  fix: "Name the other subset or host, or write the destination once with the sum of the weights.",
  see: [
    "https://kiali.io/docs/features/validations/",
    "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - route:
        - destination:
            host: pricing
            subset: v1
          weight: 95
        - destination:
            host: pricing
            subset: v1
          weight: 5
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - route:
        - destination:
            host: pricing
            subset: v1
          weight: 95
        - destination:
            host: pricing
            subset: v2
          weight: 5
`,
    externals: ["Service shop/pricing", "DestinationRule shop/*"],
  },
  *check(graph) {
    for (const object of distinct(judged(graph, "VirtualService"))) {
      for (const route of routesOf(object)) yield* repeated(object, route);
    }
  },
};

/** Each destination that the route has named before. With headers of its own it is another one. */
function* repeated(object: MeshObject, { field, data }: Route): Iterable<RuleFinding> {
  const first = new Map<string, number>();
  for (const [index, { destination, headers }] of records(data.route).entries()) {
    const { host, subset, port } = record(destination);
    if (typeof host !== "string") continue;
    const key = JSON.stringify([fullHost(host, object.namespace), subset ?? "", record(port).number ?? 0, headers ?? {}]);
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, index);
      continue;
    }
    const name = text(subset) === undefined || subset === "" ? host : `${host}, subset ${text(subset)}`;
    const message = `${name} is the destination of ${field}.route[${before}] already: the weights of both add up there.`;
    yield { object, field: `${field}.route[${index}].destination`, message };
  }
}
