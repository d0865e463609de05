import { list } from "../../fields";
import { serviceRefusal } from "../../graph/plaintext";
import { servicePorts } from "../../graph/service-pods";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { plaintextPort, pricingPods, strictShop } from "./example-parts";
import { policyName, portNames, workloadName } from "./naming";

const door = `---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  type: LoadBalancer
  selector:
    app: pricing
  ports:
    - name: http
      port: 80
      targetPort: http
`;

/** Whoever comes through a load balancer or a node has no certificate of the mesh. */
export const outsideCallers: Rule = {
  code: "MG0410",
  title: "Service for callers outside whose pods refuse plaintext",
  severity: "error",
  consequence:
    "A load balancer, its health checks and whoever calls a node's port have no certificate of the mesh. The sidecar resets their connections, so the Service answers nobody outside, and the load balancer takes the nodes for unhealthy.",
  fix: "Let callers in through an ingress gateway and make the Service a ClusterIP. Where a port has to take plaintext, name it in a PeerAuthentication of the workload (portLevelMtls: PERMISSIVE).",
  see: [
    "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
    "https://istio.io/latest/docs/tasks/traffic-management/ingress/ingress-control/",
  ],
  example: {
    bad: strictShop + pricingPods + door,
    good: strictShop + plaintextPort(8080) + pricingPods + door,
  },
  *check(graph) {
    for (const object of graph.of("Service")) {
      const door = doorOf(object);
      if (door !== undefined) yield* refused(graph, object, door);
    }
  },
};

interface Door {
  readonly field: string;
  readonly name: string;
  /** Whether the Service is of no other use. */
  readonly only: boolean;
}

/** What lets callers outside the cluster in. A NodePort may be left over from something else, a load balancer costs money. */
function doorOf({ spec }: MeshObject): Door | undefined {
  if (spec.type === "LoadBalancer") return { field: "spec.type", name: "a load balancer sends to it", only: true };
  if (spec.type === "NodePort") return { field: "spec.type", name: "every node has a port open for it", only: false };
  if (list(spec.externalIPs).length > 0) return { field: "spec.externalIPs", name: "external addresses lead to it", only: false };
  return undefined;
}

function* refused(graph: ObjectGraph, object: MeshObject, { field, name, only }: Door): Iterable<RuleFinding> {
  const ports = servicePorts(object).map((port) => ({ port, refusal: serviceRefusal(graph, object, port) }));
  const refusing = ports.filter(({ refusal }) => refusal !== undefined);
  const [first] = refusing;
  if (first?.refusal === undefined) return;
  const { workload, policy } = first.refusal;
  const numbers = portNames(refusing.map(({ port }) => port.number));
  const message = `${name}, and ${workloadName(workload)} refuses plaintext behind ${numbers} (PeerAuthentication ${policyName(policy)}): callers without a certificate of the mesh get no answer.`;
  yield { object, field, message, severity: only && refusing.length === ports.length ? "error" : "warning" };
}
