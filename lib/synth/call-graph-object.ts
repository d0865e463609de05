import type { Construct } from "constructs";
import type { CallGraphSpec } from "../checks/graph/calls";
import { type DeclaredCall, declaredCalls } from "../mesh/tree";

/** Data of the CallGraph that a tree's declared calls make; undefined where nothing is declared. Never applied to a cluster. */
export function callGraphObject(root: Construct): Readonly<Record<string, unknown>> | undefined {
  const calls = declaredCalls(root).map(entry);
  if (calls.length === 0) return undefined;
  const spec: CallGraphSpec = { calls };
  return { apiVersion: "meshground.io/v1", kind: "CallGraph", metadata: { name: "declared-calls" }, spec };
}

/** The first port of a workload is the one that its timeout and retries are for. */
function entry({ from, to }: DeclaredCall): CallGraphSpec["calls"][number] {
  const [main] = to.ports;
  return {
    from: { namespace: from.namespaceName ?? "default", name: from.serviceName },
    to: { namespace: to.namespaceName ?? "default", name: to.serviceName, ...(main !== undefined && { port: main.port }) },
  };
}
