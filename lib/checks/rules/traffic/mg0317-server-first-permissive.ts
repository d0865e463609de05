import { type Data, number, records } from "../../fields";
import { judged } from "../../graph/judged";
import { membershipOf } from "../../graph/membership";
import { type MutualTlsDecision, mutualTlsAt } from "../../graph/mutual-tls";
import { isCaptured } from "../../graph/plaintext";
import { portProtocol } from "../../graph/port-protocol";
import { serverFirst } from "../../graph/server-first";
import { podsOf, targetPort } from "../../graph/service-pods";
import { type MeshObject, objectName } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** Permissive mode looks at the first bytes to tell mTLS from plaintext; a caller that waits for the server sends none. */
export const serverFirstPermissive: Rule = {
  code: "MG0317",
  title: "server that speaks first in permissive mode",
  severity: "warning",
  consequence:
    "In PERMISSIVE mode the server's sidecar tells mTLS from plaintext by the first bytes of the caller. In protocols such as MySQL or SMTP the caller waits for the server's greeting: callers without a sidecar, for whom the mode is there, hang. Callers with one begin with TLS and do not notice. Where no PeerAuthentication says PERMISSIVE, and it is Istio's default alone, it is a note.",
  fix: "Set the port to STRICT by a PeerAuthentication with a selector and portLevelMtls, or to DISABLE where callers without a sidecar must get through.",
  see: ["https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols"],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: PERMISSIVE
---
apiVersion: v1
kind: Service
metadata:
  name: orders-db
  namespace: shop
spec:
  selector:
    app: orders-db
  ports:
    - name: mysql
      port: 3306
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: orders-db
  namespace: shop
spec:
  replicas: 1
  serviceName: orders-db
  selector:
    matchLabels:
      app: orders-db
  template:
    metadata:
      labels:
        app: orders-db
    spec:
      containers:
        - name: mysql
          image: registry.example.no/mysql:8.4
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: PERMISSIVE
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: orders-db
  namespace: shop
spec:
  selector:
    matchLabels:
      app: orders-db
  portLevelMtls:
    3306:
      mode: STRICT
---
apiVersion: v1
kind: Service
metadata:
  name: orders-db
  namespace: shop
spec:
  selector:
    app: orders-db
  ports:
    - name: mysql
      port: 3306
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: orders-db
  namespace: shop
spec:
  replicas: 1
  serviceName: orders-db
  selector:
    matchLabels:
      app: orders-db
  template:
    metadata:
      labels:
        app: orders-db
    spec:
      containers:
        - name: mysql
          image: registry.example.no/mysql:8.4
`,
  },
  *check(graph) {
    for (const object of judged(graph, "Service")) {
      for (const [index, port] of records(object.spec.ports).entries()) yield* hanging(object, `spec.ports[${index}]`, port, graph);
    }
  },
};

/** One finding for a port, whichever of its pods take plaintext. A port without a protocol is MG0316. */
function* hanging(object: MeshObject, field: string, port: Data, graph: ObjectGraph): Iterable<RuleFinding> {
  const protocol = portProtocol(port) === undefined ? undefined : serverFirst(port);
  if (protocol === undefined) return;
  const decision = permissive(object, port, graph);
  if (decision === undefined) return;
  const { policy } = decision;
  const because = policy === undefined ? "nothing sets a mode, so it is PERMISSIVE" : `${objectName(policy)} sets PERMISSIVE`;
  yield {
    object,
    field,
    ...(policy === undefined && { severity: "note" as const }),
    message: `${because}, and in ${protocol} (port ${String(port.port)}) the server speaks first: callers without a sidecar hang.`,
  };
}

/** What makes a port of pods with a sidecar take both. */
function permissive(service: MeshObject, { port, targetPort: target }: Data, graph: ObjectGraph): MutualTlsDecision | undefined {
  for (const workload of podsOf(graph, service)) {
    const listening = targetPort({ number: number(port), target }, workload);
    if (listening === undefined || membershipOf(graph, workload) !== "sidecar" || !isCaptured(workload, listening)) continue;
    const decision = mutualTlsAt(graph, workload, listening);
    if (decision.mode === "PERMISSIVE") return decision;
  }
  return undefined;
}
