import fc from "fast-check";
import { expect, test } from "vitest";
import { checkApp, type Finding, type MeshApp } from "../../lib/index";
import { built, externals, type Plan, plan } from "../support/generated-systems";

const told = (app: MeshApp): readonly string[] =>
  checkApp(app, { externals })
    .filter(({ severity, suppressed }: Finding) => severity !== "note" && suppressed === undefined)
    .map(({ code, path, field, message }) => `${code} ${path} ${field}: ${message}`);

test("correct systems give no error and no warning", () => {
  fc.assert(
    fc.property(plan, (system) => {
      expect(told(built(system))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("neither does one of 300 services", () => {
  const system: Plan = {
    istio: "1.28.1",
    layers: [50, 100, 150],
    weight: 5,
    strict: true,
    borders: true,
    retries: true,
    kubeadm: true,
    gateway: "edge",
  };
  expect(told(built(system))).toEqual([]);
});
