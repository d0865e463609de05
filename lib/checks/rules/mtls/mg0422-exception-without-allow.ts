import { canAdmit } from "../../graph/admission";
import { allowPoliciesOf } from "../../graph/allow-policies";
import { membershipOf } from "../../graph/membership";
import { mutualTlsAt, mutualTlsOf } from "../../graph/mutual-tls";
import { hasOutsidePolicies } from "../../graph/outside-policies";
import { isCaptured } from "../../graph/plaintext";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { plaintextPort, pricingPods, strictShop } from "./example-parts";
import { selectedBy, type WorkloadMode, workloadModes } from "./exceptions";
import { enumeration, policyName, workloadName } from "./naming";

const byPrincipal = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pricing-callers
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  action: ALLOW
  rules:
    - from:
        - source:
            principals: ["cluster.local/ns/shop/sa/checkout"]
      to:
        - operation:
            ports: ["8080"]
`;

const byAddress = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pricing-monitor
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  action: ALLOW
  rules:
    - from:
        - source:
            ipBlocks: ["10.0.5.0/24"]
      to:
        - operation:
            ports: ["9090"]
`;

/** mTLS and access are two doors: an exception opens only the first. */
export const exceptionWithoutAllow: Rule = {
  code: "MG0422",
  title: "plaintext exception without an ALLOW",
  severity: "error",
  consequence:
    "The port takes plaintext, and the ALLOW policies of the workload then refuse the caller, because it has no identity: 403 on HTTP, a closed connection on TCP.",
  fix: 'Add an ALLOW policy for the port without principals and namespaces, narrowed to the callers\' addresses (ipBlocks, or remoteIpBlocks behind a trusted proxy). Where another team makes it, declare it external: externals: ["AuthorizationPolicy shop/*"].',
  see: ["https://istio.io/latest/docs/concepts/security/#authorization-policies"],
  example: {
    bad: strictShop + plaintextPort(9090) + pricingPods + byPrincipal,
    good: strictShop + plaintextPort(9090) + pricingPods + byPrincipal + byAddress,
  },
  *check(graph) {
    for (const one of graph.derive(workloadModes)) {
      if (one.mode === "STRICT") continue;
      const refused = selectedBy(graph, one.policy).find((workload) => isRefused(graph, workload, one));
      if (refused === undefined) continue;
      const policies = allowPoliciesOf(graph, refused);
      const what = one.port === undefined ? "plaintext" : `plaintext on port ${one.port}`;
      const by = `${policies.length === 1 ? "AuthorizationPolicy" : "AuthorizationPolicies"} ${enumeration(policies, policyName)}`;
      const message = `${workloadName(refused)} takes ${what}, and none of its ALLOW policies lets a caller without an identity in (${by}).`;
      yield { object: one.policy, field: one.field, message };
    }
  },
};

/** An exception from STRICT that counts, on pods that follow it, whose ALLOW policies let nobody without an identity in. */
function isRefused(graph: ObjectGraph, workload: Workload, { policy, port }: WorkloadMode): boolean {
  const membership = membershipOf(graph, workload);
  if (!["sidecar", "ambient", "unknown"].includes(membership) || !isCaptured(workload, port)) return false;
  if (mutualTlsAt(graph, workload, port).policy !== policy || !isException(graph, workload, policy, port)) return false;
  if (hasOutsidePolicies(graph, "AuthorizationPolicy", workload.namespace)) return false;
  const allows = allowPoliciesOf(graph, workload);
  return allows.length > 0 && !allows.some((allow) => canAdmit(allow, "plaintext", port));
}

/** Whether plaintext is the exception: the rest of the workload, or of the namespace, refuses it. */
function isException(graph: ObjectGraph, workload: Workload, policy: MeshObject, port: number | undefined): boolean {
  const { rest, inherited } = mutualTlsOf(graph, workload);
  return inherited.mode === "STRICT" || (port !== undefined && rest.mode === "STRICT" && rest.policy === policy);
}
