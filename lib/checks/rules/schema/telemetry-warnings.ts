import { type Data, list, record, records } from "../../fields";
import type { SpecWarning } from "./spec-warning";

/** What of a Telemetry is more than Istio reads. */
export function* telemetryWarnings({ tracing, metrics }: Data): Iterable<SpecWarning> {
  if (list(tracing).length > 1) {
    yield {
      field: "spec.tracing",
      message: `there are ${list(tracing).length} items, and Istio reads one for each direction: what the others say is merged into it or lost.`,
      fix: "Write one item.",
    };
  }
  for (const [index, { providers }] of records(tracing).entries()) {
    if (list(providers).length < 2) continue;
    yield {
      field: `spec.tracing[${index}].providers`,
      message: `there are ${list(providers).length} providers, and spans go to the first only.`,
      fix: "Name one provider, and let it send the spans on.",
    };
  }
  for (const [index, { overrides }] of records(metrics).entries()) {
    for (const [place, { tagOverrides }] of records(overrides).entries()) {
      if (!Object.hasOwn(record(tagOverrides), "")) continue;
      const field = `spec.metrics[${index}].overrides[${place}].tagOverrides[""]`;
      yield { field, message: "a tag has an empty name: nothing is overridden by it.", fix: "Name the tag." };
    }
  }
}
