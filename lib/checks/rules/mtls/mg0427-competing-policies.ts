import { record } from "../../fields";
import { candidates, mutualTlsOf, portLevels, widePolicies } from "../../graph/mutual-tls";
import { workloads } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
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
    for (const [namespace, rivals] of graph.derive(widePolicies)) yield* competing(rivals, `the whole of ${namespace}`, modeOf);
    const seen = new Set<MeshObject>();
    for (const { rivals, pods } of contested(graph)) {
      for (const finding of competing(rivals, pods, contentOf)) {
        if (!seen.has(finding.object)) yield finding;
        seen.add(finding.object);
      }
    }
  },
};

function contested(graph: ObjectGraph): readonly { readonly rivals: readonly MeshObject[]; readonly pods: string }[] {
  return graph.derive(workloads).flatMap((workload) => {
    const { own } = mutualTlsOf(graph, workload);
    return own.length < 2 ? [] : [{ rivals: own, pods: workloadName(workload) }];
  });
}

/** What Istio ignores of several policies for the same pods, where it says something else than the one that counts. */
function* competing(written: readonly MeshObject[], pods: string, said: (policy: MeshObject) => string): Iterable<RuleFinding> {
  // The same object twice is one that is applied twice.
  const rivals = [...new Map(written.map((policy) => [policyName(policy), policy])).values()];
  const [oldest, ...undated] = candidates(rivals);
  if (oldest === undefined || rivals.length < 2) return;
  const field = "spec";
  if (undated.length === 0) {
    for (const object of rivals.filter((rival) => rival !== oldest && said(rival) !== said(oldest))) {
      yield { object, field, message: `holds for ${pods}, as ${policyName(oldest)} does, which is older: this one is ignored.` };
    }
    return;
  }
  const others = undated.filter((rival) => said(rival) !== said(oldest));
  for (const object of others) {
    const names = enumeration(rivals.filter((rival) => rival !== object).map(policyName));
    yield {
      object,
      field,
      message: `holds for ${pods}, as ${names} ${rivals.length === 2 ? "does" : "do"}: Istio follows only the one that was made first.`,
    };
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
