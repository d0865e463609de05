import { Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { dropped, oldCrds } from "./crds";
import { chartFor, samples } from "./samples";

describe("an object made for the newest releases is valid for Istio's schema of 1.29", () => {
  test.each(samples)("$kind", async ({ kind, spec, make }) => {
    const models: Readonly<Record<string, unknown>> = {
      ...(await import("@kubernetes-models/istio/networking.istio.io/v1")),
      ...(await import("@kubernetes-models/istio/security.istio.io/v1")),
      ...(await import("@kubernetes-models/istio/telemetry.istio.io/v1")),
    };
    const Model = models[kind] as new (manifest: unknown) => { validate(): void };
    const chart = chartFor("1.29", "1.35");
    make(chart, spec);
    for (const manifest of Testing.synth(chart)) expect(() => new Model(manifest).validate()).not.toThrow();
    expect(() => new Model({ spec: "x" }).validate()).toThrow();
  });
});

describe.each([
  { patch: "1.17.8", kubernetes: "1.26", ...oldCrds("1.17.8") },
  { patch: "1.18.7", kubernetes: "1.27", ...oldCrds("1.18.7") },
])("an API server with the CRDs of $patch$note", ({ patch, kubernetes, crds, missing }) => {
  test.skipIf(missing).each(samples)("serves the apiVersion of $kind and keeps every field", ({ spec, make }) => {
    const chart = chartFor(patch, kubernetes);
    make(chart, spec);
    const [manifest] = Testing.synth(chart) as readonly { readonly apiVersion: string; readonly kind: string; readonly spec: unknown }[];
    const crd = crds.find((found) => found?.spec.names.kind === manifest?.kind && manifest?.apiVersion.startsWith(`${found?.spec.group}/`));
    const version = crd?.spec.versions.find(({ name }) => manifest?.apiVersion === `${crd.spec.group}/${name}`);
    expect(version?.served).toBe(true);
    expect(dropped(manifest?.spec, version?.schema.openAPIV3Schema.properties?.spec, "spec")).toEqual([]);
    expect(dropped({ unheardOf: 1 }, version?.schema.openAPIV3Schema.properties?.spec, "spec")).toEqual(["spec.unheardOf"]);
  });
});
