import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HostProfile, hostProfile, profileId } from "../../lib/hosts/host-profile";
import { profileWith } from "./local-host";

const file = { path: "/etc/sysctl.d/99-zz-mesh.conf", content: "a = 1\n", mode: "0644" } as const;
const setting = { key: "net.core.somaxconn", mode: "exact", value: "32768" } as const;

function problems(more: unknown): readonly string[] {
  return hostProfile("", { ...profileWith({ settings: [setting], files: [file] }), ...(more as object) }).map(({ path }) => path);
}

describe("a profile from outside", () => {
  test("holds when all of it does", () => {
    expect(problems({ links: [{ path: "/etc/mesh-link", target: file.path }], modules: ["nf_conntrack"], hashSize: 1 })).toEqual([]);
  });

  test.each([
    "/etc/passwd",
    "/etc/shadow-",
    "/etc/sudoers.d/mesh",
    "/etc/ssh/sshd_config",
    "/etc/machine-id",
    "/etc/../root/.bashrc",
    "/etc/./x",
    "/etc//x",
    "/etc/x/",
    "/root/x",
    "/usr/local/libx/y",
    "etc/x",
    "/etc/a b",
    "/etc/$(id)",
    "/etc/.hidden",
    "/etc/x\n",
  ])("may not write %j", (path) => {
    expect(problems({ files: [{ ...file, path }] })).toEqual(["files[0].path"]);
    expect(problems({ links: [{ path, target: "/etc/x" }] })).toEqual(["links[0].path"]);
  });

  test.each(["net.core", "net..core", "net.core.somaxconn/../../x", "../x.y", "net/core", "net.core.a b", "-net.core", "Net.core.x"])(
    "may not set %j",
    (key) => {
      expect(problems({ settings: [{ ...setting, key }] })).toEqual(key === "net.core" ? [] : ["settings[0].key"]);
    },
  );

  test.each(["1\n2", "", " 1", "1  2", "$(id)", "'", "-n;x", "é"])("may not set a key to %j", (value) => {
    expect(problems({ settings: [{ ...setting, value }] })).toEqual(["settings[0].value"]);
  });

  test.each(["-1", "1.5", "007", "1 2", "1".repeat(21)])("may not have the floor %j", (value) => {
    expect(problems({ settings: [{ ...setting, mode: "atLeast", value }] })).toEqual(["settings[0].value"]);
  });

  test.each([
    ["a key twice", { settings: [setting, setting] }, ["settings[1]"]],
    ["a path twice", { files: [file, file] }, ["files[1]"]],
    ["a path as a file and as a link", { links: [{ path: file.path, target: "/etc/x" }] }, ["files[1]"]],
    ["content without an end", { files: [{ ...file, content: "x" }] }, ["files[0].content"]],
    ["a set-user-id file", { files: [{ ...file, mode: "4755" }] }, ["files[0].mode"]],
    ["a module that is none", { modules: ["../x"] }, ["modules[0]"]],
    ["a prop that nobody knows", { surprise: 1 }, ["surprise"]],
  ])("may not name %s", (_, more, expected) => {
    expect(problems(more)).toEqual(expected);
  });
});

test("the name of a profile is the same for the same profile, and another one for any other", () => {
  const profiles: readonly HostProfile[] = [
    profileWith({}),
    profileWith({ pool: "bergen" }),
    profileWith({ settings: [setting] }),
    profileWith({ settings: [{ ...setting, mode: "atLeast" }] }),
    profileWith({ files: [file] }),
    profileWith({ files: [{ ...file, mode: "0755" }] }),
    profileWith({ links: [{ path: "/etc/a", target: "/etc/b" }] }),
    profileWith({ modules: ["nf_conntrack"] }),
    profileWith({ hashSize: 1 }),
  ];
  expect(new Set(profiles.map(profileId)).size).toBe(profiles.length);
  fc.assert(
    fc.property(fc.constantFrom(...profiles), (profile) => {
      expect(profileId(structuredClone(profile))).toBe(profileId(profile));
      expect(profileId(profile)).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});
