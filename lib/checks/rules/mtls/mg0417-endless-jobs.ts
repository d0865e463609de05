import { hasNativeSidecars } from "../../../istio/release";
import { at, record, records, text, texts } from "../../fields";
import { membershipOf } from "../../graph/membership";
import { running } from "../../graph/running";
import { containersOf, type Workload } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { meshedShop } from "./example-parts";

const nightly = (annotation: string): string => `---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly-report
  namespace: shop
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        metadata:
          labels:
            app: nightly-report
${annotation}        spec:
          serviceAccountName: nightly-report
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example.no/report:1.1.0
`;

/** A sidecar that is an ordinary container keeps running when the job is done. */
export const endlessJobs: Rule = {
  code: "MG0417",
  title: "Job that never ends",
  severity: "warning",
  consequence:
    "The work is done and the sidecar keeps running, so the pod never completes: the Job is never finished, a CronJob with concurrencyPolicy Forbid never runs again, and one with Allow piles up pods until the nodes are full.",
  fix: 'Use native sidecars (Istio has them by default from 1.27 on Kubernetes 1.33; from Istio 1.24 on Kubernetes 1.29 the annotation sidecar.istio.io/nativeSidecar: "true" asks for one), end the sidecar when the work is done (POST http://localhost:15020/quitquitquit), or leave the sidecar out (label sidecar.istio.io/inject: "false") where nothing refuses plaintext.',
  see: ["https://istio.io/latest/blog/2023/native-sidecars/", "https://github.com/istio/istio/issues/6324"],
  example: {
    istio: "1.26.8",
    kubernetes: "1.33",
    bad: meshedShop + nightly(""),
    good: meshedShop + nightly("").replace("app: nightly-report", `app: nightly-report\n            sidecar.istio.io/inject: "false"`),
  },
  *check(graph) {
    for (const workload of graph.derive(running)) {
      const { object } = workload;
      if (object.kind !== "Job" && object.kind !== "CronJob") continue;
      if (membershipOf(graph, workload) !== "sidecar" || isNative(graph, workload) || quits(workload)) continue;
      const { istio, kubernetes } = graph.surroundings.releases;
      const why = `on Istio ${istio.minor} and Kubernetes 1.${kubernetes.minor} its sidecar is an ordinary container`;
      yield {
        object,
        message: `${why}, which keeps running when the work is done: the ${object.kind === "Job" ? "Job never completes" : "Jobs of the CronJob never complete"}.`,
      };
    }
  },
};

/** Kubernetes runs native sidecars by default from here on. Unit: the number after `1.`. */
const nativeFrom = 29;

/** Whether the sidecar is an init container that Kubernetes ends with the pod: as it is written, as the pod asks, or as istiod decides. */
function isNative(graph: ObjectGraph, workload: Workload): boolean {
  const { istio, kubernetes } = graph.surroundings.releases;
  const written = writtenProxy(workload);
  if (written !== undefined) return written === "initContainers";
  if (!istio.row.features.nativeSidecars || kubernetes.minor < nativeFrom) return false;
  const own = workload.annotations["sidecar.istio.io/nativeSidecar"];
  if (own !== undefined && istio.row.features.nativeSidecarAnnotation) return own !== "false";
  return graph.derive(nativeByOperator) ?? hasNativeSidecars(graph.surroundings.releases);
}

/** Where a proxy that is injected already stands. */
function writtenProxy({ pod }: Workload): "containers" | "initContainers" | undefined {
  const holds = (name: "containers" | "initContainers"): boolean =>
    records(pod[name]).some((container) => container.name === "istio-proxy" && (text(container.image) ?? "auto") !== "auto");
  return (["containers", "initContainers"] as const).find(holds);
}

/** What the installation says; undefined where it leaves it to the nodes. */
function nativeByOperator(graph: ObjectGraph): boolean | undefined {
  const settings = graph.of("IstioOperator").map(({ spec }) => `${at(spec, "values", "pilot", "env", "ENABLE_NATIVE_SIDECARS")}`);
  return settings.includes("true") || (settings.includes("false") ? false : undefined);
}

/** Whether a container ends the sidecar itself, as far as it can be seen: what an image does inside cannot. */
function quits(workload: Workload): boolean {
  return containersOf(workload, ["containers", "initContainers"]).some(({ container }) => {
    const hook = record(record(record(container.lifecycle).preStop).exec).command;
    const words = [container.command, container.args, hook].flatMap(texts);
    return words.some((word) => word.includes("quitquitquit")) || records(container.env).some(({ name }) => name === "ISTIO_QUIT_API");
  });
}
