import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../../lib/hosts/host";
import type { HostConnection } from "../../../lib/hosts/host-connection";
import { HostError } from "../../../lib/hosts/host-error";
import type { HostProfile } from "../../../lib/hosts/host-profile";
import { type HostVerb, hostProgram, nothingWanted, programSteps } from "../../../lib/hosts/host-program";
import { newKeyPair } from "../../../lib/hosts/key-pair";
import { runAsRoot } from "../../../lib/hosts/root-shell";
import { SshSession } from "../../../lib/hosts/ssh-session";
import { hostsAreMissing, startContainers, type TestHost, type TestHosts } from "./containers.mts";

const [backlog, queue] = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];
const conf = "/etc/sysctl.d/99-zz-mesh.conf";

function profileOf(value: string, more: Partial<HostProfile> = {}): HostProfile {
  return {
    pool: "oslo",
    settings: [
      { key: backlog, mode: "exact", value },
      { key: queue, mode: "atLeast", value },
    ],
    files: [{ path: conf, content: `${backlog} = ${value}\n`, mode: "0644" }],
    modules: [],
    ...more,
  };
}

const old = profileOf("8192", { files: [{ path: "/etc/mesh/old.conf", content: "old\n", mode: "0644" }] });
const wanted = profileOf("16384", {
  files: [
    { path: conf, content: `${backlog} = 16384\n`, mode: "0644" },
    { path: "/etc/mesh/deep/new.conf", content: "new\n", mode: "0755" },
  ],
  links: [{ path: "/etc/mesh/link", target: "/etc/mesh/deep/new.conf" }],
});
const refused = { ...wanted, settings: [...wanted.settings, { key: "fs.file-max", mode: "exact", value: "12345" } as const] };

/** Where the kernel has the values, and all that a profile or the keeping of one may leave below `/`. */
const values = [backlog, queue].map((key) => `/proc/sys/${key.replaceAll(".", "/")}`).join(" ");
const kept = ["etc/mesh", "etc/sysctl.d", "var/lib/meshground"];

/** Which profile a host has: by every file and value that one of them touches. */
type State = "untouched" | "old" | "new" | "between";

const runs = [
  { name: "apply", verb: "apply", profile: wanted, came: "new" },
  { name: "apply that does not hold", verb: "apply", profile: refused, came: "old" },
  { name: "restore", verb: "restore", profile: nothingWanted, came: "untouched" },
] as const;

