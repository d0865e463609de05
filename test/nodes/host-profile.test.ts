import { describe, expect, test } from "vitest";
import { hostProfile, hostProfileOf } from "../../lib/hosts/host-profile";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { hostRequirementsCheck } from "../../lib/nodes/qualification-limits";
import { artefactsOf, poolOf } from "./pool";

describe("the files that the command reads", () => {
  test("are a profile alone for a pool of which nothing is measured", async () => {
    const { "profile.json": profile, ...others } = artefactsOf(poolOf({ kernel: KernelProfile.of({}) }));
    expect(Object.keys(others)).not.toContain("requirements.json");
    await expect(profile).toMatchFileSnapshot("../golden/nodes/profile.json");
  });

  test("hold the profile that Pulumi's provider is given, and its own check lets it pass", () => {
    const pool = poolOf();
    const profile: unknown = JSON.parse(artefactsOf(pool)["profile.json"] ?? "");
    expect(profile).toEqual(hostProfileOf(pool));
    expect(hostProfile("", profile)).toEqual([]);
  });

  test("hold what the machines must measure up to, every default filled in", () => {
    const pool = poolOf({ qualify: { iowaitBelow: "3%" } });
    const requirements: unknown = JSON.parse(artefactsOf(pool)["requirements.json"] ?? "");
    expect(requirements).toEqual(pool.requirements);
    expect(hostRequirementsCheck("", requirements)).toEqual([]);
  });
});
