import fc from "fast-check";
import { expect, test } from "vitest";
import { bootFiles, bootUnitName, renderBootProfile } from "../../lib/nodes/boot-unit";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { settingsOf } from "../../lib/nodes/kernel-setting";
import { anySettings } from "./settings";

test("golden", async () => {
  const unit = bootFiles([], undefined).find(({ path }) => path.endsWith(bootUnitName));
  await expect(unit?.content).toMatchFileSnapshot("../golden/nodes/meshground-kernel-profile.service");
});

test("the profile that the script reads says every setting once", () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const all = settingsOf(KernelProfile.of(settings));
      const lines = renderBootProfile(all, undefined).split("\n").slice(1, -1);
      expect(lines.map((line) => line.split(" "))).toEqual(all.map(({ mode, key, value }) => [mode, key, ...value.split(" ")]));
    }),
  );
});

test("the script and the unit are the same for every pool", () => {
  const [one, other] = [bootFiles([], undefined), bootFiles(settingsOf(KernelProfile.mesh()), 4_096)];
  expect(other.slice(1)).toEqual(one.slice(1));
  expect(other[0]).not.toEqual(one[0]);
});
