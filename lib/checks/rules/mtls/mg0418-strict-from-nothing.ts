import { isAmbient, namespaceInjection, namespaces } from "../../graph/injection";
import { membershipOf } from "../../graph/membership";
import { meshConfig } from "../../graph/mesh-config";
import { namespaceMutualTls } from "../../graph/mutual-tls";
import { running } from "../../graph/running";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { pricingPods, strictPolicy, strictShop } from "./example-parts";
import { enumeration, workloadName } from "./naming";

/** STRICT is a setting of sidecars: without them it means nothing to those who are called, and everything to those who call. */
export const strictFromNothing: Rule = {
  code: "MG0418",
  title: "STRICT for pods without a sidecar",
  severity: "warning",
  consequence:
    "STRICT is followed by sidecars. Pods without one go on taking plaintext from anybody, although the policy reads as if they did not; and they call in plaintext, so every pod that does have a sidecar resets their connections.",
  fix: "First put the pods into the mesh (label the namespace istio-injection: enabled, or its revision, and restart them), look at PERMISSIVE for plaintext callers that are left, and only then switch to STRICT. A namespace that shall stay outside says so with istio-injection: disabled.",
  see: ["https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/", "https://github.com/istio/istio/issues/48290"],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
${strictPolicy}${pricingPods}`,
    good: strictShop + pricingPods,
  },
  *check(graph) {
    const { rootNamespace } = graph.derive(meshConfig);
    for (const object of graph.of("PeerAuthentication")) {
      const { mode, policy } = namespaceMutualTls(graph, object.namespace);
      if (mode !== "STRICT" || policy !== object) continue;
      const finding = object.namespace === rootNamespace ? wholeMesh(graph, object) : wholeNamespace(graph, object);
      if (finding !== undefined) yield { field: "spec.mtls.mode", ...finding };
    }
  },
};

/** The workloads of a namespace that run for long, by whether they have a sidecar. */
interface Population {
  readonly outside: Workload[];
  /** In the mesh, or perhaps. */
  inside: number;
}

function populations(graph: ObjectGraph): ReadonlyMap<string, Population> {
  const byNamespace = new Map<string, Population>();
  for (const workload of graph.derive(running)) {
    const population = byNamespace.get(workload.namespace) ?? { outside: [], inside: 0 };
    byNamespace.set(workload.namespace, population);
    const membership = membershipOf(graph, workload);
    if (membership === "outside" && lasts(workload)) population.outside.push(workload);
    else if (membership !== "outside" && membership !== "gateway") population.inside++;
  }
  return byNamespace;
}

/** Jobs and pods on the node's network have rules of their own. */
function lasts({ object, pod }: Workload): boolean {
  return object.kind !== "Job" && object.kind !== "CronJob" && pod.hostNetwork !== true;
}

function wholeNamespace(graph: ObjectGraph, object: MeshObject): RuleFinding | undefined {
  const { outside, inside } = graph.derive(populations).get(object.namespace) ?? { outside: [], inside: 0 };
  if (outside.length === 0) return undefined;
  if (inside === 0)
    return {
      object,
      message: `no pod of ${object.namespace} has a sidecar${reason(graph, object.namespace)}: STRICT changes nothing for those who call them, and their own calls stay plaintext.`,
    };
  const names = enumeration(outside, workloadName);
  const message = `${names} of ${object.namespace} ${outside.length === 1 ? "has" : "have"} no sidecar: plaintext is still taken there, and calls to other pods of the namespace are reset.`;
  return { object, message, severity: "note" };
}

function wholeMesh(graph: ObjectGraph, object: MeshObject): RuleFinding | undefined {
  const all = [...graph.derive(populations)].filter(([namespace]) => namespace !== object.namespace);
  const outside = all.filter(([namespace, population]) => population.outside.length > 0 && saysNothing(graph, namespace));
  if (outside.length === 0) return undefined;
  const names = enumeration(outside, ([namespace]) => namespace);
  const message = `no pod of ${names} has a sidecar, because nothing asks for one: they go on taking plaintext, and pods of the mesh reset their calls.`;
  const nobody = all.every(([, { inside }]) => inside === 0);
  return { object, message, ...(!nobody && { severity: "note" }) };
}

/** Whether a namespace neither asks for sidecars nor refuses them. Those with a policy of their own have a finding of their own. */
function saysNothing(graph: ObjectGraph, namespace: string): boolean {
  const object = graph.derive(namespaces).get(namespace);
  if (object === undefined || isAmbient(object) || namespaceInjection(graph, namespace) !== "unlabelled") return false;
  return (
    namespaceMutualTls(graph, namespace).policy?.namespace !== namespace && (graph.derive(populations).get(namespace)?.inside ?? 0) === 0
  );
}

function reason(graph: ObjectGraph, namespace: string): string {
  const injection = namespaceInjection(graph, namespace);
  if (injection === "unlabelled") return ", because nothing asks for one";
  return injection === "disabled" ? ", because the namespace refuses them" : "";
}
