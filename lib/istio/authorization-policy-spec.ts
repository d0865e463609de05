import { type Check, isRecord, oneOf, optional } from "../core/check";
import { type Problem, problem } from "../core/problem";
import { type AuthorizationCondition, type AuthorizationRule, authorizationRule, authorizationRuleSince } from "./authorization-rule";
import type { Kind } from "./kind";
import { each, given, isDeferred, items, noneOf, part, type Rule } from "./part";
import { oneTarget, type PolicyTarget, policyTarget, policyTargetSince } from "./selector";
import { type Since, under } from "./since";
import { someText } from "./text";

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

/** What is to know of an AuthorizationPolicy to check it. */
export const authorizationPolicyKind: Kind<"AuthorizationPolicy"> = {
  kind: "AuthorizationPolicy",
  spec: authorizationPolicy,
  metadata: dryRunProblems,
  since,
};

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

function dryRunProblems(
  { annotations }: Readonly<Record<string, unknown>>,
  { action = "ALLOW" }: Readonly<Record<string, unknown>>,
): readonly Problem[] {
  const flag = isRecord(annotations) ? annotations[dryRun] : undefined;
  if (flag === undefined || isDeferred(flag) || isDeferred(action)) return [];
  const at = `metadata.annotations["${dryRun}"]`;
  if (action !== "ALLOW" && action !== "DENY") return [problem(at, flag, `nothing, because ${action} cannot run dry`)];
  return flag === "true" || flag === "false" ? [] : [problem(at, flag, '"true" or "false"')];
}
