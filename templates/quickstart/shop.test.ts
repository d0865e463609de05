import { expect, test } from "vitest";
import { shop } from "./shop";

test("what will be applied is what was reviewed", async () => {
  await expect(shop().synthYaml()).toMatchFileSnapshot("golden/shop.yaml");
});
