import type { Rule } from "../rule";
import { conflictingSidecarSelectors } from "./policy/ist0110-conflicting-sidecar-selectors";
import { severalWideSidecars } from "./policy/ist0111-several-wide-sidecars";
import { mtlsConflict } from "./policy/ist0113-mtls-conflict";
import { relativePatch } from "./policy/ist0151-relative-patch";
import { replaceOperation } from "./policy/ist0152-replace-operation";
import { addOperation } from "./policy/ist0153-add-operation";
import { removeOperation } from "./policy/ist0154-remove-operation";
import { relativePatchWithVersion } from "./policy/ist0155-relative-patch-with-version";
import { telemetryWithoutProvider } from "./policy/ist0157-telemetry-without-provider";
import { conflictingTelemetrySelectors } from "./policy/ist0159-conflicting-telemetry-selectors";
import { severalWideTelemetries } from "./policy/ist0160-several-wide-telemetries";
import { ineffectiveSelector } from "./policy/ist0166-ineffective-selector";
import { ineffectiveSidecar } from "./policy/ist0167-ineffective-sidecar";

/** Istio's rules on Sidecars, mTLS, Telemetries, EnvoyFilters and selectors, by code. */
export const policyRules: readonly Rule[] = [
  conflictingSidecarSelectors,
  severalWideSidecars,
  mtlsConflict,
  relativePatch,
  replaceOperation,
  addOperation,
  removeOperation,
  relativePatchWithVersion,
  telemetryWithoutProvider,
  conflictingTelemetrySelectors,
  severalWideTelemetries,
  ineffectiveSelector,
  ineffectiveSidecar,
];
