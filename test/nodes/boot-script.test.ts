import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { bootScript } from "../../lib/nodes/boot-script";
import { renderBootProfile } from "../../lib/nodes/boot-unit";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { settingsOf } from "../../lib/nodes/kernel-setting";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder that stands for `/`: paths below it and their content. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "meshground-"));
  folders.push(root);
  for (const [path, content] of Object.entries({ ...files, "script.sh": bootScript })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function run(
  root: string,
  profile: string,
  path: string = process.env.PATH ?? "",
): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(join(root, "profile"), profile);
  const env = { PATH: path, MESHGROUND_ROOT: root };
  const { status, stdout, stderr } = spawnSync("sh", [join(root, "script.sh"), join(root, "profile")], { env, encoding: "utf8" });
  return { status, stdout, stderr: stderr.replaceAll(root, "") };
}

const kept = (root: string, key: string): string => readFileSync(join(root, "proc/sys", key), "utf8").trim();

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

describe("floors", () => {
  test("raise what is lower", () => {
    const root = tree({ "proc/sys/fs/file-max": "1000\n" });
    expect(run(root, "atLeast fs.file-max 2000\n")).toEqual({ status: 0, stdout: "raised fs.file-max from 1000 to 2000\n", stderr: "" });
    expect(kept(root, "fs/file-max")).toBe("2000");
  });

  test("leave what is higher, without a word", () => {
    const root = tree({ "proc/sys/fs/file-max": "9223372036854775807\n" });
    expect(run(root, "atLeast fs.file-max 2097152\n")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(kept(root, "fs/file-max")).toBe("9223372036854775807");
  });

  test("compare whole numbers of up to twenty digits, never texts, and only ever raise", () => {
    const digits = fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }),
      fc.bigInt({ min: 0n, max: 2_000n }),
      fc.bigInt({ min: 2n ** 63n - 9n, max: 2n ** 63n + 9n }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(digits, digits), { minLength: 1, maxLength: 40 }), (pairs) => {
        const root = tree(Object.fromEntries(pairs.map(([current], index) => [`proc/sys/k/k${index}`, `${current}\n`])));
        expect(run(root, pairs.map(([, floor], index) => `atLeast k.k${index} ${floor}\n`).join("")).status).toBe(0);
        expect(pairs.map((_, index) => kept(root, `k/k${index}`))).toEqual(
          pairs.map(([current, floor]) => String([current, floor].sort(ascending)[1])),
        );
      }),
      { numRuns: 15 },
    );
  });

  test("fail when the kernel did not keep the value", () => {
    const root = tree({ "proc/sys/fs/file-max": "1000\n", "double/cat": "#!/bin/sh\necho 1500\n" });
    spawnSync("chmod", ["755", join(root, "double/cat")]);
    const result = run(root, "atLeast fs.file-max 2000\n", `${join(root, "double")}:${process.env.PATH}`);
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      "FAILED fs.file-max: wrote 2000, found 1500: the kernel did not keep it\n1 of the values in /profile do not hold\n",
    );
  });

  test("fail when the value cannot be written", () => {
    const root = tree({ "proc/sys/fs/file-max/folder": "" });
    expect(run(root, "atLeast fs.file-max 2000\n")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("FAILED fs.file-max: found ''"),
    });
  });

  test.each(["-1", "", "1000 2000", "many", "0x10"])("fail when the kernel's value is %j", (value) => {
    const root = tree({ "proc/sys/fs/file-max": value });
    expect(run(root, "atLeast fs.file-max 2000\n")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("expected a whole number"),
    });
    expect(kept(root, "fs/file-max")).toBe(value);
  });

  test("size the connection table", () => {
    const root = tree({ "sys/module/nf_conntrack/parameters/hashsize": "8192\n" });
    expect(run(root, "hashsize nf_conntrack 262144\n")).toMatchObject({ status: 0, stdout: "raised nf_conntrack from 8192 to 262144\n" });
  });
});

