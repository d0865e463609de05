import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import type { HostProfile } from "../../lib/hosts/host-profile";
import { nothingWanted, programSteps } from "../../lib/hosts/host-program";
import { isApplied } from "../../lib/hosts/plan-of";
import { temporaryFolder } from "../support/temporary";
import { LocalHost, profileWith } from "./local-host";

const [backlog, queue] = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];
const conf = "/etc/sysctl.d/99-zz-mesh.conf";
const module = "nf_conntrack";

function profileOf(value: string, more: Partial<HostProfile> = {}): HostProfile {
  return profileWith({
    settings: [
      { key: backlog, mode: "exact", value },
      { key: queue, mode: "atLeast", value },
    ],
    files: [{ path: conf, content: `${backlog} = ${value}\n`, mode: "0644" }],
    ...more,
  });
}

/** Every kind of thing: a file that was there, one in a new folder, a link, a module, a table, values. */
const wanted = profileOf("32768", {
  files: [
    { path: conf, content: `${backlog} = 32768\n`, mode: "0644" },
    { path: "/etc/mesh/run.sh", content: "#!/bin/sh\n", mode: "0755" },
  ],
  links: [{ path: "/etc/mesh/wants", target: "/etc/mesh/run.sh" }],
  modules: [module],
  hashSize: 262_144,
});

function freshHost(): LocalHost {
  const host = new LocalHost({
    values: { [backlog]: "4096", [queue]: "2048" },
    files: { [conf]: { content: "theirs\n", mode: 0o640 } },
    links: { "/etc/mesh-link": "/nowhere" },
    modules: { [module]: {} },
    hashSize: 65_536,
  });
  host.write("/run/systemd/system/.here", "");
  return host;
}

/** What a host is, without what only says that somebody was there. */
function tuned(host: LocalHost): readonly string[] {
  return host
    .contents()
    .filter((line) => !/^(?:var\/lib\/meshground|sys\/module\/nf_conntrack(?:\/| 4)|sys\/module\/nf_conntrack$)/.test(line));
}

function applied(profile: HostProfile, before: LocalHost = freshHost()): LocalHost {
  const host = before.copy();
  expect(host.run("apply", profile).report?.result).toBe("changed");
  return host;
}

const untouched = freshHost();

/** A host before a run, the run, and the host when the run came through. An apply over another profile is killed on real hosts, in the engine tests. */
const runs = [
  { name: "a first apply", before: untouched, verb: "apply", profile: wanted, after: applied(wanted) },
  { name: "a restore", before: applied(wanted), verb: "restore", profile: nothingWanted, after: untouched },
] as const;

describe.each(runs)("$name that is killed", { timeout: 60_000 }, ({ before, verb, profile, after }) => {
  const killed: { readonly at: number; readonly host: LocalHost }[] = [];
  const transaction = "1d";

  // A kill leaves what is there at that moment: so one run that is copied at each step stands for a run for each of them.
  test("leaves at every step what is there then", () => {
    const host = before.copy();
    const copies = temporaryFolder("steps");
    const copy = `stepped=$((\${stepped:-0} + 1)); cp -a "$MESHGROUND_ROOT" '${copies}/'"$stepped"`;
    expect(host.run(verb, profile, { transaction, hook: () => copy })).toMatchObject({ stderr: "", killed: false });
    expect(tuned(host)).toEqual(tuned(after));
    for (const step of readdirSync(copies)) killed.push({ at: Number(step), host: LocalHost.at(join(copies, step)) });
    killed.sort((one, other) => one.at - other.at);
    expect(killed.length).toBeGreaterThan(verb === "apply" ? 20 : 10);
  });

  test("is left so by a kill, at the first step, at the last and between", () => {
    for (const { at, host } of killed.filter((_, index) => index % 5 === 0 || index === killed.length - 1)) {
      const dead = before.copy();
      expect([at, dead.run(verb, profile, { transaction, killAt: at }).killed]).toEqual([at, true]);
      expect([at, dead.contents()]).toEqual([at, host.contents()]);
    }
    expect(before.copy().run(verb, profile, { transaction, killAt: killed.length + 1 }).killed).toBe(false);
  });

  test.runIf(verb === "apply")("claims success only where everything is done", () => {
    const claims = killed.filter(({ host }) => isApplied(host.read(profile), profile));
    for (const { host } of claims) expect(tuned(host)).toEqual(tuned(after));
    expect(claims.map(({ at }) => at)).toEqual(killed.map(({ at }) => at).slice(killed.length - claims.length));
  });

  test.runIf(verb === "restore")("is known as cut off wherever something is left of it", () => {
    const whole = [before.contents(), after.contents()];
    for (const { at, host } of killed) {
      const done = whole.some((contents) => isDeepStrictEqual(host.contents(), contents));
      expect([at, host.read().interrupted]).toEqual([at, !done]);
    }
    expect(killed.some(({ host }) => host.read().interrupted)).toBe(true);
  });

  test("comes through when it is run again", () => {
    for (const { at, host } of killed.filter(turn(0))) {
      const again = host.copy();
      expect([at, again.run(verb, profile).stderr]).toEqual([at, ""]);
      expect([at, tuned(again)]).toEqual([at, tuned(after)]);
      if (verb === "restore") expect([at, again.contents()]).toEqual([at, after.contents()]);
    }
  });

  test.runIf(verb === "apply")("leaves the old or the new when the next run is refused", () => {
    for (const { at, host } of killed.filter(turn(1))) {
      host.refuse("kernel.stubborn");
      const stubborn = profileOf("1", { settings: [{ key: "kernel.stubborn", mode: "exact", value: "1" }] });
      expect([at, host.run("apply", stubborn).report?.result]).toEqual([at, "failed"]);
      const lines = tuned(host).filter((line) => !line.startsWith("proc/sys/kernel"));
      expect([tuned(before), tuned(after)]).toContainEqual(lines);
    }
  });

  test.runIf(verb === "apply")("can be restored to what was there before the first", () => {
    for (const { at, host } of killed.filter(turn(2))) {
      host.run("restore");
      expect([at, host.contents()]).toEqual([at, untouched.contents()]);
    }
  });
});

/** What may follow a kill is tried in turns. The engine tests try all of it after every step, on a real host. */
function turn(which: number): (_: unknown, index: number) => boolean {
  return (_, index) => (index + which) % 3 === 0;
}

test("every step of the program is killed at by some run", { timeout: 60_000 }, () => {
  const seen = new Set<string>();
  const hook = (step: string): string => `printf '%s\\n' '${step}' >>"$MESHGROUND_ROOT/steps"`;
  for (const { before, verb, profile } of runs) {
    const host = before.copy();
    host.run(verb, profile, { hook });
    for (const step of host.text("/steps").split("\n")) seen.add(step);
  }
  const failing = freshHost();
  failing.refuse("kernel.stubborn");
  failing.run("apply", { ...wanted, settings: [...wanted.settings, { key: "kernel.stubborn", mode: "exact", value: "1" }] }, { hook });
  for (const step of failing.text("/steps").split("\n")) seen.add(step);
  expect(programSteps.filter((step) => !seen.has(step))).toEqual([]);
});
