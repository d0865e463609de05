import { texts } from "../../fields";
import { distinct } from "../../graph/distinct";
import { fullHost } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { isForMesh } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";
import type { Rule } from "../../rule";
import { type HostClaim, sharedHosts } from "./host-claims";
import { namedFew } from "./named-few";

/** Sidecars take one VirtualService for a host. */
export const conflictingMeshHosts: Rule = {
  code: "IST0109",
  title: "several VirtualServices of the mesh for one host",
  severity: "error",
  consequence:
    "Sidecars follow one VirtualService for a host. The routes of the others are never used, and which one is followed can change when one of them is made anew.",
  fix: "Put the routes of one host into one VirtualService, or export each to namespaces of its own with exportTo.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0109/",
    "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services",
  ],
  example: {
    bad: twoServices("pricing"),
    good: twoServices("payment"),
  },
  *check(graph) {
    const claims = distinct(judged(graph, "VirtualService")).filter(isForMesh).flatMap(claimsOf);
    const told = new Set<MeshObject>();
    for (const { host, objects, rivals } of sharedHosts(claims)) {
      for (const object of objects) {
        if (told.has(object)) continue;
        told.add(object);
        const names = namedFew(rivals, object);
        const message = `${host} is also a host of ${names}. Sidecars follow one VirtualService for a host, and none of the others' routes.`;
        yield { object, field: "spec.hosts", message };
      }
    }
  },
};

function claimsOf(object: MeshObject): readonly HostClaim<MeshObject>[] {
  const scopes = scopesOf(object);
  return texts(object.spec.hosts).map((host) => ({ object, scopes, host: fullHost(host, object.namespace) }));
}

/** Namespaces that a VirtualService holds for; `*` for all. */
function scopesOf({ spec, namespace }: MeshObject): readonly string[] {
  const exportTo = texts(spec.exportTo);
  if (exportTo.length === 0 || exportTo.includes("*")) return ["*"];
  return [...new Set(exportTo.map((entry) => (entry === "." ? namespace : entry)))];
}

function twoServices(second: string): string {
  return `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: payment
  namespace: shop
spec:
  selector:
    app: payment
  ports:
    - name: http
      port: 8080
---
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
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${second}-timeout
  namespace: shop
spec:
  hosts:
    - ${second}
  http:
    - timeout: 2s
      route:
        - destination:
            host: ${second}
`;
}
