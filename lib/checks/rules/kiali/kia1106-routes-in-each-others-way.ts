import { texts } from "../../fields";
import { distinct } from "../../graph/distinct";
import { fullHost } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { Contenders } from "./contenders";
import { everything, type RouteClaim, routeClaims } from "./route-claims";

/** Two VirtualServices at one gateway, for one host, that take the same requests. */
export const routesInEachOthersWay: Rule = {
  code: "KIA1106",
  title: "VirtualServices of one gateway that take the same requests",
  severity: "warning",
  consequence:
    "A gateway puts the VirtualServices for one host together, in the order of their age. Of two routes with the same conditions the younger " +
    "one never gets a request, and which one is younger changes when an object is made anew.",
  fix: "Give each of the routes conditions of its own, put them into one VirtualService, or remove the one that is not meant.",
  see: [
    "https://kiali.io/docs/features/validations/",
    "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services",
  ],
  example: {
    bad: services("/"),
    good: services("/payment"),
    externals: ["Service shop/*", "Gateway shop/edge"],
  },
  *check(graph) {
    for (const { object, claim, host, rivals } of inEachOthersWay(graph).values()) {
      const what = claim.condition.endsWith(` ${everything}`) ? "every request" : "the same requests";
      const message = `${rivals} takes ${what} for ${host} at the gateway ${claim.gateway} as well: only the older one's route gets them.`;
      yield { object, field: claim.field, message };
    }
  },
};

interface Owned {
  readonly object: MeshObject;
  readonly claim: RouteClaim;
  readonly host: string;
}

interface Clash extends Owned {
  /** Names of the others. */
  readonly rivals: string;
}

/** The first clash of each VirtualService. */
function inEachOthersWay(graph: ObjectGraph): ReadonlyMap<MeshObject, Clash> {
  const owners = new Map<string, Owned[]>();
  for (const owned of distinct(judged(graph, "VirtualService")).flatMap(ownedBy)) {
    const key = `${owned.claim.gateway} ${owned.host} ${owned.claim.condition}`;
    const list = owners.get(key);
    if (list === undefined) owners.set(key, [owned]);
    else list.push(owned);
  }
  const found = new Map<MeshObject, Clash>();
  for (const list of owners.values()) for (const clash of clashesIn(list)) if (!found.has(clash.object)) found.set(clash.object, clash);
  return found;
}

function ownedBy(object: MeshObject): readonly Owned[] {
  const claims = routeClaims(object);
  const hosts = new Set(texts(object.spec.hosts).map((name) => fullHost(name, object.namespace)));
  return claims.length === 0 ? [] : [...hosts].flatMap((host) => claims.map((claim) => ({ object, claim, host })));
}

function clashesIn(owned: readonly Owned[]): readonly Clash[] {
  const objects = [...new Set(owned.map(({ object }) => object))];
  if (objects.length < 2) return [];
  const contenders = new Contenders(objects, ({ spec }) => texts(spec.exportTo));
  return owned.flatMap((one) => {
    const rivals = contenders.rivalsOf(one.object);
    return rivals === undefined ? [] : [{ ...one, rivals }];
  });
}

function services(prefix: string): string {
  return ["/", prefix]
    .map(
      (path, index) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${index === 0 ? "shop" : "payment"}
  namespace: shop
spec:
  hosts:
    - shop.example.no
  gateways:
    - edge
  http:
    - match:
        - uri:
            prefix: ${path}
      route:
        - destination:
            host: ${index === 0 ? "front" : "payment"}
`,
    )
    .join("---");
}
