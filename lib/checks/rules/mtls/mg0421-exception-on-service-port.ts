import { mutualTlsOf } from "../../graph/mutual-tls";
import { declaredPorts, type ServicePort, servicePorts, servicesFor, targetPort } from "../../graph/service-pods";
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
  const pods = port === undefined ? [] : selectedBy(graph, policy);
  const found = pods.map((workload) => ({ workload, real: port === undefined ? undefined : realPort(graph, workload, port) }));
  const [first] = found;
  if (first?.real === undefined || found.some(({ real }) => real === undefined)) return undefined;
  const { workload, real } = first;
  const rest = mutualTlsOf(graph, workload).ports.get(real.port) ?? mutualTlsOf(graph, workload).rest;
  const message = `port ${port} is that of Service ${real.service.name}, which leads to port ${real.port} of ${workloadName(workload)}: ${mode} holds for a port that nobody listens on, and port ${real.port} stays ${rest.mode === "UNKNOWN" ? "as it is" : rest.mode}.`;
  return { object: policy, field, message, fix: `Name port ${real.port} instead.`, severity: rest.mode === mode ? "warning" : "error" };
}

/** Where a port of a Service leads to in pods that do not have it themselves; undefined where they may. */
function realPort(
  graph: ObjectGraph,
  workload: Workload,
  port: number,
): { readonly port: number; readonly service: MeshObject } | undefined {
  if (declaredPorts(workload).some(({ number }) => number === port)) return undefined;
  const ports = servicesFor(graph, workload).flatMap((service) => servicePorts(service).map((one) => ({ service, one })));
  const leads = ({ one }: { readonly one: ServicePort }): number | undefined => targetPort(one, workload);
  if (ports.some((each) => leads(each) === port)) return undefined;
  const named = ports.find(({ one }) => one.number === port);
  const real = named === undefined ? undefined : leads(named);
  return named === undefined || real === undefined ? undefined : { port: real, service: named.service };
}
