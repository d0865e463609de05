import { App, Chart } from "cdk8s";
import { expect, test } from "vitest";
import { validateTree } from "../../lib/synth/validate-tree";

test("a tree without failures passes", () => {
  const app = new App({ outdir: "unused" });
  new Chart(app, "shop").node.addValidation({ validate: () => [] });
  expect(() => validateTree(app)).not.toThrow();
});

test("every failure shows, parents first, with the path of its construct", () => {
  const app = new App({ outdir: "unused" });
  const chart = new Chart(app, "shop");
  new Chart(chart, "inner").node.addValidation({ validate: () => ["three."] });
  chart.node.addValidation({ validate: () => ["one.", "two."] });
  app.node.addValidation({ validate: () => ["zero."] });
  expect(() => validateTree(app)).toThrowErrorMatchingInlineSnapshot(`
    [Error: Validation failed with the following errors:
      [] zero.
      [shop] one.
      [shop] two.
      [shop/inner] three.]
  `);
});
