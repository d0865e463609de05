import { readerTexts } from "../read/reader-texts";
import type { Rule, RuleText } from "../rule";
import { generalRules, runTexts } from "./general-rules";
import { kialiRules } from "./kiali-rules";
import { mtlsRules } from "./mtls-rules";
import { nodeRules } from "./node-rules";
import { policyRules } from "./policy-rules";
import { routingRules } from "./routing-rules";
import { schemaRules } from "./schema-rules";
import { trafficRules } from "./traffic-rules";
import { workloadRules } from "./workload-rules";

/** Every rule of the library. */
export const allRules: readonly Rule[] = [
  ...generalRules,
  ...schemaRules,
  ...workloadRules,
  ...routingRules,
  ...policyRules,
  ...kialiRules,
  ...trafficRules,
  ...mtlsRules,
  ...nodeRules,
];

/** Every code that has a page: those of the rules, and those of reading and of the run itself. */
export const allTexts: readonly RuleText[] = [...runTexts, ...readerTexts, ...allRules];
