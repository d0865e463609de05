import { record, records, texts } from "../../fields";
import { enforcedAllowPolicies, policyRules } from "../../graph/allow-policies";
import { membershipOf } from "../../graph/membership";
import { running } from "../../graph/running";
import { servicesFor } from "../../graph/service-pods";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { meshedShop } from "./example-parts";
import { enumeration } from "./naming";

const pods = (name: string, account: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
spec:
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
${account}      containers:
        - name: app
          image: registry.example.no/${name}:1.4.0
`;

const callers = (account: string): string => `---
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
            principals: ["cluster.local/ns/shop/sa/${account}"]
`;

/** A policy names an account and lets in everything that runs as it. */
export const sharedAccounts: Rule = {
  code: "MG0424",
  title: "policy for a service account that several services share",
  severity: "warning",
  consequence:
    "A certificate names the service account, nothing else. Whatever runs as the account is let in with the one that was meant; every pod that names no account runs as default.",
  fix: "Give each service an account of its own (serviceAccountName), and name that one in the policy.",
  see: ["https://istio.io/latest/docs/concepts/security/#istio-identity"],
  example: {
    bad: meshedShop + pods("checkout", "") + pods("newsletter", "") + callers("default"),
    good: meshedShop + pods("checkout", "      serviceAccountName: checkout\n") + pods("newsletter", "") + callers("checkout"),
  },
  *check(graph) {
    for (const object of graph.derive(enforcedAllowPolicies)) {
      for (const named of accountsIn(object)) {
        const finding = shared(graph, object, named);
        if (finding !== undefined) yield finding;
      }
    }
  },
};

interface NamedAccount {
  /** `shop/checkout`. */
  readonly account: string;
  readonly field: string;
}

/** Accounts that a policy names exactly. Patterns are meant for many. */
function accountsIn(object: MeshObject): readonly NamedAccount[] {
  return policyRules(object).flatMap(({ rule, field }) => [
    ...records(rule.from).flatMap(({ source }, index) => {
      const place = `${field}.from[${index}].source`;
      const { principals, serviceAccounts } = record(source);
      return [...byPrincipal(principals, `${place}.principals`), ...byAccount(serviceAccounts, `${place}.serviceAccounts`, object)];
    }),
    ...records(rule.when).flatMap(({ key, values }, index) => {
      const place = `${field}.when[${index}].values`;
      if (key === "source.principal") return byPrincipal(values, place);
      return key === "source.serviceAccount" ? byAccount(values, place, object) : [];
    }),
  ]);
}

function byPrincipal(principals: unknown, field: string): readonly NamedAccount[] {
  return texts(principals).flatMap((principal, index) => {
    const [, ns, namespace = "", sa, account = "", ...more] = principal.split("/");
    const exact = ns === "ns" && sa === "sa" && more.length === 0 && !namespace.includes("*") && !account.includes("*");
    return exact ? [{ account: `${namespace}/${account}`, field: `${field}[${index}]` }] : [];
  });
}

function byAccount(accounts: unknown, field: string, { namespace }: MeshObject): readonly NamedAccount[] {
  return texts(accounts).map((account, index) => ({
    account: account.includes("/") ? account : `${namespace}/${account}`,
    field: `${field}[${index}]`,
  }));
}

function shared(graph: ObjectGraph, object: MeshObject, { account, field }: NamedAccount): RuleFinding | undefined {
  const users = graph.derive(usersByAccount).get(account) ?? [];
  if (users.length > 1) return { object, field, message: `${account} is the account of ${enumeration(users)}: all of them are let in.` };
  if (users.length === 0 || !account.endsWith("/default")) return undefined;
  const message = `${account} is the account of every pod of the namespace that names none: of ${enumeration(users)} today, and of whatever comes.`;
  return { object, field, message, severity: "note" };
}

/** The services that run as each account, by a name of each. */
function usersByAccount(graph: ObjectGraph): ReadonlyMap<string, readonly string[]> {
  const byAccount = new Map<string, Workload[]>();
  for (const workload of graph.derive(running)) {
    // Jobs belong to a service as a rule, and only certificates of the mesh name an account.
    const { kind } = workload.object;
    if (kind === "Job" || kind === "CronJob" || ["outside", "gateway"].includes(membershipOf(graph, workload))) continue;
    const key = `${workload.namespace}/${workload.serviceAccount}`;
    const list = byAccount.get(key);
    if (list === undefined) byAccount.set(key, [workload]);
    else list.push(workload);
  }
  return new Map([...byAccount].map(([account, users]) => [account, apart(users.map((user) => namesOf(graph, user)))]));
}

/** What a workload goes by. Two that share any of it are versions or parts of one service. */
function namesOf(graph: ObjectGraph, workload: Workload): readonly string[] {
  const { labels, object } = workload;
  const own = [...servicesFor(graph, workload).map(({ name }) => name), labels.app, labels["app.kubernetes.io/name"]];
  const names = own.filter((name) => name !== undefined);
  return names.length === 0 ? [object.name] : names;
}

/** Groups that have no name in common, by the first name of each. */
function apart(all: readonly (readonly string[])[]): readonly string[] {
  const leaders = new Map<string, string>();
  const leaderOf = (name: string): string => {
    let leader = name;
    for (let next = leaders.get(leader); next !== undefined && next !== leader; next = leaders.get(leader)) leader = next;
    return leader;
  };
  for (const [first = "", ...others] of all) {
    leaders.set(first, leaderOf(first));
    for (const other of others) leaders.set(leaderOf(other), leaderOf(first));
  }
  return [...new Set(all.map(([first = ""]) => leaderOf(first)))];
}
