import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LocalHost, profileWith, shells } from "./local-host";

const [backlog, queue, range] = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.ip_local_port_range"];
const conf = "/etc/sysctl.d/99-zz-mesh.conf";
const unit = "/etc/systemd/system/mesh.service";
const profile = profileWith({
  settings: [
    { key: backlog, mode: "exact", value: "32768" },
    { key: queue, mode: "atLeast", value: "8192" },
    { key: range, mode: "exact", value: "32768 60999" },
  ],
  files: [
    { path: conf, content: `${backlog} = 32768\n`, mode: "0644" },
    { path: "/usr/local/lib/mesh/run.sh", content: "#!/bin/sh\n", mode: "0755" },
  ],
  links: [{ path: "/etc/mesh/wants/run", target: "/usr/local/lib/mesh/run.sh" }],
});

function host(values: Readonly<Record<string, string>> = {}): LocalHost {
  return new LocalHost({
    values: { [backlog]: "4096", [queue]: "2048", [range]: "1024\t65535", ...values },
    files: { [conf]: { content: "old\n", mode: 0o600 } },
  });
}

describe.each(shells.map((shell) => [shell.join(" "), shell] as const))("in %s", (_, shell) => {
  test("applying changes what differs, and restoring puts it back byte for byte", () => {
    const local = host();
    const before = local.contents();
    const applied = local.run("apply", profile, { shell });
    expect(applied).toMatchObject({ stderr: "", report: { result: "changed", mismatches: [], recovered: false } });
    expect([backlog, queue, range].map((key) => local.value(key))).toEqual(["32768", "8192", "32768 60999"]);
    expect(local.run("restore", undefined, { shell })).toMatchObject({ stderr: "", report: { result: "changed" } });
    expect(local.contents()).toEqual(before);
  });

  test("a second run finds everything as it has to be, and touches nothing", () => {
    const local = host();
    local.run("apply", profile, { shell });
    const before = local.times();
    expect(local.run("apply", profile, { shell }).report).toMatchObject({ result: "unchanged" });
    expect(local.times()).toEqual(before);
  });

  test("a value that does not hold puts everything back, and is named", () => {
    const local = host();
    local.refuse("kernel.stubborn");
    const before = local.contents();
    const wanted = { ...profile, settings: [...profile.settings, { key: "kernel.stubborn", mode: "exact", value: "7" } as const] };
    expect(local.run("apply", wanted, { shell }).report).toMatchObject({
      result: "failed",
      mismatches: [{ kind: "value", name: "kernel.stubborn", wanted: "7", got: "empty" }],
    });
    expect(local.contents()).toEqual(before);
  });
});

