import { anything, line, optional, shape, wholeNumber } from "../../core/check";
import { type DurationText, duration } from "../../core/duration";
import type { Problem } from "../../core/problem";
import { type ExpectedNamespace, expectedNamespace } from "../../prometheus/mtls-expectation";
import { prometheusProblems } from "../../prometheus/prometheus-api";
import type { Properties } from "./resource-operations";

/** Inputs of a StrictGate, plain. */
export interface StrictGateInputs {
  readonly expected: ExpectedNamespace;
  readonly prometheus: string;
  readonly over: DurationText;
  readonly atLeast: number;
  readonly token?: string;
  readonly force?: { readonly reason: string };
  readonly createdAt?: string;
}

const form = shape<StrictGateInputs>({
  expected: expectedNamespace,
  prometheus: anything,
  over: duration({ min: "1s", max: "720h" }),
  atLeast: wholeNumber(1, 9_999_999),
  token: optional(line),
  force: optional(shape<{ reason: string }>({ reason: line })),
  createdAt: optional(line),
});

/** What is wrong with inputs. */
export function strictGateInputs(inputs: Properties): readonly Problem[] {
  const { prometheus, token } = inputs;
  return [...form("", inputs), ...prometheusProblems("prometheus", prometheus, typeof token === "string" ? token : undefined)];
}

/** The inputs among properties that were checked before: without what a state has beside them. */
export function strictGateInputsIn(properties: Properties): StrictGateInputs {
  const { expected, prometheus, over, atLeast, token, force, createdAt } = properties as unknown as StrictGateInputs;
  return {
    expected,
    prometheus,
    over,
    atLeast,
    ...(token !== undefined && { token }),
    ...(force !== undefined && { force }),
    ...(createdAt !== undefined && { createdAt }),
  };
}
