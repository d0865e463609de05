import fc from "fast-check";
import { expect, test } from "vitest";
import type { HostProfile } from "../../lib/hosts/host-profile";
import { isApplied, mismatchesOf, planOf } from "../../lib/hosts/plan-of";
import { character } from "../core/hostile";
import { LocalHost, profileWith } from "./local-host";

const keys = ["fs.file-max", "net.core.somaxconn", "net.ipv4.tcp_tw_reuse", "net.ipv4.ip_local_port_range"];
const paths = ["/etc/sysctl.d/99-a.conf", "/etc/mesh/b.conf", "/etc/mesh/deep/er/c.sh", "/usr/local/lib/mesh/d"];
const links = ["/etc/mesh/link", "/etc/other-link"];

const number = fc.nat(1_000_000).map(String);
const value = fc.oneof(number, fc.constantFrom("9223372036854775807", "1024 65535"));
const content = fc
  .oneof(fc.string({ maxLength: 60 }), fc.string({ unit: character, maxLength: 20 }))
  .map((text) => `${text.replaceAll("\0", "").toWellFormed()}\n`);
const mode = fc.constantFrom("0644" as const, "0755" as const);

function some<Value>(names: readonly string[], of: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), of), { selector: ([name]) => name, maxLength: names.length })
    .map(Object.fromEntries);
}

const setting = fc.oneof(
  fc.record({ mode: fc.constant("exact" as const), value }),
  fc.record({ mode: fc.constant("atLeast" as const), value: number }),
);
const profile: fc.Arbitrary<HostProfile> = fc
  .record({
    settings: some(keys, setting),
    files: some(paths, fc.record({ content, mode })),
    links: some(links, fc.constantFrom(...paths)),
  })
  .map((parts) =>
    profileWith({
      settings: Object.entries(parts.settings).map(([key, rest]) => ({ key, ...rest })),
      files: Object.entries(parts.files).map(([path, rest]) => ({ path, ...rest })),
      links: Object.entries(parts.links).map(([path, target]) => ({ path, target })),
    }),
  );
const host = fc
  .record({
    values: fc.tuple(...keys.map(() => value)).map((values) => Object.fromEntries(keys.map((key, index) => [key, values[index] ?? ""]))),
    files: some(paths, fc.record({ content: fc.oneof(content, fc.constant("")), mode: fc.constantFrom(0o644, 0o600, 0o4755) })),
    links: some(links, fc.constantFrom(...paths, "../elsewhere")),
  })
  .map((props) => new LocalHost(props));

test("restoring undoes any sequence of profiles, byte for byte", { timeout: 60_000 }, () =>
  fc.assert(
    fc.property(host, fc.array(profile, { minLength: 1, maxLength: 2 }), (local, profiles) => {
      const before = local.contents();
      for (const each of profiles) expect(local.run("apply", each)).toMatchObject({ stderr: "" });
      local.run("restore");
      expect(local.contents()).toEqual(before);
    }),
    { numRuns: 12 },
  ),
);

test("a plan says what a run then does, and nothing is left of it", { timeout: 60_000 }, () =>
  fc.assert(
    fc.property(host, profile, (local, wanted) => {
      const reading = local.read(wanted);
      const plan = planOf(reading, wanted);
      const { report } = local.run("apply", wanted);
      expect(report?.result).toBe(plan.changes.length === 0 ? "unchanged" : "changed");
      const after = local.read(wanted);
      expect([planOf(after, wanted).changes, mismatchesOf(after, wanted), isApplied(after, wanted)]).toEqual([[], [], true]);
    }),
    { numRuns: 12 },
  ),
);
