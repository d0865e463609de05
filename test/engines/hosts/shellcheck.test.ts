import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { HostProfile } from "../../../lib/hosts/host-profile";
import { hostProgram, nothingWanted } from "../../../lib/hosts/host-program";
import type { NodeBootstrap } from "../../../lib/nodes/node-bootstrap";
import { checksum, k3sOf, kubeadmOf } from "../../nodes/kubernetes";
import { poolOf } from "../../nodes/pool";

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

  test.each([
    ["k3s", k3sOf({ airGap: { folder: "/srv/k3s", images: { amd64: checksum } } }).server({ etcdDisk: "/dev/nvme1n1" })],
    ["kubeadm", kubeadmOf({ airGap: { folder: "/srv", images: { amd64: checksum } } }).controlPlane({ etcdDisk: "/dev/nvme1n1" })],
  ] as const)("has nothing to say of the scripts that make a machine a node of %s", (_, kubernetes) => {
    const pool = poolOf({ kubernetes });
    const scripts = [true, false].flatMap((first) => {
      const { install, start, version, kubeconfig = "" } = pool.bootstrap({ name: "oslo-1", first }) as NodeBootstrap;
      return [install, start, version, kubeconfig];
    });
    expect(scripts.map((script) => shellcheck(script).stdout)).toEqual(scripts.map(() => ""));
  });

  test("has something to say of a bashism, so its silence above means something", () => {
    expect(shellcheck(`${hostProgram("read", { profile, ...props })}[[ -f x ]]\n`).status).toBe(1);
  });
});
