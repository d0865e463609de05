import type { Rule, RuleText } from "../rule";
import { generalRules, runTexts } from "./general-rules";
import { routingRules } from "./routing-rules";

/** Every rule of the library, by code. */
export const allRules: readonly Rule[] = [...generalRules, ...routingRules];

/** Every code that has a page: those of the rules, and those of the run itself. */
export const allTexts: readonly RuleText[] = [...runTexts, ...allRules];
