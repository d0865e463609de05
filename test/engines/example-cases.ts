import { environments } from "../../examples/oslo-production/environment.ts";
import { type ExampleName, exampleNames } from "../support/examples";

/** An example in one of its environments. */
type ExampleCase = readonly [ExampleName, Readonly<Record<string, string>>];

/** What the programs that have several environments read them from. */
const choices: Partial<Record<ExampleName, readonly ExampleCase[1][]>> = {
  "oslo-production": Object.keys(environments).map((name) => ({ ENVIRONMENT: name })),
};

/** Every example, in each of its environments. */
export const exampleCases: readonly ExampleCase[] = exampleNames.flatMap((name) =>
  (choices[name] ?? [{}]).map((environment) => [name, environment] as const),
);

/** How evidence names an example in one of its environments. */
export function titleOf([name, environment]: ExampleCase): string {
  return [name, ...Object.values(environment)].join(", ");
}
