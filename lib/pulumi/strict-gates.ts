import type { CustomResource, Output, Resource } from "@pulumi/pulumi";
import type { StackPlan } from "./stack-plan";
import { StrictGate } from "./strict-gate";

/** The gates of a stack, each made once, when the first object asks that waits for it. */
export class StrictGates {
  readonly #plan: Pick<StackPlan, "stack" | "gate">;
  readonly #parent: Resource;
  readonly #gates: Map<string, StrictGate> = new Map();

  constructor(plan: Pick<StackPlan, "stack" | "gate">, parent: Resource) {
    this.#plan = plan;
    this.#parent = parent;
  }

  /**
   * What an object in a namespace waits for.
   *
   * @param find - the Namespace as it was made, where the tree makes it
   */
  before(namespace: string | undefined, find: (name: string) => CustomResource | undefined): readonly CustomResource[] {
    const expected = this.#plan.gate?.namespaces.find(({ name }) => name === namespace);
    if (expected === undefined || this.#plan.gate === undefined) return [];
    const known = this.#gates.get(expected.name);
    if (known !== undefined) return [known];
    const home = find(expected.name);
    const name = `${this.#plan.stack}/${expected.name}/StrictGate`;
    const options = { parent: this.#parent, dependsOn: home === undefined ? [] : [home] };
    const gate = new StrictGate(name, { ...this.#plan.gate.args, expected, createdAt: home && createdAt(home) }, options);
    this.#gates.set(expected.name, gate);
    return [gate];
  }
}

/** When the cluster created an object. */
function createdAt(object: CustomResource): Output<string | undefined> | undefined {
  const { metadata } = object as { metadata?: Output<{ readonly creationTimestamp?: string } | undefined> };
  return metadata?.apply((known) => known?.creationTimestamp);
}
