import type { RuleText } from "../../rule";

/** What a run says of a rule that threw an error. */
export const ruleFailed: RuleText = {
  code: "MG0001",
  title: "a rule failed",
  severity: "error",
  consequence: "What the rule would have found in these objects is not known. All other rules have run.",
  fix: "Report it with the objects that it failed on; a rule of your own is yours to mend. To go on without it, accept the code.",
};
