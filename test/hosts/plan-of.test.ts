import { describe, expect, test } from "vitest";
import { type HostProfile, profileId } from "../../lib/hosts/host-profile";
import { sha256 } from "../../lib/hosts/host-program";
import type { HostReading } from "../../lib/hosts/host-reading";
import { factsOf, isApplied, mismatchesOf, planOf } from "../../lib/hosts/plan-of";
import { profileWith } from "./local-host";

const [key, floor] = ["net.core.somaxconn", "fs.file-max"];
const [conf, link, gone] = ["/etc/sysctl.d/99-zz-mesh.conf", "/etc/mesh-link", "/etc/gone.conf"];
const content = `${key} = 32768\n`;
const profile: HostProfile = profileWith({
  settings: [
    { key, mode: "exact", value: "32768" },
    { key: floor, mode: "atLeast", value: "2097152" },
  ],
  files: [{ path: conf, content, mode: "0644" }],
  links: [{ path: link, target: conf }],
  modules: ["nf_conntrack"],
  hashSize: 262_144,
});

/** A host that has the profile. */
const tuned = {
  owner: "0 0",
  machineId: "0".repeat(32),
  hostname: "oslo-1",
  distribution: { id: "debian", version: "12", name: "Debian" },
  kernel: "6.1.0",
  architecture: "x86_64",
  virtualization: "kvm",
  systemd: true,
  cores: 2,
  memoryBytes: 2 ** 30,
  disks: [],
  values: new Map([
    [key, "32768"],
    [floor, "9223372036854775807"],
  ]),
  sysctl: { paths: [conf], lines: [{ file: conf, line: 1, text: `${key} = 32768` }] },
  judged: "0".repeat(64),
  files: new Map([[conf, { sha256: sha256(content), mode: "0644", owner: "0 0" }]]),
  links: new Map([[link, conf]]),
  others: new Set<string>(),
  modules: ["nf_conntrack"],
  hashSize: 262_144,
  kept: {
    pool: "oslo",
    profile: profileId(profile),
    files: new Map([[conf, { kind: "absent" as const, mode: "000-", owner: "- -", check: "-" }]]),
    values: new Map([[key, "4096"]]),
    hashSize: "65536",
  },
  interrupted: false,
} satisfies HostReading;

function changes(more: Partial<HostReading>, wanted: HostProfile = profile): readonly unknown[] {
  return planOf({ ...tuned, ...more }, wanted).changes;
}

