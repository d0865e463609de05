import type { Rule, RuleText } from "../rule";
import { generalRules, runTexts } from "./general-rules";
import { istioRules } from "./istio-rules";

/** Every rule of the library, by code. */
export const allRules: readonly Rule[] = [...generalRules, ...istioRules];

/** Every code that has a page: those of the rules, and those of the run itself. */
export const allTexts: readonly RuleText[] = [...runTexts, ...allRules];
