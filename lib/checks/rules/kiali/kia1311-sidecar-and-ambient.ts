import { injectionOf, namespaces } from "../../graph/injection";
import { isGateway } from "../../graph/membership";
import { running } from "../../graph/running";
import { type Workload, workloads } from "../../graph/workloads";
import { objectName } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

const ambientLabel = "istio.io/dataplane-mode";
const injectLabel = "sidecar.istio.io/inject";

/** Pods have a sidecar, or are in ambient mode. */
export const sidecarAndAmbient: Rule = {
  code: "KIA1311",
  title: "labels for a sidecar and for ambient mode",
  severity: "error",
  consequence:
    "The sidecar wins: such pods stay out of ambient mode, whatever their label says. Pods that were made before the sidecar was asked for are in " +
    "ambient mode until they are made anew, so a policy can hold for some pods of a workload and not for others.",
  fix: "Remove one of the two labels. When moving to ambient mode, remove the one for sidecars and restart the pods.",
  see: ["https://kiali.io/docs/features/validations/", "https://istio.io/latest/docs/ambient/usage/add-workloads/"],
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
        istio.io/dataplane-mode: ambient
        sidecar.istio.io/inject: "true"
    spec:
      containers:
        - name: app
          image: registry.example.no/pricing:1.0.0
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
        istio.io/dataplane-mode: ambient
    spec:
      containers:
        - name: app
          image: registry.example.no/pricing:1.0.0
`,
  },
  *check(graph) {
    const labelled = graph.derive(workloads).filter(({ labels }) => labels[ambientLabel] === "ambient" || labels[injectLabel] === "true");
    if (labelled.length === 0) return;
    const once = new Set(graph.derive(running));
    for (const workload of labelled) if (once.has(workload)) yield* both(graph, workload);
  },
};

/**
 * A workload whose own labels contradict each other, or those of its namespace. A namespace that has both is IST0123, once for all of its workloads;
 * gateways bring a proxy of their own, in any namespace.
 */
function* both(graph: ObjectGraph, workload: Workload): Iterable<RuleFinding> {
  const { object, labels, template, namespace } = workload;
  const around = graph.derive(namespaces).get(namespace);
  const injects = around !== undefined && injectionOf(around) === "enabled";
  const captures = around?.labels[ambientLabel] === "ambient";
  if (isGateway(workload) || (injects && captures)) return;
  const said = verdict(labels, `the pods of ${objectName(object)}`, { namespace, injects, captures });
  if (said !== undefined) yield { object, field: template === "" ? "metadata.labels" : `${template}.metadata.labels`, ...said };
}

/** What a namespace does to pods that say nothing. */
interface Around {
  readonly namespace: string;
  readonly injects: boolean;
  readonly captures: boolean;
}

function verdict(
  labels: Readonly<Record<string, string>>,
  pods: string,
  { namespace, injects, captures }: Around,
): Pick<RuleFinding, "message" | "severity" | "fix"> | undefined {
  const [mode, inject] = [labels[ambientLabel], labels[injectLabel]];
  if (mode === "ambient" && inject === "true") return { message: `${pods} are labelled for ambient mode and for a sidecar.` };
  if (mode === "ambient" && injects && inject !== "false") {
    return { message: `${pods} are labelled for ambient mode, and the namespace ${namespace} for sidecars.` };
  }
  if (mode !== undefined || inject !== "true" || !captures) return undefined;
  return {
    message: `the namespace ${namespace} is in ambient mode, and ${pods} are labelled for a sidecar: they get it, and stay out of ambient mode.`,
    fix: "Remove the label sidecar.istio.io/inject. If the sidecar is meant, label the pods istio.io/dataplane-mode: none to say so.",
    severity: "warning",
  };
}
