import type { ExternalService } from "./external-service";
import type { MeshWorkload } from "./workload";

/** What a service was declared to call. */
export interface OutgoingCalls {
  readonly workloads: readonly MeshWorkload[];
  readonly externals: readonly ExternalService[];
}

/** What a service was declared to call, asked at synth, when everything has been declared. */
export type CallsOf = () => OutgoingCalls;
