import { join } from "../../../core/problem";
import { type Data, record } from "../../fields";
import { membershipOf } from "../../graph/membership";
import { running } from "../../graph/running";
import { containersOf, type Workload } from "../../graph/workloads";
import type { Rule } from "../../rule";
import { meshedShop } from "./example-parts";

const ledger = (user: number): string => `---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ledger
  namespace: shop
spec:
  serviceName: ledger
  selector:
    matchLabels:
      app: ledger
  template:
    metadata:
      labels:
        app: ledger
    spec:
      serviceAccountName: ledger
      securityContext:
        runAsUser: ${user}
      containers:
        - name: app
          image: registry.example.no/ledger:1.0.0
`;

/** What Istio's own rule (IST0144) does not look at: workloads other than Pods and Deployments, and the group. */
export const proxyIdentity: Rule = {
  code: "MG0425",
  title: "application that runs as the sidecar's user or group",
  severity: "warning",
  consequence:
    "What user 1337 or group 1337 sends is the sidecar's own traffic to the pod's redirection, and is not sent through the sidecar: the application calls in plaintext, pods that refuse plaintext reset it, and no policy, route or metric sees its calls.",
  fix: "Run the application as another user and group.",
  see: [
    "https://istio.io/latest/docs/ops/deployment/application-requirements/",
    "https://istio.io/latest/docs/reference/config/analysis/ist0144/",
  ],
  example: { bad: meshedShop + ledger(1337), good: meshedShop + ledger(1000) },
  *check(graph) {
    for (const workload of graph.derive(running)) {
      if (!["sidecar", "unknown"].includes(membershipOf(graph, workload))) continue;
      const [found] = identities(workload);
      if (found === undefined) continue;
      const message = `runs as ${found.name === "runAsUser" ? "user" : "group"} 1337, the sidecar's own: its calls do not go through the sidecar.`;
      yield { object: workload.object, field: found.field, message };
    }
  },
};

/** The sidecar's user and group. */
const proxy = 1337;

interface Identity {
  readonly name: "runAsUser" | "runAsGroup";
  readonly field: string;
}

/** Where a workload says that its containers run as the sidecar does. */
function identities(workload: Workload): readonly Identity[] {
  const { pod, template, object } = workload;
  const judgedByIstio = object.kind === "Pod" || object.kind === "Deployment";
  const names = judgedByIstio ? (["runAsGroup"] as const) : (["runAsUser", "runAsGroup"] as const);
  const around = record(pod.securityContext);
  return containersOf(workload).flatMap(({ container, field }) =>
    container.name === "istio-proxy"
      ? []
      : names.flatMap((name) =>
          identityOf(name, { own: record(container.securityContext), field }, { own: around, field: join(template, "spec") }),
        ),
  );
}

interface Context {
  readonly own: Data;
  readonly field: string;
}

/** The container's own setting goes before the pod's. */
function identityOf(name: Identity["name"], container: Context, pod: Context): readonly Identity[] {
  const set = container.own[name] === undefined || container.own[name] === null ? pod : container;
  return set.own[name] === proxy ? [{ name, field: `${set.field}.securityContext.${name}` }] : [];
}
