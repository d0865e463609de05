import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type Check, oneOf, optional } from "../core/check";
import { type Problem, problem } from "../core/problem";
import { type AuthorizationCondition, type AuthorizationRule, authorizationRule, authorizationRuleSince } from "./authorization-rule";
import { each, given, isDeferred, items, noneOf, part, type Rule } from "./part";
import { manifest } from "./resource";
import { oneTarget, type PolicyTarget, policyTarget, policyTargetSince } from "./selector";
import { type Since, under } from "./since";
import { someText } from "./text";

export type { AuthorizationCondition, AuthorizationOperation, AuthorizationRule, AuthorizationSource } from "./authorization-rule";
export type { PolicyTarget, PolicyTargetReference } from "./selector";

/**
 * Who may call what. Without any ALLOW policy for a pod everybody may; with one, only who it names.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
export interface AuthorizationPolicySpec extends PolicyTarget {
  /**
   * What is done with requests that a rule matches. DENY counts before ALLOW, CUSTOM before both.
   *
   * @default "ALLOW"
   */
  readonly action?: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
  /** One must match; at most 512. `{}` matches every request; ALLOW without rules lets nobody in. DENY and CUSTOM need rules. */
  readonly rules?: readonly AuthorizationRule[];
  /** Who decides, for CUSTOM: a provider of the mesh's configuration. */
  readonly provider?: { readonly name: string };
}

/** Props of an {@link AuthorizationPolicy}. */
export interface AuthorizationPolicyProps {
  /** Name, namespace, labels and annotations. `istio.io/dry-run: "true"` only writes to the log; for ALLOW and DENY. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** Who may call what. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: AuthorizationPolicySpec;
}

/**
 * Istio's AuthorizationPolicy, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { AuthorizationPolicy, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new AuthorizationPolicy(new Chart(app, "shop"), "Callers", {
 *   metadata: { name: "pricing-callers" },
 *   spec: {
 *     selector: { matchLabels: { "example.no/service": "pricing" } },
 *     action: "ALLOW",
 *     rules: [{ from: [{ source: { principals: ["cluster.local/ns/shop/sa/payment"] } }] }],
 *   },
 * });
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: AuthorizationPolicy
 * metadata:
 *   name: pricing-callers
 * spec:
 *   action: ALLOW
 *   rules:
 *     - from:
 *         - source:
 *             principals:
 *               - cluster.local/ns/shop/sa/payment
 *   selector:
 *     matchLabels:
 *       example.no/service: pricing
 * ```
 */
export class AuthorizationPolicy extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: AuthorizationPolicyProps) {
    super(scope, id, manifest(scope, id, props, { kind: "AuthorizationPolicy", problems: allProblems, since }));
  }
}

/** What Istio's own validation would refuse in a spec, looking at nothing else in the mesh. */
export function authorizationPolicyProblems(spec: AuthorizationPolicySpec): readonly Problem[] {
  return authorizationPolicy("spec", spec);
}

const since: Since = { ...policyTargetSince, ...under(["rules[]"], authorizationRuleSince) };

/** A DENY or CUSTOM without rules would never do anything. */
const rulesForAction: Rule<AuthorizationPolicySpec> = ({ action, rules }, path) =>
  (action === "DENY" || action === "CUSTOM") && !given(rules)
    ? [
        {
          path: `${path}.rules`,
          message: `got none, expected at least one, because ${action} without rules does nothing. Use {} for every request.`,
        },
      ]
    : [];

const providerForCustom: Rule<AuthorizationPolicySpec> = (spec, path) => {
  if (isDeferred(spec.action)) return [];
  if (spec.action !== "CUSTOM") return noneOf(spec, path, "the action is not CUSTOM", "provider");
  return spec.provider === undefined
    ? [problem(`${path}.provider`, undefined, "a provider of the mesh's configuration, because the action is CUSTOM")]
    : [];
};

/** CUSTOM decides before the caller's identity is known. */
const noIdentityForCustom: Rule<AuthorizationPolicySpec> = ({ action, rules }, path) =>
  action === "CUSTOM" ? items(rules).flatMap((rule, index) => identities(rule, `${path}.rules[${index}]`)) : [];

const authorizationPolicy: Check = part<AuthorizationPolicySpec>(
  {
    ...policyTarget,
    action: optional(oneOf("ALLOW", "DENY", "AUDIT", "CUSTOM")),
    rules: optional(each(authorizationRule, { max: 512 })),
    provider: optional(part<{ readonly name: string }>({ name: someText })),
  },
  oneTarget,
  rulesForAction,
  providerForCustom,
  noIdentityForCustom,
);

function identities({ from, when }: AuthorizationRule, path: string): readonly Problem[] {
  const because = "CUSTOM decides before the caller is known";
  return [
    ...items(from).flatMap(({ source }, index) =>
      source === undefined || isDeferred(source)
        ? []
        : noneOf(
            source,
            `${path}.from[${index}].source`,
            because,
            "principals",
            "notPrincipals",
            "requestPrincipals",
            "notRequestPrincipals",
            "namespaces",
            "notNamespaces",
            "serviceAccounts",
            "notServiceAccounts",
            "trustDomains",
            "notTrustDomains",
          ),
    ),
    ...items(when).flatMap(({ key }, index) =>
      knowsCaller(key) ? [problem(`${path}.when[${index}].key`, key, `another key, because ${because}`)] : [],
    ),
  ];
}

function knowsCaller(key: AuthorizationCondition["key"]): boolean {
  if (typeof key !== "string") return false;
  return (
    ["source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal"].includes(key) || key.startsWith("request.auth.")
  );
}

const dryRun = "istio.io/dry-run";

function allProblems({ metadata, spec }: AuthorizationPolicyProps): readonly Problem[] {
  const flag = metadata?.annotations?.[dryRun];
  if (flag === undefined || isDeferred(flag) || isDeferred(spec?.action)) return authorizationPolicyProblems(spec);
  const at = `metadata.annotations["${dryRun}"]`;
  const action = spec?.action ?? "ALLOW";
  const value = ["true", "false"].includes(flag) ? [] : [problem(at, flag, '"true" or "false"')];
  const wrong = action === "ALLOW" || action === "DENY" ? value : [problem(at, flag, `nothing, because ${action} cannot run dry`)];
  return [...wrong, ...authorizationPolicyProblems(spec)];
}
