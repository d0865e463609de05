import type { App } from "cdk8s";

/**
 * Runs every validation of a tree, once.
 *
 * cdk8s's own synth runs them once for the app and once more for each chart.
 *
 * @throws Error in cdk8s's words, with every failure and the path of its construct.
 */
export function validateTree(app: App): void {
  const failures: string[] = [];
  for (const { node } of app.node.findAll()) {
    for (const failure of node.validate()) failures.push(`[${node.path}] ${failure}`);
  }
  if (failures.length > 0) throw new Error(`Validation failed with the following errors:\n  ${failures.join("\n  ")}`);
}
