import { type Check, didYouMean, optional, satisfies } from "../core/check";
import { type Problem, problem } from "../core/problem";
import { each, isDeferred, items, noneOf, part, type Rule } from "./part";
import type { Since } from "./since";
import { cidrOrAddress, someText } from "./text";
import { isEmptyList, isText, tolerated } from "./tolerated";

/** Which requests are meant: who calls, what is called, and conditions, all together. An empty rule means every request. */
export interface AuthorizationRule {
  /** Who calls; one must hold. At least one item, at most 512. @default - anybody */
  readonly from?: readonly { readonly source: AuthorizationSource }[];
  /** What is called; one must hold. At least one item. @default - anything */
  readonly to?: readonly { readonly operation: AuthorizationOperation }[];
  /** Further conditions; all must hold. */
  readonly when?: readonly AuthorizationCondition[];
}

/**
 * Who calls. All that is said must hold; of a list, one item. `*` may begin or end a text, and alone asks that there is one.
 *
 * Principals, namespaces and service accounts come from the caller's certificate: a caller in plaintext has none.
 */
export interface AuthorizationSource {
  /** `<trust domain>/ns/<namespace>/sa/<service account>`. */
  readonly principals?: readonly string[];
  /** Identities that are left out. */
  readonly notPrincipals?: readonly string[];
  /** `<issuer>/<subject>` of a verified JWT. */
  readonly requestPrincipals?: readonly string[];
  /** Token identities that are left out. */
  readonly notRequestPrincipals?: readonly string[];
  /** Namespaces that the caller is in, by its certificate. */
  readonly namespaces?: readonly string[];
  /** Namespaces that are left out. */
  readonly notNamespaces?: readonly string[];
  /** `<service account>` of the own namespace or `<namespace>/<service account>`; not with principals or namespaces. At most 16. From Istio 1.25. */
  readonly serviceAccounts?: readonly string[];
  /** Accounts that are left out. */
  readonly notServiceAccounts?: readonly string[];
  /** From Istio 1.30. */
  readonly trustDomains?: readonly string[];
  /** Trust domains that are left out. */
  readonly notTrustDomains?: readonly string[];
  /** Addresses and ranges that the connection comes from. */
  readonly ipBlocks?: readonly string[];
  /** Ranges that are left out. */
  readonly notIpBlocks?: readonly string[];
  /** Addresses and ranges of the first caller, as X-Forwarded-For or PROXY protocol says. Depends on the trusted hops of the gateway. */
  readonly remoteIpBlocks?: readonly string[];
  /** Ranges that are left out. */
  readonly notRemoteIpBlocks?: readonly string[];
}

/** What is called. All that is said must hold; of a list, one item. Hosts, methods and paths make the rule one for HTTP. */
export interface AuthorizationOperation {
  /** Host that the caller asked for. Gateways and sidecars trust what it says. */
  readonly hosts?: readonly string[];
  /** Hosts that are left out. */
  readonly notHosts?: readonly string[];
  /** Ports of the pod, as text. */
  readonly ports?: readonly string[];
  /** Ports that are left out. */
  readonly notPorts?: readonly string[];
  /** In capitals. For gRPC always `POST`. */
  readonly methods?: readonly string[];
  /** Methods that are left out. */
  readonly notMethods?: readonly string[];
  /** `*` may begin or end a path; `{*}` stands for one step, `{**}` for all that follow. */
  readonly paths?: readonly string[];
  /** Paths that are left out. */
  readonly notPaths?: readonly string[];
}

/** A condition on an attribute of the request. `values` or `notValues`, or both. */
export interface AuthorizationCondition {
  /** `request.headers[<name>]`, `request.auth.claims[<name>]`, `source.ip`, `connection.sni` and others. @see https://istio.io/latest/docs/reference/config/security/conditions/ */
  readonly key: string;
  /** Values of which the attribute has one. `*` at the start or end stands for anything. */
  readonly values?: readonly string[];
  /** Values of which the attribute has none. */
  readonly notValues?: readonly string[];
}

