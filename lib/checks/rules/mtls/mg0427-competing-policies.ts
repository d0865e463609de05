import { record } from "../../fields";
import { candidates, mutualTlsOf, portLevels, widePolicies } from "../../graph/mutual-tls";
import { workloads } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { Rule, RuleFinding } from "../../rule";
import { pricingPods, strictShop } from "./example-parts";
import { enumeration, policyName, workloadName } from "./naming";

const exception = (name: string, ports: readonly number[]): string => `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: ${name}
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  portLevelMtls:
${ports.map((port) => `    "${port}":\n      mode: PERMISSIVE\n`).join("")}`;

/** Policies of one rank are not merged. */
export const competingPolicies: Rule = {
  code: "MG0427",
  title: "PeerAuthentications that compete for the same pods",
  severity: "warning",
  consequence:
    "Istio does not merge PeerAuthentications that select the same pods, nor two for one namespace: it follows the oldest and ignores the others. An exception that was added later lets nobody in, and whoever deletes and makes the first one anew changes which of them counts.",
  fix: "Put everything about a workload into one PeerAuthentication.",
  see: ["https://istio.io/latest/docs/concepts/security/#peer-authentication"],
  example: {
    bad: strictShop + pricingPods + exception("pricing-metrics", [9090]) + exception("pricing-health", [8081]),
    good: strictShop + pricingPods + exception("pricing-plaintext", [8081, 9090]),
  },
  *check(graph) {
    const seen = new Set<MeshObject>();
    for (const [namespace, rivals] of graph.derive(widePolicies))
      yield* competing({ rivals, pods: `the whole of ${namespace}`, said: modeOf }, seen);
    for (const workload of graph.derive(workloads)) {
      const { own } = mutualTlsOf(graph, workload);
      if (own.length > 1) yield* competing({ rivals: own, pods: workloadName(workload), said: contentOf }, seen);
    }
  },
};

interface Contest {
  readonly rivals: readonly MeshObject[];
  /** What they compete for. */
  readonly pods: string;
  /** What a policy says, in one text. */
  readonly said: (policy: MeshObject) => string;
}

/** What Istio ignores, or may ignore, of several policies for the same pods: where it says something else than the first. Each is told of once. */
function* competing({ rivals: written, pods, said }: Contest, seen: Set<MeshObject>): Iterable<RuleFinding> {
  if (written.every((policy) => seen.has(policy))) return;
  for (const policy of written) seen.add(policy);
  // The same object twice is one that is applied twice.
  const rivals = [...new Map(written.map((policy) => [policyName(policy), policy])).values()];
  const [first, ...undated] = candidates(rivals);
  if (first === undefined || rivals.length < 2) return;
  const why =
    undated.length === 0
      ? `as ${policyName(first)} does, which is older: this one is ignored.`
      : `as ${enumeration(rivals, policyName)} do: Istio follows only the one that was made first.`;
  for (const object of rivals) {
    if (object !== first && said(object) !== said(first)) yield { object, field: "spec", message: `holds for ${pods}, ${why}` };
  }
}

function modeOf({ spec }: MeshObject): string {
  const { mode } = record(spec.mtls);
  return typeof mode === "string" ? mode : "UNSET";
}

function contentOf(policy: MeshObject): string {
  const ports = portLevels(policy).map(({ port, mode }) => `${port}=${typeof mode === "string" ? mode : "UNSET"}`);
  return [modeOf(policy), ...ports.sort()].join(" ");
}
