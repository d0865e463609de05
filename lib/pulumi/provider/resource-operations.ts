import type { Problem } from "../../core/problem";
import type { PropertyPath } from "./property-values";

/** Properties of a resource, plain: secrets are opened before and sealed after. */
export type Properties = Readonly<Record<string, unknown>>;

/** A resource that exists. */
export interface ExistingResource {
  readonly urn: string;
  readonly id: string;
  /** What the state holds of it. */
  readonly state: Properties;
}

/** What the engine is told about the difference between state and program. */
export interface ResourceDifference {
  readonly changed: boolean;
  /** Properties that cannot change without a new resource. The old one is deleted first. */
  readonly replaces: readonly string[];
}

/** A resource that was made. */
export interface CreatedResource {
  readonly id: string;
  readonly state: Properties;
}

/** A resource as it was found. */
export interface FoundResource {
  readonly inputs: Properties;
  readonly state: Properties;
}

/** What the provider does for one type of resource. */
export interface ResourceOperations {
  /** Properties that are secret whatever the program says. */
  readonly secrets: readonly PropertyPath[];
  /** What is wrong with the inputs. Pure. */
  check(inputs: Properties): readonly Problem[];
  /** Whether the program asks for something else than the state holds. Touches nothing. */
  diff(resource: ExistingResource, inputs: Properties): ResourceDifference;
  create(urn: string, inputs: Properties): Promise<CreatedResource>;
  /** Looks at what is there. Rejects when it cannot be seen: that is never the same as gone. */
  read(resource: ExistingResource): Promise<FoundResource>;
  update(resource: ExistingResource, inputs: Properties): Promise<Properties>;
  delete(resource: ExistingResource): Promise<void>;
}

/** Says something about a resource to whoever runs the engine. Without secrets. */
export interface ResourceLog {
  info(urn: string, message: string): void;
  warn(urn: string, message: string): void;
}