const texts: Check = optional(each(someText));
const addresses: Check = optional(each(cidrOrAddress));
const accounts: Check = optional(
  each(
    satisfies(
      "a service account such as payment or shop/payment, without wildcards, at most 320 characters",
      (value) => typeof value === "string" && value.length <= 320 && /^[^/*]+(?:\/[^/*]+)?$/.test(value),
    ),
    { max: 16 },
  ),
);
const trustDomain: Check = satisfies(
  "a trust domain such as cluster.local, with at most one * at its start or end",
  (value) => typeof value === "string" && /^(?:\*|\*?[^/*]+|[^/*]+\*)$/.test(value),
);
const trustDomains: Check = optional(each(trustDomain));
/** Istio takes 0 and numbers with zeros before them. */
const portText: Check = tolerated(
  satisfies('a port from 1 to 65535, as text: "8080"', (value) => isText(value) && isPort(value)),
  (value) => isText(value) && /^\d{1,20}$/.test(value) && Number(value) <= 65_535,
);
const ports: Check = optional(each(portText));
const path: Check = satisfies(
  "a path such as /api/*, in which {*} stands for one step and {**} at the end for all that follow",
  (value) => typeof value === "string" && value !== "" && isPathTemplate(value),
);
const paths: Check = optional(each(path));

const source: Check = part<AuthorizationSource>(
  {
    principals: texts,
    notPrincipals: texts,
    requestPrincipals: texts,
    notRequestPrincipals: texts,
    namespaces: texts,
    notNamespaces: texts,
    serviceAccounts: accounts,
    notServiceAccounts: accounts,
    trustDomains,
    notTrustDomains: trustDomains,
    ipBlocks: addresses,
    notIpBlocks: addresses,
    remoteIpBlocks: addresses,
    notRemoteIpBlocks: addresses,
  },
  notEmpty,
  (source, path) =>
    source.serviceAccounts === undefined && source.notServiceAccounts === undefined
      ? []
      : noneOf(source, path, "service accounts say it already", "principals", "notPrincipals", "namespaces", "notNamespaces"),
);

const operation: Check = part<AuthorizationOperation>(
  { hosts: texts, notHosts: texts, ports, notPorts: ports, methods: texts, notMethods: texts, paths, notPaths: paths },
  notEmpty,
);

/** Attributes without a name in brackets, to the check of their values. */
const attributes: Readonly<Record<string, Check>> = {
  "source.ip": cidrOrAddress,
  "remote.ip": cidrOrAddress,
  "source.namespace": someText,
  "source.principal": someText,
  "source.serviceAccount": satisfies(
    "a service account without wildcards",
    (value) => typeof value === "string" && /^[^/*]+(?:\/[^/*]+)?$/.test(value),
  ),
  "source.trustDomain": trustDomain,
  "request.auth.principal": someText,
  "request.auth.audiences": someText,
  "request.auth.presenter": someText,
  "destination.ip": cidrOrAddress,
  "destination.port": portText,
  "connection.sni": someText,
};
const named = /^(?:request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.[^[]*)\[.+\]$/;
const keys: readonly string[] = [...Object.keys(attributes), "request.headers[<name>]", "request.auth.claims[<name>]"];

/** Istio looks at how such a key begins and ends. */
const namedAlike = /^(?:request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)[^[]*\[.+\]$/s;

const key: Check = tolerated(
  satisfies(
    `one of ${keys.join(", ")}`,
    (value) => typeof value === "string" && (Object.hasOwn(attributes, value) || named.test(value)),
    (value) => didYouMean(value, Object.keys(attributes)),
  ),
  (value) => isText(value) && namedAlike.test(value),
);

const fittingValues: Rule<AuthorizationCondition> = (condition, path) => {
  const value = attributes[condition.key];
  if (value === undefined) return [];
  return (["values", "notValues"] as const).flatMap((list) => optional(each(value))(`${path}.${list}`, condition[list]));
};

const condition: Check = part<AuthorizationCondition>({ key, values: texts, notValues: texts }, notEmptyValues, fittingValues);

/** A rule that Istio takes. */
export const authorizationRule: Check = part<AuthorizationRule>({
  from: optional(tolerated(each(part<{ readonly source: AuthorizationSource }>({ source }), { min: 1, max: 512 }), isEmptyList)),
  to: optional(tolerated(each(part<{ readonly operation: AuthorizationOperation }>({ operation }), { min: 1 }), isEmptyList)),
  when: optional(each(condition)),
});

/** What came later than Istio 1.17, below a rule. */
export const authorizationRuleSince: Since = {
  "from[].source.serviceAccounts": "1.25",
  "from[].source.notServiceAccounts": "1.25",
  "from[].source.trustDomains": "1.30",
  "from[].source.notTrustDomains": "1.30",
  "when[].key=source.serviceAccount": "1.25",
  "when[].key=source.trustDomain": "1.30",
};

/** Something is said: an empty source or operation would match everything, in silence. */
function notEmpty(lists: object, path: string): readonly Problem[] {
  const some = Object.values(lists).some((list: unknown) => isDeferred(list) || items(list as readonly unknown[]).length > 0);
  return some ? [] : [{ path, message: "is empty, expected at least one condition." }];
}

function notEmptyValues(condition: AuthorizationCondition, path: string): readonly Problem[] {
  const { values, notValues } = condition;
  return notEmpty({ values, notValues }, path).length === 0 ? [] : [problem(path, undefined, `values or notValues for ${condition.key}`)];
}

function isPort(value: string): boolean {
  return /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65535;
}

const literal = /^[-\w.~%!$&'()+,;:@=]+$/;

function isPathTemplate(value: string): boolean {
  const steps = value.replace(/^\/+|\/+$/g, "").split("/");
  const open = steps.indexOf("{**}");
  const templated = value.includes("{*}") || value.includes("{**}");
  return steps.every((step, index) => {
    if (step === "{*}" || step === "{**}") return open < 0 || index <= open;
    return !/[{}]/.test(step) && (!templated || literal.test(step));
  });
}
