import { join, type Problem, problem } from "../core/problem";
import { tryAdopt } from "./adopted-deployment";

/** A Service selects pods of its own namespace only. */
export function namespaceProblems(path: string, workload: object, namespace: string | undefined): readonly Problem[] {
  const adopted = tryAdopt(workload);
  if (adopted === undefined || adopted.namespaceName === namespace) return [];
  return [problem(join(path, "namespace"), adopted.namespaceName, `the service's own, ${namespace ?? "none"}`)];
}

/** A policy names one account, and the pods must run as it. */
export function accountProblems(path: string, workload: object, account: string | undefined): readonly Problem[] {
  const adopted = tryAdopt(workload);
  const own = adopted?.serviceAccountName ?? "default";
  if (account === undefined || adopted === undefined || own === account) return [];
  return [
    problem(
      join(path, "serviceAccountName"),
      own,
      `${account}, the service's own: policies would name an account that the pods do not run as`,
    ),
  ];
}
