import { at, type Data, record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { tryAmount } from "./amounts";
import { membershipOf } from "./membership";
import { hasContainer, type Workload } from "./workloads";

/** What the scheduler sets aside. Unit: cores, bytes. */
export interface Requests {
  readonly cores: number;
  readonly memory: number;
}

/** Nothing. */
export const noRequests: Requests = { cores: 0, memory: 0 };

/** The sum of two. */
export function sum(a: Requests, b: Requests): Requests {
  return { cores: a.cores + b.cores, memory: a.memory + b.memory };
}

/** So many times as much. */
export function times(count: number, { cores, memory }: Requests): Requests {
  return { cores: count * cores, memory: count * memory };
}

/**
 * What the scheduler sets aside for a pod: its containers together, or its largest init container where that is more. Init containers that keep
 * running count as containers, from their turn on.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podRequests(pod: Data): Requests {
  const whole = record(at(pod, "resources", "requests"));
  let running = noRequests;
  let starting = noRequests;
  for (const container of records(pod.initContainers)) {
    const own = requestsOf(container);
    starting = larger(starting, sum(running, own));
    if (container.restartPolicy === "Always") running = sum(running, own);
  }
  for (const container of records(pod.containers)) running = sum(running, requestsOf(container));
  const needed = larger(running, starting);
  const overhead = record(pod.overhead);
  const all = { cores: tryAmount(whole.cpu) ?? needed.cores, memory: tryAmount(whole.memory) ?? needed.memory };
  return sum(all, { cores: tryAmount(overhead.cpu) ?? 0, memory: tryAmount(overhead.memory) ?? 0 });
}

/** What the sidecar of a workload asks for, where it gets one that its own containers do not hold already. */
export function sidecarRequests(graph: ObjectGraph, workload: Workload): Requests {
  if (hasContainer(workload, "istio-proxy") || membershipOf(graph, workload) !== "sidecar") return noRequests;
  const { annotations } = workload;
  const [cpu, memory, cpuLimit, memoryLimit] = sidecarAnnotations.map((name) => text(annotations[name]));
  if ([cpu, memory, cpuLimit, memoryLimit].every((value) => value === undefined)) return graph.derive(meshSidecar);
  return { cores: tryAmount(cpu ?? cpuLimit) ?? 0, memory: tryAmount(memory ?? memoryLimit) ?? 0 };
}

/** One of them switches off every default of the mesh for the pod. Where only a limit is set, Kubernetes requests as much. */
const sidecarAnnotations = ["proxyCPU", "proxyMemory", "proxyCPULimit", "proxyMemoryLimit"].map((name) => `sidecar.istio.io/${name}`);

/** What a sidecar asks for that nobody told otherwise: what an IstioOperator says, else Istio's own. */
function meshSidecar(graph: ObjectGraph): Requests {
  const operator = graph.of("IstioOperator")[0];
  const own = operator === undefined || profileOf(operator) !== "demo" ? istioProxy : demoProxy;
  return requestsOr(record(at(operator?.spec, "values", "global", "proxy", "resources")), own);
}

/** Istio's own for each proxy: sidecars and gateways. */
export const istioProxy: Requests = { cores: 0.1, memory: 128 * 2 ** 20 };

/** The same in the profile `demo`. */
export const demoProxy: Requests = { cores: 0.01, memory: 40 * 2 ** 20 };

/** Profile that an IstioOperator starts from. */
export function profileOf({ spec }: MeshObject): string {
  return text(spec.profile) ?? "default";
}

/** What resources ask for, and for what they leave open as much as something else. */
export function requestsOr(resources: Data, others: Requests): Requests {
  const { cpu, memory } = record(resources.requests);
  return { cores: tryAmount(cpu) ?? others.cores, memory: tryAmount(memory) ?? others.memory };
}

/** Where only a limit is set, Kubernetes requests as much. */
function requestsOf({ resources }: Data): Requests {
  const [requests, limits] = [record(record(resources).requests), record(record(resources).limits)];
  return { cores: tryAmount(requests.cpu ?? limits.cpu) ?? 0, memory: tryAmount(requests.memory ?? limits.memory) ?? 0 };
}

function larger(a: Requests, b: Requests): Requests {
  return { cores: Math.max(a.cores, b.cores), memory: Math.max(a.memory, b.memory) };
}
