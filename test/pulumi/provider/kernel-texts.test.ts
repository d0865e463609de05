import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostProfileOf, profileId } from "../../../lib/hosts/host-profile";
import { KernelProfile } from "../../../lib/index";
import { foundText, settingsOf, textsOf } from "../../../lib/pulumi/provider/kernel-texts";
import { inputsOf, profileOf } from "../../../lib/pulumi/provider/tuned-host-inputs";
import { poolOf } from "../../nodes/pool";

const setting = fc.record({
  key: fc.constantFrom("net.core.somaxconn", "fs.file-max", "net.ipv4.ip_local_reserved_ports", "vm.swappiness", "net.custom.key"),
  mode: fc.constantFrom("exact" as const, "atLeast" as const),
  value: fc.nat().map(String),
});
const settings = fc.uniqueArray(setting, { selector: ({ key }) => key });

test("texts say the same as settings, in whatever order the engine hands them over", () => {
  fc.assert(
    fc.property(settings, (list) => {
      const texts = textsOf(list);
      const shuffled = Object.fromEntries(Object.entries(texts).reverse());
      expect(settingsOf(shuffled)).toEqual(settingsOf(texts));
      expect(new Set(settingsOf(texts))).toEqual(new Set(list));
    }),
  );
});

test("a pool's profile is the same after a way through the engine", () => {
  const pool = poolOf({ kernel: KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } }), reservedPorts: ["15000-15090"] });
  const profile = hostProfileOf(pool);
  const { files = {}, ...inputs } = inputsOf(profile);
  const shuffled = { ...inputs, files: Object.fromEntries(Object.entries(files).reverse()) };
  expect(profileId(profileOf(shuffled))).toBe(profileId(profileOf(inputsOf(profile))));
  expect(profileOf(shuffled).settings).toEqual(profile.settings);
  expect(new Set(profileOf(shuffled).files)).toEqual(new Set(profile.files));
});

describe("what stands for a key", () => {
  test.each([
    ["an exact value that holds", "32768", "32768\n", "32768"],
    ["a tuple, whatever its blanks", "32768 60999", "32768\t60999", "32768 60999"],
    ["an exact value that does not", "32768", "128", "128"],
    ["a floor that is exceeded", "at least 2097152", "9223372036854775807", "at least 2097152"],
    ["a floor that is missed", "at least 2097152", "2097151", "2097151"],
    ["a floor against what is no number", "at least 2097152", "much", "much"],
  ])("%s", (_what, wanted, real, found) => {
    expect(foundText("key.name", wanted, real)).toBe(found);
  });
});
