import { type Check, numberBetween, optional, port } from "../core/check";
import type { Problem } from "../core/problem";
import { items, part, type Rule } from "./part";
import { count31, destinationHost, istioLabel } from "./text";
import { isMissing, tolerated } from "./tolerated";

/** Where requests go. */
export interface Destination {
  /** Name of the service, short or in full. Short names are read in the namespace of the VirtualService. */
  readonly host: string;
  /** Subset of the service, as a DestinationRule names it. @default - every pod of the service */
  readonly subset?: string;
  /** Port of the service. Needed when it has more than one. */
  readonly port?: { readonly number: number };
}

/** A share of requests. Unit: percent, 0 to 100. */
export interface Percent {
  readonly value: number;
}

/** A destination that Istio takes. */
export const destination: Check = part<Destination>({
  host: destinationHost,
  subset: optional(tolerated(istioLabel, (value) => value === "")),
  port: optional(part<{ readonly number: number }>({ number: port })),
});

/** A share of requests from none to all. */
export const percent: Check = part<Percent>({ value: tolerated(numberBetween(0, 100), isMissing) });

/** A weight: a whole number from 0. Weights are relative; they need not sum to 100. */
export const weight: Check = count31;

/** Two or more destinations do not all weigh nothing: no request would go anywhere. */
export const someWeight: Rule<{ readonly route?: readonly { readonly weight?: number }[] }> = ({ route }, path) => {
  const list = items(route);
  if (list.length < 2 || list.some(({ weight = 0 }) => weight > 0)) return [];
  return list.every(({ weight = 0 }) => typeof weight === "number") ? [weightless(path)] : [];
};

function weightless(path: string): Problem {
  return { path: `${path}.route`, message: "got weights that are all 0, expected at least one above 0." };
}
