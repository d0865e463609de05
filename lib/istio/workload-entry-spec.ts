import type { Kind } from "./kind";
import type { Since } from "./since";
import { workloadEndpoint } from "./workload-endpoint";

/** Nothing came since Istio 1.17. */
const since: Since = {};

/** What is to know of a WorkloadEntry to check it: one place where a service runs. */
export const workloadEntryKind: Kind<"WorkloadEntry"> = { kind: "WorkloadEntry", spec: workloadEndpoint, since };
