import type { Rule } from "../rule";
import { schemaValidationError } from "./schema/ist0106-schema-validation-error";
import { schemaWarning } from "./schema/ist0133-schema-warning";
import { unknownField } from "./schema/mg0101-unknown-field";
import { tooNew } from "./schema/mg0102-too-new";
import { unservedVersion } from "./schema/mg0103-unserved-version";

/** Rules on objects of Istio by themselves. */
export const schemaRules: readonly Rule[] = [schemaValidationError, schemaWarning, unknownField, tooNew, unservedVersion];
