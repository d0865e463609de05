import { namespaceMutualTls } from "../../graph/mutual-tls";
import { running } from "../../graph/running";
import type { Workload } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { pricingPods, pricingService, strictShop } from "./example-parts";
import { policyName } from "./naming";
import { isMeshNamespace, outsideKind, refusedCallFinding } from "./plaintext-callers";

const report = (label: string): string => `---
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
${label}        spec:
          serviceAccountName: nightly-report
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example.no/report:1.1.0
              env:
                - name: PRICING_URL
                  value: http://pricing/prices
`;

/** A Job that was taken out of the mesh so that it ends, and now cannot reach what it calls. */
export const jobsWithoutSidecar: Rule = {
  code: "MG0416",
  title: "Job without a sidecar among pods that refuse plaintext",
  severity: "warning",
  consequence:
    "A Job that opts out of injection calls in plaintext. Pods that refuse plaintext reset its connections, and the Job fails at night, with nobody looking.",
  fix: "Let the Job have a sidecar: native sidecars end with it. Else let the port that it calls take plaintext (portLevelMtls: PERMISSIVE), with an ALLOW for its addresses.",
  see: ["https://istio.io/latest/blog/2023/native-sidecars/"],
  example: {
    bad: strictShop + pricingPods + pricingService + report('            sidecar.istio.io/inject: "false"\n'),
    good: strictShop + pricingPods + pricingService + report(""),
  },
  *check(graph) {
    for (const workload of graph.derive(running)) {
      if (outsideKind(graph, workload) !== "job") continue;
      const finding = refusedCallFinding(graph, workload, "the Job opts out of injection") ?? told(graph, workload);
      if (finding !== undefined) yield finding;
    }
  },
};

/** Nothing says whom the Job calls; whoever it is in the namespace refuses it. */
function told(graph: ObjectGraph, { object, namespace }: Workload): RuleFinding | undefined {
  const { mode, policy } = namespaceMutualTls(graph, namespace);
  if (mode !== "STRICT" || policy === undefined || !isMeshNamespace(graph, namespace)) return undefined;
  const message = `opts out of injection in a namespace whose pods refuse plaintext (PeerAuthentication ${policyName(policy)}): whatever it calls there resets it. Whom it calls cannot be seen.`;
  return { object, message, severity: "note" };
}
