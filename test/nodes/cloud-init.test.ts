import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { firstBootCommands, renderUserData } from "../../lib/nodes/cloud-init";
import type { NodeFile } from "../../lib/nodes/node-file";
import { artefactOf, poolOf } from "./pool";

const files: readonly NodeFile[] = [
  { path: "/etc/a.conf", content: '# a: b\n\n  - c: "d"\n#cloud-config\nkey = %H $(id) \\n\n', mode: "0644" },
  { path: "/usr/local/lib/b.sh", content: "#!/bin/sh\n", mode: "0755" },
];

interface UserData {
  readonly write_files: readonly {
    readonly path: string;
    readonly content: string;
    readonly permissions: string;
    readonly owner: string;
  }[];
  readonly runcmd: readonly (readonly string[])[];
}

test("golden", async () => {
  await expect(renderUserData(files, firstBootCommands("x.service", true))).toMatchFileSnapshot("../golden/nodes/user-data.yaml");
});

test("carries the files of a pool byte by byte, with permissions as text", () => {
  const pool = poolOf();
  const { write_files } = parse(artefactOf(pool, "cloud-init/user-data"), { version: "1.1" }) as UserData;
  expect(write_files.map(({ path, content, permissions }) => ({ path, content, mode: permissions }))).toEqual(pool.files);
});

test("begins with the line by which cloud-init knows it", () => {
  expect(artefactOf(poolOf(), "cloud-init/user-data").split("\n")[0]).toBe("#cloud-config");
});

test("any plain content comes back byte by byte", () => {
  const plain = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e\n]{0,60}[\x20-\x7e]$/).map((text) => `${text}\n`);
  fc.assert(
    fc.property(plain, (content) => {
      const yaml = renderUserData([{ path: "/a", content, mode: "0644" }], [["true"]]);
      const back = [parse(yaml, { version: "1.1" }), parse(yaml), load(yaml)] as UserData[];
      expect(back.map(({ write_files, runcmd }) => [write_files[0]?.content, runcmd])).toEqual(back.map(() => [content, [["true"]]]));
    }),
    { numRuns: 500 },
  );
});

test.each(["", "no line break", " starts with a space\n", "two at the end\n\n", "tab\t\n", "\r\n", "ø\n", "\u2028\n"])(
  "refuses to write %j as a block",
  (content) => {
    expect(() => renderUserData([{ path: "/a", content, mode: "0644" }], [])).toThrow(RangeError);
  },
);

describe("the first boot", () => {
  test("loads modules, sets exact values, then raises floors and reads back, in this order", () => {
    expect(firstBootCommands("x.service", true).map((command) => command.join(" "))).toEqual([
      "systemctl daemon-reload",
      "systemctl enable x.service",
      "systemctl restart systemd-modules-load.service",
      "systemctl restart systemd-sysctl.service",
      "systemctl restart x.service",
    ]);
  });

  test("loads no modules where none are asked for", () => {
    expect(firstBootCommands("x.service", false).flat()).not.toContain("systemd-modules-load.service");
  });

  test("does nothing where the kernel is left alone", () => {
    expect(renderUserData(files, firstBootCommands(undefined, false))).not.toContain("runcmd");
  });
});
