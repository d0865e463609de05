import { join } from "node:path";
import { expect, test } from "vitest";
import { releasesPage } from "../../lib/istio/releases-page";

test("the page of releases says what the catalogue knows", async () => {
  await expect(releasesPage()).toMatchFileSnapshot(join(__dirname, "../../docs/versions.md"));
});
