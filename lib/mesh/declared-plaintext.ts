import type { DeclaredPlaintext } from "../prometheus/mtls-expectation";
import type { PlaintextException } from "./strict-mtls-namespace-props";
import type { WorkloadNames } from "./workload-names";

/** Exceptions by what Istio's metrics and access logs carry: the names of workloads, their port, and the addresses that arrive. */
export function declaredPlaintext(exceptions: readonly PlaintextException[], names: WorkloadNames): readonly DeclaredPlaintext[] {
  return exceptions.map(({ to, port, from, addressOf, reason }) => ({
    workloads: names(to),
    port,
    from: addressOf === "original-caller" ? [] : from,
    reason,
  }));
}
