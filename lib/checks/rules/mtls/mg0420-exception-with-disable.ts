import { record, records } from "../../fields";
import { membershipOf } from "../../graph/membership";
import { mutualTlsOf } from "../../graph/mutual-tls";
import { portProtocol } from "../../graph/port-protocol";
import { labelSelector, SelectorIndex } from "../../graph/selector-index";
import { servicePorts, servicesFor, targetPort } from "../../graph/service-pods";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { pricingPods, strictShop } from "./example-parts";
import { selectedBy, type WorkloadMode, workloadModes } from "./exceptions";

const exception = (mode: string): string => `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: pricing-metrics
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  portLevelMtls:
    "9090":
      mode: ${mode}
`;

/** An exception for those outside that also takes mTLS from those inside. */
export const exceptionWithDisable: Rule = {
  code: "MG0420",
  title: "exception that switches mTLS off",
  severity: "warning",
  consequence:
    "DISABLE takes mTLS away from callers inside the mesh as well: their requests go over the wire in plaintext and carry no identity, so policies by principal or namespace refuse them with a 403; a DestinationRule with ISTIO_MUTUAL makes them fail with a 503.",
  fix: "Use PERMISSIVE: the port then takes plaintext from callers outside and mTLS from callers inside. DISABLE is for ports on which the server speaks first, and for a Sidecar that terminates TLS itself.",
  see: ["https://istio.io/latest/docs/reference/config/security/peer_authentication/"],
  example: {
    bad: strictShop + pricingPods + exception("DISABLE"),
    good: strictShop + pricingPods + exception("PERMISSIVE"),
  },
  *check(graph) {
    for (const one of graph.derive(workloadModes)) {
      if (one.mode !== "DISABLE" || !concernsMesh(graph, one)) continue;
      const where = one.port === undefined ? "the workload" : `port ${one.port}`;
      const message = `switches mTLS off for ${where}: callers inside the mesh lose it too, and their identity with it.`;
      yield { object: one.policy, field: one.field, message };
    }
  },
};

/** An exception from mTLS, for pods that have any, on a port that could do with PERMISSIVE. */
function concernsMesh(graph: ObjectGraph, { policy, port }: WorkloadMode): boolean {
  const pods = selectedBy(graph, policy);
  if (pods.length === 0) return true;
  return pods.some((workload) => {
    const { inherited } = mutualTlsOf(graph, workload);
    const membership = membershipOf(graph, workload);
    if (inherited.mode === "DISABLE" || membership === "outside" || membership === "gateway") return false;
    return port === undefined
      ? !terminatesTls(graph, workload)
      : !speaksFirst(graph, workload, port) && !terminatesTls(graph, workload, port);
  });
}

const serverFirst: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** Whether the server speaks first on a port, so that PERMISSIVE would wait in vain for the client's first bytes. */
function speaksFirst(graph: ObjectGraph, workload: Workload, port: number): boolean {
  if (serverFirst.has(port)) return true;
  return servicesFor(graph, workload).some((service) => {
    const written = records(service.spec.ports);
    return servicePorts(service).some((one) => {
      const data = written.find((candidate) => candidate.port === one.number) ?? {};
      return targetPort(one, workload) === port && ["mysql", "mongo"].includes(portProtocol(data) ?? "");
    });
  });
}

/** Sidecars that terminate TLS by themselves, by what they select. */
function terminating(graph: ObjectGraph): SelectorIndex<MeshObject> {
  const found = graph.of("Sidecar").filter(({ spec }) => records(spec.ingress).some(({ tls }) => tls !== undefined));
  return new SelectorIndex(
    found,
    ({ spec }) => labelSelector(record(spec.workloadSelector).labels),
    ({ namespace }) => namespace,
  );
}

function terminatesTls(graph: ObjectGraph, { namespace, labels }: Workload, port?: number): boolean {
  const ingresses = graph
    .derive(terminating)
    .selecting(namespace, labels)
    .flatMap(({ spec }) => records(spec.ingress));
  return ingresses.some((ingress) => ingress.tls !== undefined && (port === undefined || record(ingress.port).number === port));
}