describe("a run of apply", () => {
  test("raises a floor and never lowers one, however large", () => {
    const local = host({ "fs.file-max": "9223372036854775807" });
    const floors = profileWith({
      settings: [
        { key: "fs.file-max", mode: "atLeast", value: "2097152" },
        { key: queue, mode: "atLeast", value: "8192" },
      ],
    });
    expect(local.run("apply", floors).report).toMatchObject({ result: "changed" });
    expect([local.value("fs.file-max"), local.value(queue)]).toEqual(["9223372036854775807", "8192"]);
  });

  test("writes nothing to a host that has everything already, not even a note of itself", () => {
    const local = new LocalHost({ values: { [backlog]: "32768" } });
    const before = local.times();
    const wanted = profileWith({ settings: [{ key: backlog, mode: "exact", value: "32768" }] });
    expect(local.run("apply", wanted).report).toMatchObject({ result: "unchanged" });
    expect(local.times()).toEqual(before);
  });

  test("names a key that does not exist, and puts everything back", () => {
    const local = host();
    const before = local.contents();
    const wanted = profileWith({ ...profile, settings: [{ key: "net.none", mode: "exact", value: "1" }] });
    expect(local.run("apply", wanted).report?.mismatches).toEqual([{ kind: "value", name: "net.none", wanted: "1", got: "absent" }]);
    expect(local.contents()).toEqual(before);
  });

  test("loads a module before it sets the module's keys, and restoring unloads it", () => {
    const key = "net.netfilter.nf_conntrack_max";
    const local = new LocalHost({ modules: { nf_conntrack: { [key]: "8192" } } });
    local.write("/proc/sys/net/netfilter/other", "0\n");
    const before = local.contents();
    const wanted = profileWith({ modules: ["nf_conntrack"], settings: [{ key, mode: "exact", value: "262144" }] });
    expect(local.run("apply", wanted).report).toMatchObject({ result: "changed" });
    expect(local.value(key)).toBe("262144");
    local.run("restore");
    expect(local.contents()).toEqual(before);
  });

  test("a module that cannot be loaded is named", () => {
    const local = host();
    expect(local.run("apply", profileWith({ modules: ["nf_conntrack"] })).report?.mismatches).toEqual([
      { kind: "module", name: "nf_conntrack", wanted: "loaded", got: "absent" },
    ]);
  });

  test("sizes the table of connections up, never down, and restoring sizes it back", () => {
    const local = new LocalHost({ hashSize: 65_536 });
    local.run("apply", profileWith({ hashSize: 262_144 }));
    expect(local.read()).toMatchObject({ hashSize: 262_144 });
    local.run("apply", profileWith({ hashSize: 131_072 }));
    expect(local.read()).toMatchObject({ hashSize: 262_144 });
    local.run("restore");
    expect(local.read()).toMatchObject({ hashSize: 65_536 });
  });

  test("what the next profile does not want goes back to what it was before the first", () => {
    const local = host();
    local.run("apply", profile);
    const less = { ...profile, settings: profile.settings.slice(1), files: profile.files.slice(1) };
    expect(local.run("apply", less).report).toMatchObject({ result: "changed" });
    expect(local.value(backlog)).toBe("4096");
    expect(readFileSync(join(local.folder, conf), "utf8")).toBe("old\n");
  });

  test("restoring goes back to before the first of several profiles", () => {
    const local = host();
    const before = local.contents();
    for (const value of ["16384", "8192", "32768"]) {
      const files = [{ path: conf, content: `${value}\n`, mode: "0644" as const }];
      local.run("apply", profileWith({ settings: [{ key: backlog, mode: "exact", value }], files }));
    }
    local.run("restore");
    expect(local.contents()).toEqual(before);
  });

  test("a file that somebody changed is put right", () => {
    const local = host();
    local.run("apply", profile);
    local.write(conf, "theirs\n");
    expect(local.run("apply", profile).report).toMatchObject({ result: "changed" });
    expect(local.run("apply", profile).report).toMatchObject({ result: "unchanged" });
  });

  test("a unit is made known to systemd where systemd runs", () => {
    const local = host();
    local.write("/run/systemd/system/.here", "");
    local.run("apply", profileWith({ files: [{ path: unit, content: "[Unit]\n", mode: "0644" }] }));
    expect(readFileSync(join(local.folder, "systemctl.log"), "utf8")).toBe("daemon-reload\n");
  });

  test("refuses a folder that stands where a file has to be, and writes nothing", () => {
    const local = host();
    local.write("/etc/mesh/wants/run/file", "");
    const before = local.contents();
    expect(local.run("apply", profile).report).toMatchObject({
      result: "refused",
      troubles: [{ reason: "conflict", text: "/etc/mesh/wants/run is neither a file nor a link. Remove it." }],
    });
    expect(local.contents()).toEqual(before);
  });

  test("refuses a link that stands where a file has to be, so that nothing is written through it", () => {
    const local = new LocalHost({ links: { [conf]: "/etc/passwd" }, values: { [backlog]: "1", [queue]: "1", [range]: "1" } });
    expect(local.run("apply", profile).report).toMatchObject({ result: "refused", troubles: [{ reason: "conflict" }] });
  });

  test("does not go by a judgement of other sysctl files than those that are there", () => {
    const local = host();
    const { judged } = local.read(profile);
    local.write("/etc/sysctl.d/99-zzz.conf", `${backlog} = 1\n`);
    const before = local.contents();
    expect(local.run("apply", profile, { judged }).report).toMatchObject({ result: "moved" });
    expect(local.contents()).toEqual(before);
    expect(local.run("apply", profile, { judged: local.read(profile).judged }).report).toMatchObject({ result: "changed" });
  });

  test("waits for another run, and refuses when it takes too long", async () => {
    const local = host();
    const lock = join(local.folder, "run/meshground.lock");
    const holder = spawn("flock", [lock, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "ignore"] });
    await once(holder.stdout, "data");
    const before = local.contents();
    expect(local.run("apply", profile, { patienceSeconds: 1 }).report).toMatchObject({ result: "busy" });
    expect(local.contents()).toEqual(before);
    holder.stdin.end();
    await once(holder, "close");
    expect(local.run("apply", profile).report).toMatchObject({ result: "changed" });
  });

  test("says which folder the host lacks", () => {
    const local = host();
    expect(local.run("apply", profile, { shell: ["env", `MESHGROUND_ROOT=${local.folder}/etc`, "sh"] }).report).toMatchObject({
      missing: expect.stringContaining("/proc/sys"),
    });
  });

  test.each(["journal", "state"])("stops at a damaged %s, and changes nothing", (name) => {
    const local = host();
    local.run("apply", profile);
    local.write(`/var/lib/meshground/${name}`, "transaction\t00");
    const before = local.contents();
    expect(local.run("restore").stdout).toContain(`/var/lib/meshground/${name} is damaged.`);
    expect(local.contents()).toEqual(before);
  });
});
