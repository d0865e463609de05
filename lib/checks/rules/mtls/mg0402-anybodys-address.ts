import { type Data, record, records, texts } from "../../fields";
import { asksForIdentity } from "../../graph/admission";
import { enforcedAllowPolicies, policyRules } from "../../graph/allow-policies";
import type { MeshObject } from "../../mesh-object";
import type { Rule } from "../../rule";

/** Addresses that narrow plaintext callers to everybody. */
export const anybodysAddress: Rule = {
  code: "MG0402",
  title: "plaintext let in from anybody's address",
  severity: "warning",
  consequence:
    "A caller without a certificate can only be told from others by its address. A range that holds every address shuts nobody out: whoever reaches the port gets in.",
  fix: "Name the addresses of the callers.",
  see: ["https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source"],
  example: {
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pricing-plaintext-monitor
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  action: ALLOW
  rules:
    - from:
        - source:
            notPrincipals: ["*"]
            ipBlocks: ["0.0.0.0/0"]
      to:
        - operation:
            ports: ["9090"]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pricing-plaintext-monitor
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  action: ALLOW
  rules:
    - from:
        - source:
            notPrincipals: ["*"]
            ipBlocks: ["10.0.5.0/24"]
      to:
        - operation:
            ports: ["9090"]
`,
  },
  *check(graph) {
    for (const object of graph.derive(enforcedAllowPolicies)) {
      for (const { source, field } of sourcesOf(object)) {
        const anybody = asksForIdentity(source) ? [] : ranges.flatMap((name) => openRanges(source, name));
        if (anybody.length === 0) continue;
        const message = `${anybody.join(" and ")} is anybody's address: whoever reaches the port gets in, without a certificate.`;
        yield { object, field, message };
      }
    }
  },
};

const ranges = ["ipBlocks", "remoteIpBlocks"] as const;

function openRanges(source: Data, name: (typeof ranges)[number]): readonly string[] {
  return texts(source[name]).filter((range) => range.endsWith("/0"));
}

function sourcesOf(object: MeshObject): readonly { readonly source: Data; readonly field: string }[] {
  return policyRules(object).flatMap(({ rule, field }) =>
    records(rule.from).map(({ source }, index) => ({ source: record(source), field: `${field}.from[${index}].source` })),
  );
}