describe.skipIf(hostsAreMissing())("a fault", () => {
  const rows: string[] = [];
  const states = new Map<string, State>();
  let machines: TestHosts;
  let machine: TestHost;
  /** The connection that no fault hits. */
  let steady: Host;

  beforeAll(async () => {
    machines = await startContainers(1);
    machine = machines.hosts[0] as TestHost;
    steady = await Host.connect(machine.connection);
    await machine.exec(`mkdir -p /etc/sysctl.d; echo '# theirs' > ${conf}; chmod 640 ${conf}`);
    states.set(await look(), "untouched");
    await steady.apply(wanted);
    states.set(await look(), "new");
    await steady.restore();
    await steady.apply(old);
    states.set(await look(), "old");
    expect(states.size).toBe(3);
    expect(await machine.exec(`tar -C / -cpf /tmp/old.tar ${kept.join(" ")}; cat ${values} >/tmp/old.values`)).toMatchObject({
      exitCode: 0,
    });
  });
  afterAll(async () => {
    await steady?.close();
    await machines?.end();
  });

  /** Everything that a profile touches, in one text. */
  async function look(): Promise<string> {
    return (
      await machine.exec(
        `cat ${values}; find ${conf} /etc/mesh -exec stat -c '%N %a %u %g' {} + | sort; cat ${conf} /etc/mesh/*.conf /etc/mesh/deep/*`,
      )
    ).stdout;
  }

  async function state(): Promise<State> {
    return states.get(await look()) ?? "between";
  }

  /** Runs a program with something put in at its steps, and says how that ended. */
  async function runWith(verb: HostVerb, profile: HostProfile, hook: (step: string) => string): Promise<string> {
    const session = await SshSession.open(machine.connection);
    try {
      const program = hostProgram(verb, { profile, transaction: Date.now().toString(16), patienceSeconds: 20, hook });
      return (await runAsRoot(session, machine.connection, program)).stdout;
    } catch (error) {
      expect(error).toBeInstanceOf(HostError);
      return (error as HostError).reason;
    } finally {
      session.close();
    }
  }

  function hookAt(at: number, fault: string): () => string {
    return () => `stepped=$((\${stepped:-0} + 1)); [ "$stepped" -ne ${at} ] || { ${fault}; }`;
  }

  /** Kills every shell of a run at a step, and says how the host is left, and how after a next run that cannot hold. */
  async function killed({ verb, profile, came }: (typeof runs)[number], at: number) {
    await prepared();
    const error = await runWith(verb, profile, hookAt(at, `kill -9 $$; sh -c 'kill -9 "$PPID"'`));
    const left = await state();
    const { interrupted } = await steady.read(nothingWanted);
    const claims = await steady.verify(wanted).then(
      () => true,
      () => false,
    );
    expect([error, claims && left !== "new", left === "between" && !interrupted]).toEqual(["cut-off", false, false]);
    // A run that cannot hold puts back first what it finds cut off, and then what it has done itself.
    expect(await steady.apply(refused).catch((caught: HostError) => caught.reason)).toBe("not-held");
    const settled = await state();
    expect(["old", came]).toContain(settled);
    await steady.apply(wanted);
    expect(await state()).toBe("new");
    await steady.restore();
    expect(await state()).toBe("untouched");
    return { left: interrupted ? `${left}, unfinished` : left, settled };
  }

  /** Cuts the connection at a step, and says how the host is left when the run has come to its end. */
  async function cut({ verb, profile, came }: (typeof runs)[number], at: number): Promise<State> {
    await prepared();
    const error = await runWith(verb, profile, hookAt(at, 'kill -9 "$PPID"'));
    const end = await steady.run("flock /run/meshground.lock true");
    expect([error, end.exitCode, (await steady.read(nothingWanted)).interrupted]).toEqual(["cut-off", 0, false]);
    const left = await state();
    expect(left).toBe(came);
    return left;
  }

  test.each(runs)("at any step of $name leaves the old or the new", { timeout: 600_000 }, async (run) => {
    const seen = new Map<string, string>();
    for (const [index, step] of (await stepsOf(run)).entries()) {
      const { left, settled } = await killed(run, index + 1);
      const row = `| ${run.name} | ${step} | ${left} | ${settled} | ${await cut(run, index + 1)} |`;
      seen.set(row, row);
    }
    rows.push(...seen.values());
  });

  /** Gives the host the old profile, by the files and values that it had when it was applied. */
  async function prepared(): Promise<void> {
    const set = values.split(" ").map((path, index) => `sed -n ${index + 1}p /tmp/old.values >${path}`);
    await machine.exec(`rm -rf ${kept.map((path) => `/${path}`).join(" ")}; tar -C / -xpf /tmp/old.tar; ${set.join("; ")}`);
    expect(await state()).toBe("old");
  }

  async function stepsOf(run: (typeof runs)[number]): Promise<readonly string[]> {
    await prepared();
    await runWith(run.verb, run.profile, (step) => `echo ${step} >>/tmp/steps`);
    const { stdout } = await machine.exec("cat /tmp/steps; rm /tmp/steps");
    return stdout.trim().split("\n");
  }

  test.each([
    [
      "the disk of /var is full",
      "mount -t tmpfs -o size=8k tmpfs /var/lib; head -c 9000 /dev/zero > /var/lib/full; true",
      "umount /var/lib",
      "disk-full",
    ],
    [
      "the disk of /etc is full",
      "mount -t tmpfs -o size=8k tmpfs /etc/mesh; head -c 9000 /dev/zero > /etc/mesh/full; true",
      "umount /etc/mesh",
      "disk-full",
    ],
    ["/etc is read-only", "mount --bind /etc /etc; mount -o remount,ro,bind /etc", "umount /etc", "read-only"],
    ["/var is read-only", "mount --bind /var /var; mount -o remount,ro,bind /var", "umount /var", "read-only"],
    ["/run is read-only", "mount --bind /run /run; mount -o remount,ro,bind /run", "umount /run", "read-only"],
    ["another file wins", `echo '${backlog} = 1' > /etc/sysctl.d/99-zzz.conf`, "rm /etc/sysctl.d/99-zzz.conf", "conflict"],
    ["a folder is in the way", "mkdir /etc/mesh-link", "rmdir /etc/mesh-link", "conflict"],
    ["flock is missing", "mount --bind /dev/null /usr/bin/flock", "umount /usr/bin/flock", "unsupported"],
  ])("%s: the host is left as it was, and the error says why", async (fault, begin, end, reason) => {
    await machine.exec("rm -rf /etc/mesh /var/lib/meshground; mkdir -p /etc/mesh");
    const before = await look();
    await machine.exec(begin);
    const error = await steady.apply({ ...wanted, links: [{ path: "/etc/mesh-link", target: conf }] }).catch((caught: unknown) => caught);
    await machine.exec(end);
    noteFault(fault, error, reason);
    expect(await look()).toBe(before);
    expect((await machine.exec("ls /var/lib/meshground")).exitCode).not.toBe(0);
  });

  test.each([
    ["the host has another key", { hostKey: otherKey }, "host-key"],
    ["nothing answers", { port: 9 }, "unreachable"],
    ["the user's key is not let in", { privateKey: newKeyPair().privateKey }, "authentication"],
    ["sudo does not let the user through", { user: "guest" }, "sudo"],
    ["sudo wants a password, and gets none", { user: "asker" }, "sudo"],
    ["sudo wants another password", { user: "asker", sudoPassword: "not-the-password" }, "sudo"],
  ])("%s: the host is left as it was, and the error says why", async (fault, different, reason) => {
    const before = await look();
    const error = await attempt({ ...machine.connection, connectTimeout: "5s", ...different });
    noteFault(fault, error, reason);
    expect(await look()).toBe(before);
  });

  test("a key that the kernel refuses: everything is put back, and the error names the key", async () => {
    await prepared();
    noteFault("the kernel refuses a key", await steady.apply(refused).catch((caught: unknown) => caught), "not-held");
    expect(await state()).toBe("old");
  });

  test("a value that was lowered behind our back: verify names it, and apply puts it right", async () => {
    await steady.apply(wanted);
    await machine.exec(`echo 128 > /proc/sys/${backlog.replaceAll(".", "/")}`);
    noteFault("a value was lowered since (verify)", await steady.verify(wanted).catch((caught: unknown) => caught), "not-held");
    await steady.apply(wanted);
    expect(await state()).toBe("new");
  });

  async function attempt(connection: HostConnection): Promise<unknown> {
    try {
      const host = await Host.connect(connection);
      await host.apply(wanted).finally(() => host.close());
    } catch (error) {
      return error;
    }
    return undefined;
  }

  /** Takes a fault into the table: what the error says, without what differs from run to run. */
  function noteFault(fault: string, error: unknown, reason: string): void {
    expect([error, (error as HostError).reason]).toEqual([expect.any(HostError), reason]);
    const message = String((error as HostError).message)
      .replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, "HOST")
      .replace(/^HOST: /, "")
      .replace(/(fs\.file-max: wanted 12345, got) \d+/, "$1 …")
      .replaceAll(/SHA256:[\w+/]+/g, "SHA256:…")
      .replaceAll("\n", "<br>")
      .replaceAll("|", "\\|")
      .replaceAll(/ +/g, " ");
    rows.push(`| ${fault} | \`${reason}\` | ${message} |`);
  }

  test("stands in the table, whatever it is", async () => {
    const [broken, others] = [rows.filter((row) => row.split("|").length === 7), rows.filter((row) => row.split("|").length === 5)];
    const steps = new Set(broken.map((row) => row.split("|")[2]?.trim()));
    // No module can be loaded on these hosts.
    expect(programSteps.filter((step) => !steps.has(step))).toEqual(["loaded"]);
    const text = [intro, ...broken, "", othersHead, ...others, ""].join("\n");
    await expect(text).toMatchFileSnapshot("../../../docs/faults.md");
  });
});

/** The key of another host. */
const otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";

const intro = `# Faults

Written by the engine tests (\`test/engines/hosts/faults.test.ts\`), which cause each of these on a real host and look at it. What a host does in
between is in [hosts.md](hosts.md).

## A run that is cut off

At each step, every shell of the run is killed (\`kill -9\`), and in another run the connection is cut. The host has the profile *old* and is given the
profile *new*, or is restored to what it was before any (*untouched*). The caller gets a \`HostError\` with the reason \`cut-off\` both times.

A cut connection stops nothing: the run comes to its own end on the host. After a kill some files and values may be new and others old, and the host says so
(*unfinished*): no read and no \`verify\` takes it for tuned. The next run, whatever it is for, first puts back or finishes what it finds. The fourth column is
the hardest case, a next run that itself does not hold: it leaves the old profile or the new one, never a mixture.

| run | step | right after kill -9 | after the next run, which does not hold | after a cut connection |
|---|---|---|---|---|`;

const othersHead = `## A run that cannot come through

The host is left as it was each time. The message is the whole error but for the host's name.

| fault | reason | message |
|---|---|---|`;
