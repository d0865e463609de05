import { at, type Data, record, text } from "../../fields";
import { isFalse, isTrue } from "../../graph/allow-policies";
import { membershipOf } from "../../graph/membership";
import { isCaptured, plaintextRefusal } from "../../graph/plaintext";
import { running } from "../../graph/running";
import { containerPort } from "../../graph/service-pods";
import { containersOf, type Workload } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { strictShop } from "./example-parts";
import { policyName } from "./naming";

const probed = (annotation: string): string => `---
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
${annotation}    spec:
      serviceAccountName: pricing
      containers:
        - name: app
          image: registry.example.no/pricing:1.4.0
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080
`;

/** The kubelet probes in plaintext; Istio sends its probes through the agent, unless it is told not to. */
export const probes: Rule = {
  code: "MG0414",
  title: "probe that the sidecar answers instead of the application",
  severity: "error",
  consequence:
    "The kubelet has no certificate of the mesh. With the rewriting of probes off, a port that refuses plaintext fails its HTTP and gRPC probes, so pods never become ready or are killed over and over; a TCP probe always succeeds, because the sidecar takes the connection even when the application is dead.",
  fix: "Remove the annotation sidecar.istio.io/rewriteAppHTTPProbers (or set sidecarInjectorWebhook.rewriteAppHTTPProbe to true), so that the probes go through Istio's agent.",
  see: ["https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/"],
  example: {
    bad: strictShop + probed(`      annotations:\n        sidecar.istio.io/rewriteAppHTTPProbers: "false"\n`),
    good: strictShop + probed(""),
  },
  *check(graph) {
    const everywhere = graph.derive(rewritesNothing);
    for (const workload of graph.derive(running)) {
      const own = workload.annotations["sidecar.istio.io/rewriteAppHTTPProbers"] ?? "";
      if (isFalse(own) || (everywhere && !isTrue(own))) yield* refusedProbes(graph, workload);
    }
  },
};

/** Whether the injector is told to leave probes alone. */
function rewritesNothing(graph: ObjectGraph): boolean {
  return graph.of("IstioOperator").some(({ spec }) => at(spec, "values", "sidecarInjectorWebhook", "rewriteAppHTTPProbe") === false);
}

const names = ["startupProbe", "readinessProbe", "livenessProbe"] as const;
const hooks = ["postStart", "preStop"] as const;

function* refusedProbes(graph: ObjectGraph, workload: Workload): Iterable<RuleFinding> {
  const membership = membershipOf(graph, workload);
  if (membership !== "sidecar" && membership !== "unknown") return;
  for (const { container, field } of containersOf(workload, ["initContainers", "containers"])) {
    if (container.name === "istio-proxy") continue;
    for (const name of names) yield* refused(graph, workload, record(container[name]), `${field}.${name}`);
    for (const hook of hooks) {
      const { httpGet } = record(record(container.lifecycle)[hook]);
      yield* refused(graph, workload, { httpGet }, `${field}.lifecycle.${hook}`);
    }
  }
}

function* refused(graph: ObjectGraph, workload: Workload, probe: Data, field: string): Iterable<RuleFinding> {
  const kind = (["httpGet", "tcpSocket", "grpc"] as const).find(
    (name) => Object.hasOwn(probe, name) && probe[name] !== undefined && probe[name] !== null,
  );
  if (kind === undefined) return;
  const { port, host } = record(probe[kind]);
  const number = containerPort(port, workload);
  if (number === undefined || (text(host) ?? "") !== "") return;
  const place = { object: workload.object, field: `${field}.${kind}` };
  if (kind !== "tcpSocket") {
    const policy = plaintextRefusal(graph, workload, number);
    if (policy === undefined) return;
    const message = `the kubelet probes port ${number} in plaintext, because probes are not rewritten, and the port refuses it (PeerAuthentication ${policyName(policy)}): the probe never succeeds.`;
    yield { ...place, message };
  } else if (membershipOf(graph, workload) === "sidecar" && isCaptured(workload, number)) {
    const message = `the probe connects to port ${number}, where the sidecar takes every connection, because probes are not rewritten: it succeeds even when the application is dead.`;
    yield { ...place, message, severity: "warning" };
  }
}
