import { at, type Data, records, text } from "../../fields";
import { isSystemNamespace } from "../../graph/judged";
import { containersOf, type Workload, workloads } from "../../graph/workloads";
import type { Rule } from "../../rule";
import { isControlPlane } from "./control-plane";

/** User that the proxy runs as. */
const proxyUser = 1337;
/** Containers that may be that user. */
const proxies: ReadonlySet<string> = new Set(["istio-proxy", "istio-operator"]);

/** What the proxy's user sends is not redirected to the proxy, or it would go round for ever. */
export const applicationUid: Rule = {
  code: "IST0144",
  title: "application with the user ID of the proxy",
  severity: "warning",
  consequence:
    "Whatever user 1337 sends passes the proxy by, because the redirection takes it for the proxy's own traffic: calls go out in plaintext, STRICT services reset them, and neither routing nor telemetry sees them.",
  fix: "Run the application as another user than 1337.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0144/",
    "https://istio.io/latest/docs/ops/deployment/application-requirements/",
  ],
  example: {
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
          securityContext:
            runAsUser: 1337
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
          securityContext:
            runAsUser: 10001
`,
  },
  *check(graph) {
    for (const workload of graph.derive(workloads)) {
      if (!isJudged(workload)) continue;
      const field = fieldOfUser(workload);
      if (field === undefined) continue;
      yield {
        object: workload.object,
        field,
        message: `user ${proxyUser} is the proxy's: what an application sends as it never reaches the proxy.`,
      };
    }
  },
};

/** Pods and Deployments, as Istio's analyzer looks at them; not those of its control plane. */
function isJudged({ object }: Workload): boolean {
  return (object.kind === "Pod" || object.kind === "Deployment") && !isSystemNamespace(object.namespace) && !isControlPlane(object);
}

/** Where the user is set: for all containers, unless all are proxies, or for one. */
function fieldOfUser(workload: Workload): string | undefined {
  const spec = workload.template === "" ? "spec" : `${workload.template}.spec`;
  if (isProxyUser(workload.pod) && !areProxies(workload)) return `${spec}.securityContext.runAsUser`;
  const container = containersOf(workload).find((one) => !isProxy(one.container) && isProxyUser(one.container));
  return container === undefined ? undefined : `${container.field}.securityContext.runAsUser`;
}

function isProxyUser(data: Data): boolean {
  return at(data, "securityContext", "runAsUser") === proxyUser;
}

function areProxies({ pod }: Workload): boolean {
  const containers = records(pod.containers);
  return containers.length > 0 && containers.every(isProxy);
}

function isProxy({ name }: Data): boolean {
  return proxies.has(text(name) ?? "");
}
