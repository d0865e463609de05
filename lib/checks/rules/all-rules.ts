import type { Rule } from "../rule";
import { istioRules } from "./istio-rules";

/** Every rule of the library, by code. */
export const allRules: readonly Rule[] = [...istioRules];