describe("exact values", () => {
  test("hold with tabs between numbers, as the kernel writes them", () => {
    const root = tree({ "proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n" });
    expect(run(root, "exact net.ipv4.ip_local_port_range 32768 60999\n")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("are never written, only reported", () => {
    const root = tree({ "proc/sys/net/core/somaxconn": "4096\n" });
    expect(run(root, "exact net.core.somaxconn 32768\n")).toMatchInlineSnapshot(`
      {
        "status": 1,
        "stderr": "FAILED net.core.somaxconn: found 4096, expected 32768; another sysctl.d file, or a program, sets it
      1 of the values in /profile do not hold
      ",
        "stdout": "",
      }
    `);
    expect(kept(root, "net/core/somaxconn")).toBe("4096");
  });

  test("are read as they are: a star in them is no list of files", () => {
    const root = tree({ "proc/sys/a/b": "* ?\n" });
    expect(run(root, "exact a.b * ?\n").status).toBe(0);
  });

  test("are compared as texts: a pattern is no match", () => {
    const root = tree({ "proc/sys/net/core/somaxconn": "*\n" });
    expect(run(root, "exact net.core.somaxconn 32768\n").status).toBe(1);
  });
});

test("a key that does not exist fails: systemd-sysctl would say nothing", () => {
  expect(run(tree({}), "exact net.netfilter.nf_conntrack_max 262144\n")).toMatchInlineSnapshot(`
    {
      "status": 1,
      "stderr": "FAILED net.netfilter.nf_conntrack_max: /proc/sys/net/netfilter/nf_conntrack_max does not exist; is the kernel module loaded?
    1 of the values in /profile do not hold
    ",
      "stdout": "",
    }
  `);
});

test("every failure is named before the script ends", () => {
  const root = tree({ "proc/sys/a/b": "1", "proc/sys/a/c": "1", "proc/sys/a/d": "1" });
  const { status, stderr } = run(root, "exact a.b 2\natLeast a.c 2\nexact a.d 3");
  expect([status, stderr.match(/^FAILED a\.\w/gm), kept(root, "a/c")]).toEqual([1, ["FAILED a.b", "FAILED a.d"], "2"]);
});

test("the whole reference profile holds on a node that has it", () => {
  const settings = settingsOf(KernelProfile.mesh());
  const files = settings.map(({ key, value }) => [`proc/sys/${key.replaceAll(".", "/")}`, `${value}\n`]);
  const root = tree({ ...Object.fromEntries(files), "sys/module/nf_conntrack/parameters/hashsize": "262144\n" });
  expect(run(root, renderBootProfile(settings, 262_144))).toEqual({ status: 0, stdout: "", stderr: "" });
});

describe("a profile that is not understood stops the script before it writes", () => {
  test.each([
    ["a mode it does not know", "lower a.b 1"],
    ["a key that leaves the folder", "atLeast .. 1"],
    ["a key with an empty part", "exact a..b 1"],
    ["a key with a slash", "atLeast a/b 1"],
    ["a key with a command", "atLeast $(touch\u00a0x) 1"],
    ["a key with a glob", "exact a.* 1"],
    ["a floor that is no number", "atLeast a.b $(id)"],
    ["a floor below nothing", "atLeast a.b -1"],
    ["a key without a value", "exact a.b"],
    ["a lone word", "exact"],
  ])("%s", (_, line) => {
    const root = tree({ "proc/sys/a/b": "0" });
    expect(run(root, `atLeast a.b 5\n${line}\n`)).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("line not understood"),
    });
    expect(kept(root, "a/b")).toBe("0");
  });

  test("a file that is not there", () => {
    const { status, stderr } = spawnSync("sh", [join(tree({}), "script.sh"), "/does/not/exist"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([2, "/does/not/exist: cannot be read\n"]);
  });

  test("no file at all", () => {
    expect(spawnSync("sh", [join(tree({}), "script.sh")], { encoding: "utf8" })).toMatchObject({
      status: 2,
      stderr: "usage: kernel-profile.sh PROFILE\n",
    });
  });
});

test("nothing in a profile is run", () => {
  const root = tree({ "proc/sys/a/b": "1" });
  const value = `$(touch ${join(root, "owned")}) \`touch ${join(root, "owned")}\`; touch ${join(root, "owned")}`;
  expect(run(root, `exact a.b ${value}\n`).status).toBe(1);
  expect(existsSync(join(root, "owned"))).toBe(false);
});
