import { describe, expect, test } from "vitest";
import { imported } from "./programs";
import { plain, rendered, variants } from "./versions";

const file = (yaml: string): string => imported(yaml).files.find(({ path }) => path === "namespaces/shop.ts")?.text ?? "";

describe("objects of a service with versions", () => {
  test("become a CanaryService that takes the Deployments over, where it renders the very same", () => {
    const program = file(plain);
    expect(program.slice(program.indexOf("  new CanaryService("))).toMatchInlineSnapshot(`
      "  new CanaryService(chart, "pricing-canary-service", {
          name: "pricing",
          port: 80,
          targetPort: 8080,
          podSelector: { app: "pricing" },
          release: Release.pinned({
            stable: { name: "v1", workload: pricingV1Deployment },
            canary: { name: "v2", workload: pricingV2Deployment, weight: 10 },
          }),
          timeout: "2s",
          circuitBreaker: { maxConnections: 100 },
          testers: { header: "x-tester", value: "yes", to: "v2" },
          defaults: "none",
        });
      }
      "
    `);
    expect(program).not.toMatch(/new (?:VirtualService|DestinationRule)\(/);
    expect(program).toContain("const pricingV1Deployment = new ApiObject(");
  });

  test.each([
    ["the Service", plain.replace("kind: Service\n", "kind: Other\n"), ["no Service pricing was read."]],
    ["the DestinationRule", plain.replace("host: pricing\n", "host: other\n"), ["no DestinationRule for pricing was read."]],
    [
      "a Deployment",
      plain.replaceAll("version: v2 } }\n    spec", "version: v3 } }\n    spec"),
      ["no Deployment whose pods have the label version: v2 was read."],
    ],
    [
      "its name",
      plain.replace("VirtualService\nmetadata: { name: pricing", "VirtualService\nmetadata: { name: prices"),
      ["VirtualService metadata.name is not what a CanaryService writes."],
    ],
    [
      "nothing beside",
      plain.replace("spec: { selector: { app: pricing }", "spec: { type: NodePort, selector: { app: pricing }"),
      ["Service spec.type is not what a CanaryService writes."],
    ],
  ])("stay as they are without %s, and it is told", (_what, yaml, missing) => {
    const { missed, program } = imported(yaml);
    expect(missed.map((each) => each.missing)).toEqual([missing]);
    expect(program.charts.flatMap(({ constructs }) => constructs.map((construct) => construct.class))).not.toContain("CanaryService");
  });

  test.each(variants)("that a CanaryService made come back as one: %s", (_what, props) => {
    const { missed, program } = imported(rendered(props));
    expect(missed.map(({ missing }) => missing)).toEqual([]);
    expect(program.charts.flatMap(({ constructs }) => constructs.map((construct) => construct.class))).toContain("CanaryService");
  });
});
