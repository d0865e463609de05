import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootSettings, inBootOrder, type SysctlFiles } from "../../lib/hosts/sysctl-files";

const key = "net.core.somaxconn";
const ours = "/etc/sysctl.d/99-zz-mesh.conf";
const profile = {
  settings: [
    { key, mode: "exact", value: "32768" },
    { key: "fs.file-max", mode: "atLeast", value: "2097152" },
  ],
  files: [{ path: ours, content: `# ours\n${key} = 32768\n`, mode: "0644" }],
} as const;

/** Files of a host, by path. */
function files(texts: Readonly<Record<string, string>>): SysctlFiles {
  const lines = Object.entries(texts).flatMap(([file, text]) =>
    text.split("\n").map((line, index) => ({ file, line: index + 1, text: line })),
  );
  return { paths: Object.keys(texts), lines: lines.filter(({ text }) => text.trim() !== "") };
}

/** File and line of each line that wins over the profile. */
function overriding(texts: Readonly<Record<string, string>>): readonly string[] {
  return bootSettings(files(texts), profile).overriding.map(({ file, line }) => `${file}:${line}`);
}

describe("the order at boot", () => {
  test("is that of the files' names, whatever their folders, with /etc/sysctl.conf last", () => {
    const order = inBootOrder(
      files({
        "/etc/sysctl.conf": "d",
        "/usr/lib/sysctl.d/50-x.conf": "b",
        "/etc/sysctl.d/99-x.conf": "c",
        "/run/sysctl.d/10-x.conf": "a",
      }),
    );
    expect(order.map(({ text }) => text)).toEqual(["a", "b", "c", "d"]);
  });

  test("a file hides those of its name in later folders, even when it is empty", () => {
    const order = inBootOrder(
      files({ "/usr/lib/sysctl.d/50-x.conf": "hidden", "/etc/sysctl.d/50-x.conf": "", "/lib/sysctl.d/50-x.conf": "too" }),
    );
    expect(order).toEqual([]);
  });

  test("does not depend on the order in which the host lists its files", () => {
    const texts = { "/etc/sysctl.d/b.conf": "1", "/etc/sysctl.d/a.conf": "2", "/run/sysctl.d/a.conf": "3", "/etc/sysctl.conf": "4" };
    const order = inBootOrder(files(texts));
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(texts), { minLength: 4 }), (entries) => {
        expect(inBootOrder(files(Object.fromEntries(entries)))).toEqual(order);
      }),
    );
  });
});

describe("what wins over a profile", () => {
  test.each([
    ["a file that comes later", { "/etc/sysctl.d/99-zzz.conf": `${key}=4096` }, ["/etc/sysctl.d/99-zzz.conf:1"]],
    ["/etc/sysctl.conf", { "/etc/sysctl.conf": `# a\n\n${key} = 4096` }, ["/etc/sysctl.conf:3"]],
    ["one in slashes", { "/etc/sysctl.d/99-zzz.conf": "net/core/somaxconn = 4096" }, ["/etc/sysctl.d/99-zzz.conf:1"]],
    ["one that may fail", { "/etc/sysctl.d/99-zzz.conf": `-${key} = 4096` }, ["/etc/sysctl.d/99-zzz.conf:1"]],
    [
      "each of several lines",
      { "/etc/sysctl.d/99-zzz.conf": `${key}=1\n${key}=2` },
      ["/etc/sysctl.d/99-zzz.conf:1", "/etc/sysctl.d/99-zzz.conf:2"],
    ],
  ])("%s", (_, texts, expected) => {
    expect(overriding(texts)).toEqual(expected);
  });

  test.each([
    ["a file that comes earlier", { "/etc/sysctl.d/10-x.conf": `${key}=4096` }],
    ["a later one that says the same", { "/etc/sysctl.d/99-zzz.conf": `${key} =  32768` }],
    ["a later one that is right at last", { "/etc/sysctl.d/99-zzz.conf": `${key}=1\n${key}=32768` }],
    ["the file that the profile is about to write", { [ours]: `${key}=4096` }],
    ["one that is hidden by ours", { "/usr/lib/sysctl.d/99-zz-mesh.conf": `${key}=4096` }],
    ["a comment", { "/etc/sysctl.d/99-zzz.conf": `# ${key}=1\n; ${key}=1` }],
    ["a pattern, which yields to every line that names the key", { "/etc/sysctl.d/99-zzz.conf": "net.core.* = 1" }],
    ["a floor, which the boot unit raises afterwards", { "/etc/sysctl.d/99-zzz.conf": "fs.file-max = 1" }],
    ["another key that begins the same", { "/etc/sysctl.d/99-zzz.conf": `${key}2 = 1` }],
  ])("not %s", (_, texts) => {
    expect(overriding(texts)).toEqual([]);
  });

  test("names a line once when Debian's link to /etc/sysctl.conf repeats it", () => {
    const early = { ...profile, files: [{ ...profile.files[0], path: "/etc/sysctl.d/90-mesh.conf" }] };
    const overriding = (link: string) =>
      bootSettings(files({ "/etc/sysctl.conf": `${key}=1`, [link]: `${key}=1` }), early).overriding.map(({ file }) => file);
    expect(overriding("/etc/sysctl.d/99-sysctl.conf")).toEqual(["/etc/sysctl.conf"]);
    expect(overriding("/etc/sysctl.d/99-other.conf")).toEqual(["/etc/sysctl.d/99-other.conf", "/etc/sysctl.conf"]);
  });

  test("a value that nothing of ours sets at boot yields to the last line that does", () => {
    const settings = [{ key: "kernel.pid_max", mode: "exact", value: "1000" }] as const;
    const present = files({ "/usr/lib/sysctl.d/10-a.conf": "kernel.pid_max=1", "/usr/lib/sysctl.d/50-pid-max.conf": "kernel.pid_max=2" });
    expect(bootSettings(present, { settings, files: [] }).overriding.map(({ file }) => file)).toEqual([
      "/usr/lib/sysctl.d/50-pid-max.conf",
    ]);
  });

  test("another name of the same value counts as well", () => {
    const settings = [{ key: "net.netfilter.nf_conntrack_max", mode: "exact", value: "262144" }] as const;
    const present = files({ "/etc/sysctl.d/99-zzz.conf": "net.nf_conntrack_max = 65536" });
    expect(bootSettings(present, { settings, files: [] }).overriding).toHaveLength(1);
  });
});

describe("where a key is set", () => {
  test("is the line that counts, as the files are now", () => {
    const { origins } = bootSettings(
      files({ "/etc/sysctl.d/10-x.conf": `${key}=1`, "/etc/sysctl.d/20-x.conf": `a=b\n ${key} = 2  3 ` }),
      profile,
    );
    expect(origins).toEqual({ [key]: { key, value: "2 3", file: "/etc/sysctl.d/20-x.conf", line: 2 } });
  });

  test.each([
    ["net.core.*", true],
    ["net/core/so?axconn", true],
    ["net.*.somaxconn", true],
    ["net.core.[a-z]omaxconn", true],
    ["net.*", false],
    ["net.core.*n2", false],
  ])("may be the pattern %s: %s", (pattern, holds) => {
    expect(Object.keys(bootSettings(files({ "/etc/sysctl.d/10-x.conf": `${pattern} = 1` }), profile).origins)).toEqual(holds ? [key] : []);
  });

  test("is no pattern when a line leaves the key out of them", () => {
    expect(bootSettings(files({ "/etc/sysctl.d/10-x.conf": `net.core.* = 1\n-${key}` }), profile).origins).toEqual({});
  });
});
