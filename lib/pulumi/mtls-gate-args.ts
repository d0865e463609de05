import type { Input } from "@pulumi/pulumi";
import { anything, type Check, line, optional, shape, wholeNumber } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { prometheusProblems } from "../prometheus/prometheus-api";

/** How a {@link MeshStack} finds out whether a namespace can go to STRICT. */
export interface MtlsGateArgs {
  /** Address of Prometheus, as the machine that runs Pulumi reaches it: `https://prometheus.example.no`. */
  readonly prometheus: Input<string>;
  /**
   * Window to look at, up to now: long enough for whoever calls once a day or once a week.
   *
   * @default "24h"
   */
  readonly over?: DurationText;
  /**
   * Requests of a namespace, and of each of its services, within the window, below which nothing can be said. Range: 1 to 9999999.
   *
   * @default 100
   */
  readonly atLeast?: number;
  /**
   * Bearer token of Prometheus. A secret; it goes over https only, or to this machine itself.
   *
   * @default - none
   */
  readonly token?: Input<string>;
  /**
   * Goes on to STRICT whatever the answer is. The reason is kept in the state, and what is broken by it shows as a warning. Take it out again
   * afterwards: it holds for every namespace.
   *
   * @default - not at all
   */
  readonly force?: { readonly reason: string };
}

const address: Check = (path, value) => (typeof value === "string" ? prometheusProblems(path, value, undefined) : []);
const needed: Check = (path, value) =>
  value === undefined ? [{ path, message: "expected the address of Prometheus." }] : address(path, value);

/** What is wrong with a gate's props; what is not known yet is checked when it is. */
export const mtlsGate: Check = shape<MtlsGateArgs>({
  prometheus: needed,
  over: optional(duration({ min: "1s", max: "720h" })),
  atLeast: optional(wholeNumber(1, 9_999_999)),
  token: anything,
  force: optional(shape<{ reason: string }>({ reason: line })),
});
