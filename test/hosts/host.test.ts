import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { applyToHosts } from "../../lib/hosts/apply-to-hosts";
import { Host } from "../../lib/hosts/host";
import type { HostConnection } from "../../lib/hosts/host-connection";
import { HostError } from "../../lib/hosts/host-error";
import { isApplied } from "../../lib/hosts/plan-of";
import { temporaryFolder } from "../support/temporary";
import { LocalHost, profileWith } from "./local-host";
import { keyPair, SshServer, type SshServerProps } from "./ssh-server";

const key = "net.core.somaxconn";
const conf = "/etc/sysctl.d/99-zz-mesh.conf";
const profile = profileWith({
  settings: [{ key, mode: "exact", value: "32768" }],
  files: [{ path: conf, content: `${key} = 32768\n`, mode: "0644" }],
});
const password = "let-me-in-5c1e";

const servers: SshServer[] = [];
const hosts: Host[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(props: SshServerProps = {}): Promise<SshServer> {
  const server = await SshServer.start(props);
  servers.push(server);
  return server;
}

async function connected(connection: HostConnection): Promise<Host> {
  const host = await Host.connect(connection);
  hosts.push(host);
  return host;
}

/** A server whose commands run in a folder that stands for the root of a host. */
async function startHost(local: LocalHost = new LocalHost({ values: { [key]: "4096" } }), props: SshServerProps = {}) {
  const env = { PATH: `${local.folder}/bin:${process.env.PATH}`, MESHGROUND_ROOT: local.folder, ...props.env };
  const server = await start({ ...props, env });
  return { local, server, connect: (more: Partial<HostConnection> = {}) => connected({ ...server.connection, ...more }) };
}

/** What a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<HostError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HostError);
  return error as HostError;
}

/** A stand-in for sudo that asks as the real one does, thrice at most. */
function sudo(local: LocalHost, { asks }: { readonly asks: boolean }): void {
  const ask = `IFS= read -r given; [ "$given" = '${password}' ] || { printf 'Sorry, try again.\\n' >&2; tries=$((tries + 1)); [ "$tries" -lt 3 ] || exit 1; continue; }; break`;
  local.write(
    "/bin/sudo",
    `#!/bin/sh
printf '%s\\n' "sudo $*" >>"$MESHGROUND_ROOT/argv"
case $1 in
-n) ${asks ? 'printf "sudo: a password is required\\n" >&2; exit 1' : "shift"} ;;
-S) prompt=$3; shift 3; tries=0; while ${asks ? "true" : "false"}; do printf '%s' "$prompt" >&2; ${ask}; done ;;
esac
exec "$@"
`,
    0o755,
  );
}

describe("a host over SSH", () => {
  test("is read, planned, tuned, verified and restored over one connection", async () => {
    const { local, server, connect } = await startHost();
    const before = local.contents();
    const host = await connect();
    expect(await host.read(profile)).toMatchObject({ machineId: "0123456789abcdef0123456789abcdef", values: { [key]: "4096" }, files: {} });
    expect((await host.plan(profile)).changes).toEqual([
      { kind: "value", key, from: "4096", to: "32768", floor: false },
      { kind: "file", path: conf, action: "create" },
    ]);
    expect((await failure(host.verify(profile))).mismatches.map(({ name }) => name)).toEqual([key, conf]);
    expect(await host.apply(profile)).toMatchObject({ changed: true, recovered: false, facts: { values: { [key]: "32768" } } });
    expect(await host.verify(profile)).toMatchObject({ applied: { pool: "oslo" }, files: { [conf]: { content: `${key} = 32768\n` } } });
    expect(await host.restore()).toMatchObject({ changed: true });
    expect(local.contents()).toEqual(before);
    expect(server.logins).toBe(1);
  });

  test("is looked at in one question, and applied by what was seen", async () => {
    const { server, connect } = await startHost();
    const host = await connect();
    expect(await host.look(profile)).toMatchObject({
      unchanged: false,
      facts: { values: { [key]: "4096" } },
      plan: { changes: [{ key }, { path: conf }] },
    });
    await host.apply(profile);
    expect(server.commands).toEqual(["sh -s", "sh -s"]);
    expect(await host.look(profile)).toMatchObject({ unchanged: true, facts: { applied: { pool: "oslo" } }, plan: { changes: [] } });
  });

  test("that drifted after it was looked at is put right all the same", async () => {
    const { local, connect } = await startHost();
    const host = await connect();
    await host.apply(profile);
    await host.look(profile);
    local.write(`/proc/sys/${key.replaceAll(".", "/")}`, "128\n");
    expect(await host.apply(profile)).toMatchObject({ changed: true });
  });

  test("that has the profile is asked once, and not written to", async () => {
    const { local, server, connect } = await startHost();
    const host = await connect();
    await host.apply(profile);
    const before = local.times();
    server.commands.length = 0;
    expect(await host.apply(profile)).toMatchObject({ changed: false, plan: { changes: [] } });
    expect(server.commands).toEqual(["sh -s"]);
    expect(local.times()).toEqual(before);
  });

  test("on which nothing was applied is not written to by a restore", async () => {
    const { local, connect } = await startHost();
    const before = local.times();
    expect(await (await connect()).restore()).toMatchObject({ changed: false, plan: { changes: [] } });
    expect(local.times()).toEqual(before);
  });

  test("on which another file would win is not written to, and the error names its line", async () => {
    const { local, connect } = await startHost();
    local.write("/etc/sysctl.d/99-zzz.conf", `# theirs\n${key} = 128\n`);
    const before = local.contents();
    const error = await failure((await connect()).apply(profile));
    expect(error.reason).toBe("conflict");
    expect(error.message).toContain(`/etc/sysctl.d/99-zzz.conf:2 sets ${key} = 128`);
    expect(local.contents()).toEqual(before);
  });

  test("that refuses a key is left as it was, and the error says key, wanted and got", async () => {
    const { local, connect } = await startHost();
    local.refuse("fs.stubborn");
    const before = local.contents();
    const wanted = { ...profile, settings: [...profile.settings, { key: "fs.stubborn", mode: "exact", value: "7" } as const] };
    const error = await failure((await connect()).apply(wanted));
    expect(error.reason).toBe("not-held");
    expect(error.message).toContain("value fs.stubborn: wanted 7, got empty");
    expect(error.mismatches).toEqual([{ kind: "value", name: "fs.stubborn", wanted: "7", got: "empty" }]);
    expect(local.contents()).toEqual(before);
  });

  test("whose sysctl files change under a run is judged anew", async () => {
    let seen = 0;
    const local = new LocalHost({ values: { [key]: "4096" } });
    const onExec = (command: string): string => {
      seen += 1;
      if (seen === 2) local.write("/etc/sysctl.d/99-zzz.conf", `${key} = 128\n`);
      return command;
    };
    const { connect } = await startHost(local, { onExec });
    const before = local.value(key);
    expect((await failure((await connect()).apply(profile))).reason).toBe("conflict");
    expect(local.value(key)).toBe(before);
  });

  test("puts back first what a killed run left", async () => {
    const { local, connect } = await startHost();
    local.run("apply", profileWith({ settings: [{ key, mode: "exact", value: "1" }] }), { killAt: 12 });
    const host = await connect();
    expect(await host.read(profile)).toMatchObject({ interrupted: true });
    expect(await host.apply(profile)).toMatchObject({ changed: true, recovered: true, facts: { interrupted: false } });
    await host.restore();
    expect(local.value(key)).toBe("4096");
  });

  test("that lacks a machine-id is refused", async () => {
    const { local, connect } = await startHost();
    local.write("/etc/machine-id", "\n");
    expect((await failure((await connect()).read(profile))).reason).toBe("unsupported");
  });

  test("that answers something else is not believed", async () => {
    const { local, connect } = await startHost();
    local.write("/bin/uname", "#!/bin/sh\nprintf 'kernel\\nresult\\tchanged\\n'\n", 0o755);
    expect((await failure((await connect()).read(profile))).reason).toBe("unexpected");
  });
});

describe("a host that talks without end", () => {
  test("is cut short before the program begins, and after", async () => {
    const talking = await startHost(undefined, { onExec: () => "head -c 300000 /dev/zero" });
    const before = await failure((await talking.connect()).read(profile));
    expect(before).toMatchObject({ reason: "unexpected", message: expect.stringContaining("262144 bytes before the program began") });
    const host = await (await startHost()).connect();
    expect(await failure(host.run("head -c 5000000 /dev/zero"))).toMatchObject({
      reason: "unexpected",
      message: expect.stringContaining("said more than 4194304 bytes"),
    });
  });
});

describe("a script", () => {
  test("gets its input, and its output and exit code come back", async () => {
    const { server, connect } = await startHost();
    const host = await connect();
    expect(await host.run('read -r line; echo "got $line"; echo oops >&2; exit 3', "it's a 'secret'\n")).toEqual({
      exitCode: 3,
      stdout: "got it's a 'secret'\n",
      stderr: "oops\n",
    });
    expect(server.commands).toEqual(["sh -s"]);
  });

  test("without input reads nothing of what comes after it", async () => {
    const host = await (await startHost()).connect();
    expect(await host.run("cat")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("with a mistake in it fails, and the connection stays whole", async () => {
    const host = await (await startHost()).connect();
    expect((await host.run("if")).exitCode).not.toBe(0);
    expect((await host.run(") ; }")).exitCode).not.toBe(0);
    expect((await host.run("echo fine")).stdout).toBe("fine\n");
  });
});

describe("getting in", () => {
  test("another host key than the pinned one is refused, and nothing is sent", async () => {
    const { server } = await startHost();
    const error = await failure(connected({ ...server.connection, hostKey: keyPair().public }));
    expect(error.reason).toBe("host-key");
    expect(error.message).toMatch(/pinned: ssh-ed25519 SHA256:\S+\n {2}seen: {3}ssh-ed25519 SHA256:\S+/);
    expect(server.logins).toBe(0);
  });

  test("a host that has no key of the pinned type is refused", async () => {
    const server = await start({ keyType: "ecdsa" });
    expect((await failure(connected({ ...server.connection, hostKey: keyPair().public }))).reason).toBe("host-key");
    await expect(connected(server.connection)).resolves.toBeInstanceOf(Host);
  });

  test("a key that the host does not know is refused, and the error shows nothing of it", async () => {
    const server = await start();
    const { private: privateKey } = keyPair();
    const error = await failure(connected({ ...server.connection, privateKey }));
    expect(error.reason).toBe("authentication");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(privateKey.split("\n")[2]);
  });

  test("a key may stand in a file, which is read when it is needed", async () => {
    const server = await start();
    const { privateKey, ...rest } = server.connection;
    const privateKeyFile = join(temporaryFolder("key"), "id");
    expect((await failure(connected({ ...rest, privateKeyFile }))).message).toContain("cannot be read (ENOENT)");
    writeFileSync(privateKeyFile, privateKey, { mode: 0o600 });
    await expect(connected({ ...rest, privateKeyFile })).resolves.toBeInstanceOf(Host);
  });

  test("a key that is none is refused before anything is connected", async () => {
    const server = await start();
    const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
    const error = await failure(connected({ ...server.connection, privateKey }));
    expect([error.reason, error.message.includes("c2VjcmV0")]).toEqual(["authentication", false]);
  });

  test("a port where nobody listens is unreachable", async () => {
    const server = await start();
    const { connection } = server;
    await server.stop();
    servers.splice(0);
    expect((await failure(connected(connection))).reason).toBe("unreachable");
  });

  test("a port where nobody answers is unreachable after the time limit", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const { connection } = await start();
    expect((await failure(connected({ ...connection, port, connectTimeout: "200ms" }))).reason).toBe("unreachable");
    silent.close();
  });

  test("a jump host passes the connection on, and has a pinned key of its own", async () => {
    const { server } = await startHost();
    const through = await start({ forwarding: true });
    const { connectTimeout, ...jump } = through.connection;
    const host = await connected({ ...server.connection, connectTimeout: "5s", jump });
    expect(await host.read(profile)).toMatchObject({ hostname: "unknown" });
    expect(through.commands).toEqual([]);
    const wrong = await failure(connected({ ...server.connection, jump: { ...jump, hostKey: keyPair().public } }));
    expect([wrong.reason, wrong.host]).toEqual(["host-key", `127.0.0.1:${through.port}`]);
    const closed = await start();
    const { connectTimeout: _, ...other } = closed.connection;
    expect((await failure(connected({ ...server.connection, jump: other }))).message).toContain("AllowTcpForwarding");
    expect(connectTimeout).toBe("5s");
  });

  test("a connection that is not well formed is refused with every problem, and none of its secrets", async () => {
    const secret = "p4ssw0rd-9d2f";
    const wrong = { address: "-oProxyCommand=x", hostKey: "SHA256:x", privateKey: secret, sudoPassword: `${secret}\n` };
    const error = await Host.connect(wrong).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/address.*\n.*hostKey.*\n.*privateKey.*\n.*sudoPassword/);
    expect(inspect(error)).not.toContain(secret);
  });
});

describe("becoming root", () => {
  test("goes by sudo without a password where it does not ask", async () => {
    const { local, connect } = await startHost();
    sudo(local, { asks: false });
    expect(await (await connect({ user: "deploy" })).apply(profile)).toMatchObject({ changed: true });
  });

  test.each([true, false])("gives sudo the password by standard input, never by a command line (asked: %s)", async (asks) => {
    const { local, server, connect } = await startHost();
    sudo(local, { asks });
    const host = await connect({ user: "deploy", sudoPassword: password });
    expect(await host.apply(profile)).toMatchObject({ changed: true });
    expect((await host.run("cat", "in")).stdout).toBe("in");
    expect(`${server.commands.join("\n")}${readFileSync(join(local.folder, "argv"), "utf8")}`).not.toContain(password);
  });

  test("says that sudo asks for a password when there is none", async () => {
    const { local, connect } = await startHost();
    sudo(local, { asks: true });
    const error = await failure((await connect({ user: "deploy" })).read(profile));
    expect(error.reason).toBe("sudo");
    expect(error.message).toContain("set sudoPassword");
  });

  test("says that the password is wrong, and not what it is", async () => {
    const { local, connect } = await startHost();
    sudo(local, { asks: true });
    const error = await failure((await connect({ user: "deploy", sudoPassword: "wrong-77aa" })).read(profile));
    expect([error.reason, error.message.includes("the password is wrong")]).toEqual(["sudo", true]);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("wrong-77aa");
  });

  test("a host that echoes the password does not bring it into an error", async () => {
    const { local, connect } = await startHost();
    local.write("/bin/sudo", '#!/bin/sh\nprintf "%s" "$3" >&2\nread -r given\necho "you said $given" >&2\nexit 1\n', 0o755);
    const error = await failure((await connect({ user: "deploy", sudoPassword: password })).read(profile));
    expect(error.message).toContain("you said …");
    expect(error.message).not.toContain(password);
  });

  test("says that sudo is not installed", async () => {
    const { connect } = await startHost(undefined, { onExec: () => "exit 127" });
    expect((await failure((await connect({ user: "deploy" })).read(profile))).message).toContain("sudo is not installed");
  });

  test("a sudo that never answers ends at the time limit", async () => {
    const { connect } = await startHost(undefined, { onExec: () => "exec sleep 30" });
    const error = await failure((await connect({ user: "deploy", sudoPassword: password, connectTimeout: "300ms" })).read(profile));
    expect(error.reason).toBe("sudo");
  });
});

describe("a connection that breaks", () => {
  test("under a run that has begun lets it come to its end on the host", async () => {
    const { local, server, connect } = await startHost();
    const host = await connect();
    // The first file that is synced is the journal: from there on the run waits until the connection is gone.
    const waiting = `#!/bin/sh\n[ -e "$MESHGROUND_ROOT/cut" ] || { : >"$MESHGROUND_ROOT/begun"; until [ -e "$MESHGROUND_ROOT/cut" ]; do sleep 0.02; done; }\n`;
    local.write("/bin/sync", waiting, 0o755);
    const error = failure(host.apply(profile));
    await expect.poll(() => local.exists("/begun"), { timeout: 5_000 }).toBe(true);
    server.cut();
    expect((await error).reason).toBe("cut-off");
    expect(local.value(key)).toBe("4096");
    local.write("/cut", "");
    await expect.poll(() => isApplied(local.read(profile), profile), { timeout: 5_000 }).toBe(true);
  });

  test("is told at the next command", async () => {
    const { server, connect } = await startHost();
    const host = await connect();
    await host.read(profile);
    server.cut();
    expect((await failure(host.read(profile))).reason).toBe("cut-off");
  });

  test("a program that is killed is told as cut off", async () => {
    const host = await (await startHost(undefined, { onExec: () => "sh -s; kill -9 $$" })).connect();
    await expect(host.run("kill -9 $PPID; kill -9 $$")).rejects.toMatchObject({ reason: "cut-off" });
  });

  test("a command that takes too long is given up", async () => {
    const host = await (await startHost()).connect({ commandTimeout: "300ms" });
    expect((await failure(host.run("exec sleep 5"))).reason).toBe("timeout");
  });

  test("output without end is given up", async () => {
    const host = await (await startHost()).connect();
    expect(
      (await failure(host.run("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"))).reason,
    ).toBe("unexpected");
  });
});

describe("a pool", () => {
  test("gets its profile host by host, and is asked only when it has it", async () => {
    const pool = await Promise.all([0, 1, 2].map(() => startHost()));
    const connections = pool.map(({ server }) => server.connection);
    expect((await applyToHosts(connections, profile)).map((step) => step.state === "done" && step.result.changed)).toEqual([
      true,
      true,
      true,
    ]);
    expect((await applyToHosts(connections, profile)).map((step) => step.state === "done" && step.result.changed)).toEqual([
      false,
      false,
      false,
    ]);
    expect(pool.map(({ server }) => server.logins)).toEqual([2, 2, 2]);
  });

  test("of which one host cannot be asked is not written to", async () => {
    const pool = await Promise.all([0, 1].map(() => startHost()));
    const [first, second] = pool.map(({ server }) => server.connection) as [HostConnection, HostConnection];
    const steps = await applyToHosts([first, { ...second, hostKey: keyPair().public }], profile);
    expect(steps.map(({ state }) => state)).toEqual(["not-begun", "failed"]);
    expect(pool.map(({ local }) => local.value(key))).toEqual(["4096", "4096"]);
  });

  test("stops at the first host that does not hold", async () => {
    const pool = await Promise.all([0, 1, 2].map(() => startHost()));
    pool[1]?.local.refuse("fs.stubborn");
    for (const index of [0, 2]) pool[index]?.local.write("/proc/sys/fs/stubborn", "1\n");
    const wanted = { ...profile, settings: [...profile.settings, { key: "fs.stubborn", mode: "exact", value: "7" } as const] };
    const steps = await applyToHosts(
      pool.map(({ server }) => server.connection),
      wanted,
      { atATime: 1 },
    );
    expect(steps.map(({ state }) => state)).toEqual(["done", "failed", "not-begun"]);
    expect(pool.map(({ local }) => local.value(key))).toEqual(["32768", "4096", "4096"]);
  });
});
