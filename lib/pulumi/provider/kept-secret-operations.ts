import { isDeepStrictEqual } from "node:util";
import type { Check } from "../../core/check";
import type { Problem } from "../../core/problem";
import type { PropertyPath } from "./property-values";
import type {
  CreatedResource,
  ExistingResource,
  FoundResource,
  Properties,
  ResourceDifference,
  ResourceOperations,
} from "./resource-operations";

/** A secret that is made once, by chance, and kept in the state and nowhere else. */
export interface KeptSecret {
  readonly inputs: Check;
  /** Every input that may be left out, with what it then is. Another value makes another secret. */
  readonly defaults: Properties;
  readonly secrets: readonly PropertyPath[];
  /** Makes it, from inputs with their defaults. The id shows in the clear. */
  make(inputs: Properties): { readonly id: string; readonly outputs: Properties };
}

/** Operations of a resource that is a {@link KeptSecret}. */
export class KeptSecretOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"];
  readonly #secret: KeptSecret;

  constructor(secret: KeptSecret) {
    this.#secret = secret;
    this.secrets = secret.secrets;
  }

  check(inputs: Properties): readonly Problem[] {
    return this.#secret.inputs("", inputs);
  }

  diff({ state }: ExistingResource, inputs: Properties): ResourceDifference {
    const wanted = { ...this.#secret.defaults, ...inputs };
    const replaces = Object.keys(this.#secret.defaults).filter((prop) => !isDeepStrictEqual(state[prop], wanted[prop]));
    return { changed: false, replaces };
  }

  async create(_urn: string, inputs: Properties): Promise<CreatedResource> {
    const given = { ...this.#secret.defaults, ...inputs };
    const { id, outputs } = this.#secret.make(given);
    return { id, state: { ...given, ...outputs } };
  }

  async read({ urn, state }: ExistingResource): Promise<FoundResource> {
    const props = Object.keys(this.#secret.defaults);
    if (props.some((prop) => state[prop] === undefined))
      throw new Error(`${urn} cannot be imported: it is made once and lies in the state only.`);
    return { inputs: Object.fromEntries(props.map((prop) => [prop, state[prop]])), state };
  }

  async update({ state }: ExistingResource): Promise<Properties> {
    return state;
  }

  async delete(): Promise<void> {
    // The state was the only place where it lay.
  }
}
