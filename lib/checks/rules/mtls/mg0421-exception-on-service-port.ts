import { mutualTlsOf } from "../../graph/mutual-tls";
import { declaredPorts, servicePorts, servicesFor, targetPort } from "../../graph/service-pods";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { plaintextPort, pricingPods, pricingService, strictShop } from "./example-parts";
import { selectedBy, type WorkloadMode, workloadModes } from "./exceptions";
import { workloadName } from "./naming";

/** The sidecar sees the port that the pod listens on; the Service's is gone by then. */
export const exceptionOnServicePort: Rule = {
  code: "MG0421",
  title: "mTLS of the Service's port instead of the workload's",
  severity: "error",
  consequence:
    "portLevelMtls names ports of the pods. A port that only the Service has is never seen by the sidecar: the real port follows the mode of the rest, so an exception lets nobody in, and STRICT protects nothing.",
  fix: "Name the port that the Service leads to: its targetPort, as the container listens on it.",
  see: ["https://istio.io/latest/docs/reference/config/security/peer_authentication/"],
  example: {
    bad: strictShop + plaintextPort(80) + pricingPods + pricingService,
    good: strictShop + plaintextPort(8080) + pricingPods + pricingService,
  },
  *check(graph) {
    for (const one of graph.derive(workloadModes)) {
      const finding = misplaced(graph, one);
      if (finding !== undefined) yield finding;
    }
  },
};

function misplaced(graph: ObjectGraph, { policy, port, field, mode }: WorkloadMode): RuleFinding | undefined {
  const [workload, ...others] = port === undefined ? [] : selectedBy(graph, policy);
  const real = workload === undefined || port === undefined ? undefined : realPort(graph, workload, port);
  if (workload === undefined || port === undefined || real === undefined) return undefined;
  if (!others.every((other) => realPort(graph, other, port) !== undefined)) return undefined;
  const { ports, rest: unnamed } = mutualTlsOf(graph, workload);
  const rest = ports.get(real.port) ?? unnamed;
  const message = `port ${port} is that of Service ${real.service.name}, which leads to port ${real.port} of ${workloadName(workload)}: ${mode} holds for a port that nobody listens on, and port ${real.port} stays ${rest.mode === "UNKNOWN" ? "as it is" : rest.mode}.`;
  return { object: policy, field, message, fix: `Name port ${real.port} instead.`, severity: rest.mode === mode ? "warning" : "error" };
}

/** Where a port of a Service leads to in pods that do not have it themselves; undefined where they may. */
function realPort(graph: ObjectGraph, workload: Workload, port: number): RealPort | undefined {
  const known = graph.derive(portsByWorkload);
  const ports = known.get(workload) ?? portsOf(graph, workload);
  known.set(workload, ports);
  return ports.listening.has(port) ? undefined : ports.behind.get(port);
}

interface RealPort {
  readonly port: number;
  readonly service: MeshObject;
}

/** What is known of the ports of a workload. */
interface KnownPorts {
  /** Ports that it has: containers declare them, or Services lead to them. */
  readonly listening: ReadonlySet<number>;
  /** Ports of Services, with where each leads to. */
  readonly behind: ReadonlyMap<number, RealPort>;
}

/** A derivation that fills as it is asked. */
function portsByWorkload(): Map<Workload, KnownPorts> {
  return new Map();
}

function portsOf(graph: ObjectGraph, workload: Workload): KnownPorts {
  const listening = new Set(declaredPorts(workload).map(({ number }) => number));
  const behind = new Map<number, RealPort>();
  for (const service of servicesFor(graph, workload)) {
    for (const one of servicePorts(service)) {
      const port = targetPort(one, workload);
      if (port === undefined) continue;
      listening.add(port);
      if (one.number !== undefined && !behind.has(one.number)) behind.set(one.number, { port, service });
    }
  }
  return { listening, behind };
}
