import fc from "fast-check";
import { expect, test } from "vitest";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { settingsOf } from "../../lib/nodes/kernel-setting";
import { anySettings } from "./settings";

const valuesOf = (profile: KernelProfile): Record<string, string> =>
  Object.fromEntries(settingsOf(profile).map(({ key, mode, value }) => [key, mode === "exact" ? value : `>= ${value}`]));

test("mesh() holds exactly the reference profile", () => {
  expect(valuesOf(KernelProfile.mesh())).toEqual({
    "fs.file-max": "2097152",
    "net.netfilter.nf_conntrack_max": "262144",
    "net.core.somaxconn": "32768",
    "net.ipv4.tcp_max_syn_backlog": "16384",
    "net.ipv4.tcp_tw_reuse": "1",
    "net.ipv4.ip_local_port_range": "32768 60999",
  });
});

test("mesh() changes key by key", () => {
  const profile = KernelProfile.mesh({ "fs.file-max": { atLeast: 3_000_000 }, "vm.max_map_count": { exact: 262_144 } });
  expect(valuesOf(profile)).toMatchObject({ "fs.file-max": ">= 3000000", "vm.max_map_count": "262144", "net.ipv4.tcp_tw_reuse": "1" });
});

test("without() leaves a key to the node", () => {
  expect(Object.keys(valuesOf(KernelProfile.mesh().without("fs.file-max", "net.core.somaxconn")))).toEqual([
    "net.netfilter.nf_conntrack_max",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.ip_local_port_range",
  ]);
});

test("without() refuses a key that is not there", () => {
  expect(() => KernelProfile.of({}).without("fs.file-max")).toThrowErrorMatchingInlineSnapshot(`
    [InvalidInput: KernelProfile.without: 1 invalid prop
      got "fs.file-max", expected a key that the profile sets.]
  `);
});

test("unknown keys come last, by name", () => {
  const reason = "tried on a node";
  const profile = KernelProfile.of({ "vm.swappiness": 10 }).withUnknown({ "z.z": { atLeast: 5, reason }, "a.b": { exact: "c d", reason } });
  expect(Object.entries(valuesOf(profile))).toEqual([
    ["vm.swappiness", "10"],
    ["a.b", "c d"],
    ["z.z", ">= 5"],
  ]);
});

test("a profile never changes, whatever is done to it or to what it was made from", () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const mutable = { ...settings } as Record<string, unknown>;
      const profile = KernelProfile.of(mutable);
      const before = valuesOf(profile);
      mutable["fs.file-max"] = 1;
      profile.with({ "fs.file-max": 9_999 });
      profile.withUnknown({ "a.b": { exact: 1, reason: "x" } });
      expect(() => Object.assign(profile.settings, { "fs.file-max": 1 })).toThrow(TypeError);
      expect(valuesOf(profile)).toEqual(before);
    }),
  );
});

test("a list given to a profile can change without it", () => {
  const range: [number, number] = [40_000, 50_000];
  const profile = KernelProfile.of({ "net.ipv4.ip_local_port_range": range });
  range[0] = 1_024;
  expect(valuesOf(profile)).toEqual({ "net.ipv4.ip_local_port_range": "40000 50000" });
});

test("types know which key takes what", () => {
  const profiles = [
    // @ts-expect-error a name that is no key
    KernelProfile.of({ "net.core.somaxcon": 1 }),
    // @ts-expect-error a mode has no floor
    KernelProfile.of({ "net.ipv4.tcp_tw_reuse": { atLeast: 1 } }),
    // @ts-expect-error a mode that does not exist
    KernelProfile.of({ "net.ipv4.tcp_tw_reuse": 3 }),
    // @ts-expect-error a range has two ends
    KernelProfile.of({ "net.ipv4.ip_local_port_range": [32_768] }),
    // @ts-expect-error exact or at least, not both
    KernelProfile.of({ "fs.file-max": { exact: 10_000, atLeast: 10_000, more: 1 } }),
    // @ts-expect-error an unknown key needs a reason
    KernelProfile.of({}).withUnknown({ "a.b": { exact: 1 } }),
  ];
  expect(profiles).toHaveLength(6);
});
