import { App, Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import { declareMovedFields, movedFieldsOf } from "../../lib/core/moved-fields";

describe("fields that a controller moves", () => {
  test("are declared once for each object, and sorted", () => {
    const [route, other] = ["route", "other"].map((id) => new Chart(new App(), id)) as [Chart, Chart];
    declareMovedFields(route, "spec.replicas", "spec.http[*].route[0].weight");
    declareMovedFields(route, "spec.replicas");
    expect(movedFieldsOf(route)).toEqual(["spec.http[*].route[0].weight", "spec.replicas"]);
    expect(movedFieldsOf(other)).toEqual([]);
  });

  test("may have keys in quotes", () => {
    const rule = new Chart(new App(), "rule");
    declareMovedFields(rule, 'spec.subsets[*].labels["rollouts-pod-template-hash"]', 'metadata.annotations["example.no/a_b.c"]');
    expect(movedFieldsOf(rule)).toHaveLength(2);
  });

  test.each(["", "spec.", "spec..replicas", "spec[x]", "spec.http[**]", "metadata.labels['a']", 'a["b c"]', 'a["b]', 'a[""]'])(
    "are refused as %j",
    (path) => {
      const route = new Chart(new App(), "route");
      expect(() => declareMovedFields(route, "spec.replicas", path)).toThrow("the path of a field, such as spec.http[*].route[*].weight");
      expect(movedFieldsOf(route)).toEqual([]);
    },
  );
});
