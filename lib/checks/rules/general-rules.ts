import type { Rule, RuleText } from "../rule";
import { ruleFailed } from "./general/mg0001-rule-failed";
import { suppressionOfNothing } from "./general/mg0002-suppression-of-nothing";
import { suppressionWithoutReason } from "./general/mg0003-suppression-without-reason";

/** Rules on what is said to the checks. */
export const generalRules: readonly Rule[] = [suppressionWithoutReason];

/** What a run itself says, beside what rules find. */
export const runTexts: readonly RuleText[] = [ruleFailed, suppressionOfNothing];