describe("a plan", () => {
  test("is empty for a host that has the profile", () => {
    expect(changes({})).toEqual([]);
    expect([mismatchesOf(tuned, profile), isApplied(tuned, profile)]).toEqual([[], true]);
  });

  test.each([
    [
      "a value that is another one",
      {
        values: new Map([
          [key, "1"],
          [floor, "2097152"],
        ]),
      },
      { kind: "value", key, from: "1", to: "32768", floor: false },
    ],
    ["a value that does not exist", { values: new Map([[floor, "2097152"]]) }, { kind: "value", key, to: "32768", floor: false }],
    [
      "a floor that is not reached",
      {
        values: new Map([
          [key, "32768"],
          [floor, "2097151"],
        ]),
      },
      { kind: "value", key: floor, from: "2097151", to: "2097152", floor: true },
    ],
    [
      "a floor that is no number",
      {
        values: new Map([
          [key, "32768"],
          [floor, "many"],
        ]),
      },
      { kind: "value", key: floor, from: "many", to: "2097152", floor: true },
    ],
    ["a file that is not there", { files: new Map() }, { kind: "file", path: conf, action: "create" }],
    [
      "a file with other content",
      { files: new Map([[conf, { sha256: sha256("x"), mode: "0644", owner: "0 0" }]]) },
      { kind: "file", path: conf, action: "update" },
    ],
    [
      "a file with another mode",
      { files: new Map([[conf, { sha256: sha256(content), mode: "0600", owner: "0 0" }]]) },
      { kind: "file", path: conf, action: "update" },
    ],
    [
      "a file of somebody else",
      { files: new Map([[conf, { sha256: sha256(content), mode: "0644", owner: "1000 0" }]]) },
      { kind: "file", path: conf, action: "update" },
    ],
    ["a link to elsewhere", { links: new Map([[link, "/nowhere"]]) }, { kind: "file", path: link, action: "update" }],
    ["a link that is not there", { links: new Map() }, { kind: "file", path: link, action: "create" }],
    ["a module that is not loaded", { modules: [] }, { kind: "module", name: "nf_conntrack" }],
    ["a table that is too small", { hashSize: 65_536 }, { kind: "hash-size", from: 65_536, to: 262_144 }],
  ] as const)("names %s", (_, more, change) => {
    expect(changes(more)).toEqual([change]);
    const { name } = { name: "path" in change ? change.path : "key" in change ? change.key : "nf_conntrack" };
    expect(mismatchesOf({ ...tuned, ...more }, profile).map((mismatch) => mismatch.name)).toEqual([name]);
    expect(isApplied({ ...tuned, ...more }, profile)).toBe(false);
  });

  test("of nothing puts back what was there before", () => {
    expect(changes({}, profileWith({}))).toEqual([
      { kind: "hash-size", from: 262_144, to: 65_536 },
      { kind: "value", key, from: "32768", to: "4096", floor: false },
      { kind: "file", path: conf, action: "delete" },
    ]);
  });

  test("puts back what a profile no longer wants, and nothing that is as it was", () => {
    const was = (kind: "regular" | "link", check: string) => ({ kind, mode: "0600", owner: "0 0", check });
    const kept = { ...tuned.kept, files: new Map([[gone, was("regular", sha256("x"))]]) };
    expect(changes({ kept })).toEqual([{ kind: "file", path: gone, action: "create" }]);
    expect(changes({ kept, files: new Map([...tuned.files, [gone, { sha256: sha256("x"), mode: "0600", owner: "0 0" }]]) })).toEqual([]);
    const linked = { ...kept, files: new Map([[gone, was("link", "/x")]]) };
    expect(changes({ kept: linked, links: new Map([...tuned.links, [gone, "/x"]]) })).toEqual([]);
    expect(changes({ kept: linked, others: new Set([gone]) })).toEqual([{ kind: "file", path: gone, action: "update" }]);
  });

  test("knows an apply that was cut off, and one of another profile, by more than what differs", () => {
    expect(isApplied({ ...tuned, interrupted: true }, profile)).toBe(false);
    expect(isApplied({ ...tuned, kept: { ...tuned.kept, profile: "f".repeat(64) } }, profile)).toBe(false);
    const { kept: _, ...without } = tuned;
    expect(isApplied(without, profile)).toBe(true);
  });

  test("does not take a file that it drops for one that still wins", () => {
    const late = "/etc/sysctl.d/99-zzz.conf";
    const sysctl = { paths: [conf, late], lines: [...tuned.sysctl.lines, { file: late, line: 1, text: `${key}=1` }] };
    expect(planOf({ ...tuned, sysctl }, profile).conflicts).toHaveLength(1);
    const kept = { ...tuned.kept, files: new Map([[late, { kind: "absent" as const, mode: "", owner: "", check: "-" }]]) };
    expect(planOf({ ...tuned, sysctl, kept }, profile).conflicts).toEqual([]);
  });
});

describe("the facts", () => {
  test("are those of the profile's own keys, files and modules", () => {
    const facts = factsOf(
      { ...tuned, values: new Map([...tuned.values, ["other.key", "1"]]), modules: ["nf_conntrack", "other"] },
      profile,
    );
    expect(facts).toMatchObject({
      values: { [key]: "32768", [floor]: "9223372036854775807" },
      files: { [conf]: { sha256: sha256(content), mode: "0644", content } },
      links: { [link]: conf },
      modules: ["nf_conntrack"],
      applied: { pool: "oslo", id: profileId(profile) },
      origins: { [key]: { file: conf, line: 1 } },
    });
    expect([Object.keys(facts.values), "owner" in facts, "kept" in facts]).toEqual([[key, floor], false, false]);
  });

  test("of a host that is being put back name no profile", () => {
    expect(factsOf({ ...tuned, kept: { ...tuned.kept, pool: "-", profile: "-" } }, profile)).not.toHaveProperty("applied");
  });
});
