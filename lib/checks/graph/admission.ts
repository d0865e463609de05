import { type Data, record, records, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import { policyRules } from "./allow-policies";

/** Who a call comes from: an account by its certificate, or somebody without one. */
export type Caller = { readonly namespace: string; readonly account: string } | "plaintext";

/** Fields of a source that name an identity, with the condition that means the same. */
const identities = [
  ["principals", "source.principal"],
  ["namespaces", "source.namespace"],
  ["serviceAccounts", "source.serviceAccount"],
  ["trustDomains", "source.trustDomain"],
] as const;

type Identity = (typeof identities)[number][0];

/**
 * Whether an ALLOW policy can let a caller in on a port. Addresses, tokens, paths and methods are not looked at: a caller may have the right ones.
 *
 * @param port Port of the workload; undefined for any.
 */
export function canAdmit(policy: MeshObject, caller: Caller, port: number | undefined): boolean {
  return policyRules(policy).some(({ rule }) => {
    const from = records(rule.from).map(({ source }) => record(source));
    const to = records(rule.to).map(({ operation }) => record(operation));
    const when = records(rule.when);
    return (
      (from.length === 0 || from.some((source) => sourceAdmits(source, caller, policy.namespace))) &&
      (to.length === 0 || to.some(({ ports, notPorts }) => portAdmits(texts(ports), texts(notPorts), port))) &&
      when.every((condition) => conditionAdmits(condition, caller, port, policy.namespace))
    );
  });
}

/** Whether a source asks for a certificate: nobody without one matches. */
export function asksForIdentity(source: Data): boolean {
  return identities.some(([field]) => texts(source[field]).length > 0);
}

function sourceAdmits(source: Data, caller: Caller, namespace: string): boolean {
  return identities.every(([field]) => {
    const refused = texts(source[`not${field[0]?.toUpperCase()}${field.slice(1)}`]);
    return identityAdmits(field, texts(source[field]), refused, { caller, namespace });
  });
}

function conditionAdmits({ key, values, notValues }: Data, caller: Caller, port: number | undefined, namespace: string): boolean {
  if (key === "destination.port") return portAdmits(texts(values), texts(notValues), port);
  const identity = identities.find(([, name]) => name === key);
  return identity === undefined || identityAdmits(identity[0], texts(values), texts(notValues), { caller, namespace });
}

function identityAdmits(
  field: Identity,
  wanted: readonly string[],
  refused: readonly string[],
  { caller, namespace }: { readonly caller: Caller; readonly namespace: string },
): boolean {
  if (caller === "plaintext") return wanted.length === 0;
  // The trust domain is the mesh's own or one of its aliases, which are not always seen.
  if (field === "trustDomains") return true;
  const matches = (pattern: string): boolean => matchers[field](pattern, caller, namespace);
  return (wanted.length === 0 || wanted.some(matches)) && !refused.some(matches);
}

function portAdmits(wanted: readonly string[], refused: readonly string[], port: number | undefined): boolean {
  if (port === undefined) return true;
  return (wanted.length === 0 || wanted.includes(`${port}`)) && !refused.includes(`${port}`);
}

type Account = Exclude<Caller, "plaintext">;

const matchers: Readonly<Record<Exclude<Identity, "trustDomains">, (pattern: string, account: Account, namespace: string) => boolean>> = {
  principals: (pattern, { namespace, account }) => isPrincipal(pattern, `/ns/${namespace}/sa/${account}`),
  namespaces: (pattern, { namespace }) => matchesWildcards(pattern, namespace),
  serviceAccounts: (pattern, { namespace, account }, home) =>
    (pattern.includes("/") ? pattern : `${home}/${pattern}`) === `${namespace}/${account}`,
};

/** Whether a principal of a policy can mean an account, whatever the trust domain: `cluster.local` in a policy stands for the mesh's own. */
function isPrincipal(pattern: string, account: string): boolean {
  if (pattern.startsWith("*")) return endsAlike(pattern.slice(1), account);
  const slash = pattern.indexOf("/");
  const path = slash === -1 ? "" : pattern.slice(slash);
  return path.endsWith("*") || (slash === -1 && pattern.endsWith("*")) ? account.startsWith(path.slice(0, -1)) : path === account;
}

/** The end may reach into the trust domain. */
function endsAlike(end: string, account: string): boolean {
  return account.endsWith(end) || end.endsWith(account);
}

/** A namespace's pattern: `*` may stand anywhere in it. Linear in the pattern. */
function matchesWildcards(pattern: string, value: string): boolean {
  const parts = pattern.split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return pattern === value;
  const last = rest.pop() ?? "";
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= value.length - last.length;
}
