import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { HostProfile } from "../../../lib/hosts/host-profile";
import { hostProgram, nothingWanted } from "../../../lib/hosts/host-program";

const profile: HostProfile = {
  pool: "oslo",
  settings: [{ key: "net.core.somaxconn", mode: "exact", value: "32768" }],
  files: [{ path: "/etc/sysctl.d/99-zz-mesh.conf", content: "# it's ours\n", mode: "0644" }],
  links: [{ path: "/etc/mesh-link", target: "/etc/sysctl.d/99-zz-mesh.conf" }],
  modules: ["nf_conntrack"],
  hashSize: 262_144,
};
const props = { transaction: "ab12", patienceSeconds: 30, judged: "0".repeat(64) };

function shellcheck(text: string): ReturnType<typeof spawnSync> {
  // SC2034: the programs share their words, and one that only reads does not use all of them.
  return spawnSync("shellcheck", ["--shell=sh", "--exclude=SC2034", "-"], { input: text, encoding: "utf8" });
}

function isShellcheckMissing(): boolean {
  const missing = spawnSync("shellcheck", ["--version"]).status !== 0;
  if (missing) process.stderr.write("SKIPPED: shellcheck is not installed\n");
  return missing;
}

describe.skipIf(isShellcheckMissing())("shellcheck", () => {
  test.each([
    ["read", profile],
    ["apply", profile],
    ["restore", nothingWanted],
  ] as const)("has nothing to say of the program that does %s, as POSIX sh", (verb, wanted) => {
    expect(shellcheck(hostProgram(verb, { profile: wanted, ...props }))).toMatchObject({ status: 0, stdout: "" });
  });

  test("has something to say of a bashism, so its silence above means something", () => {
    expect(shellcheck(`${hostProgram("read", { profile, ...props })}[[ -f x ]]\n`).status).toBe(1);
  });
});
