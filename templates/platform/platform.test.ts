import { expect, test } from "vitest";
import { type EnvironmentName, environments } from "./environments";
import { platform } from "./platform";

test.each(Object.keys(environments) as EnvironmentName[])("what will be applied in %s is what was reviewed", async (name) => {
  await expect(platform(name).synthYaml()).toMatchFileSnapshot(`golden/${name}.yaml`);
});
