import type { Rule } from "../rule";
import { portSelectorRequired } from "./istio/ist0112-port-selector-required";

/** Istio's own rules, by code. */
export const istioRules: readonly Rule[] = [portSelectorRequired];
