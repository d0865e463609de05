import type { Rule } from "../rule";
import { portSelectorRequired } from "./routing/ist0112-port-selector-required";

/** Istio's rules on routes, gateways, destination rules and service entries, by code. */
export const routingRules: readonly Rule[] = [portSelectorRequired];
