import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { availableParallelism, release, totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { applyToHosts } from "../../../lib/hosts/apply-to-hosts";
import { Host } from "../../../lib/hosts/host";
import type { HostConnection } from "../../../lib/hosts/host-connection";
import { HostError } from "../../../lib/hosts/host-error";
import type { HostProfile } from "../../../lib/hosts/host-profile";
import { temporaryFolder } from "../../support/temporary";
import { changeValue, filesOf, kernelValue, withProcessList } from "../pulumi/traces.mts";
import { askerPassword, hostsAreMissing, startContainers, type TestHost, type TestHosts } from "./containers.mts";

const [backlog, queue] = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];
const conf = "/etc/sysctl.d/99-zz-mesh.conf";
const profile: HostProfile = {
  pool: "oslo",
  settings: [
    { key: backlog, mode: "exact", value: "32768" },
    { key: queue, mode: "atLeast", value: "8192" },
  ],
  files: [
    { path: conf, content: `${backlog} = 32768\n`, mode: "0644" },
    { path: "/usr/local/lib/mesh/run.sh", content: "#!/bin/sh\n", mode: "0755" },
  ],
  links: [{ path: "/etc/mesh/wants", target: "/usr/local/lib/mesh/run.sh" }],
  modules: [],
};

describe.skipIf(hostsAreMissing())("a real host", () => {
  let machines: TestHosts;
  let first: TestHost;
  let second: TestHost;
  let third: TestHost;
  let before: readonly string[];
  const open: Host[] = [];

  beforeAll(async () => {
    machines = await startContainers(3);
    [first, second, third] = machines.hosts as [TestHost, TestHost, TestHost];
    await first.exec(`mkdir -p /etc/sysctl.d; echo '# theirs' > ${conf}; chmod 640 ${conf}`);
    before = [...(await filesOf(first)), ...(await valuesOf(first))];
  });
  afterAll(() => machines?.end());
  afterEach(async () => {
    for (const host of open.splice(0)) await host.close();
    const host = await Host.connect(first.connection);
    await host.restore();
    await host.close();
    expect([...(await filesOf(first)), ...(await valuesOf(first))]).toEqual(before);
  });

  async function connect(connection: HostConnection = first.connection): Promise<Host> {
    const host = await Host.connect(connection);
    open.push(host);
    return host;
  }

  test("says what it is", async () => {
    const facts = await (await connect()).read(profile);
    expect(facts).toMatchObject({
      machineId: first.machineId,
      hostname: "host1",
      distribution: { id: "debian" },
      kernel: release(),
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      interrupted: false,
      overriding: [],
    });
    expect(facts.podValues).toEqual(facts.values);
  });

  test("has the profile after apply; a pod has what the kernel gives every new network", async () => {
    const host = await connect();
    const { facts } = await host.apply(profile);
    expect(facts).toMatchObject({ values: { [backlog]: "32768", [queue]: "8192" }, podValues: { [backlog]: "4096" } });
    await host.verify(profile);
    expect(await valuesOf(first)).toEqual(["32768", "8192"]);
    expect(await host.apply(profile)).toMatchObject({ changed: false });
  });

  test("that refuses a key keeps what it had, and the error says what it has", async () => {
    const real = await kernelValue(first, "fs.file-max");
    const wanted = { ...profile, settings: [...profile.settings, { key: "fs.file-max", mode: "exact", value: "12345" } as const] };
    const error = await failure((await connect()).apply(wanted));
    expect(error.reason).toBe("not-held");
    expect(error.mismatches).toEqual([{ kind: "value", name: "fs.file-max", wanted: "12345", got: real }]);
    expect([...(await filesOf(first)), ...(await valuesOf(first))]).toEqual(before);
  });

  test("on which a value was lowered is put right", async () => {
    const host = await connect();
    await host.apply(profile);
    await changeValue(first, queue, "128");
    expect((await failure(host.verify(profile))).message).toContain(`value ${queue}: wanted at least 8192, got 128`);
    expect(await host.apply(profile)).toMatchObject({ changed: true, plan: { changes: [{ key: queue, from: "128", to: "8192" }] } });
  });

  test("on which two runs begin at once has one profile in the end, and neither run fails", async () => {
    const [one, other] = [await connect(), await connect(first.login("deploy"))];
    const outcomes = await Promise.all([one.apply(profile), other.apply(profile)]);
    expect(outcomes.map(({ changed }) => changed).sort()).toEqual([false, true]);
    await one.verify(profile);
  });

  test("that another run holds for too long is busy", async () => {
    const host = await connect({ ...first.connection, commandTimeout: "4s" });
    const holder = (await connect()).run("exec 9>>/run/meshground.lock; flock 9; echo held; sleep 4");
    await expect.poll(async () => (await first.exec("flock -n /run/meshground.lock true")).exitCode).toBe(1);
    expect((await failure(host.apply(profile))).reason).toBe("busy");
    await holder;
  });

  test("lets in root, one whom sudo does not ask, and one whom it asks; and no secret is in any process list", async () => {
    const secrets = [askerPassword, ...first.privateKey.split("\n").filter((line) => line.length > 40 && !line.startsWith("-"))];
    const { processes } = await withProcessList(async () => {
      for (const login of [first.login("root"), first.login("deploy"), { ...first.login("asker"), sudoPassword: askerPassword }]) {
        const host = await connect(login);
        expect(await host.apply({ ...profile, pool: login.user })).toMatchObject({ changed: true });
        expect((await host.run("id -u; cat", "in")).stdout).toBe("0\nin");
      }
    });
    expect(processes).toContain("sudo -S");
    for (const secret of secrets) expect(processes).not.toContain(secret);
  });

  test("keeps out whom sudo does not let through, and says so without the password", async () => {
    for (const [user, password, said] of [
      ["deploy", undefined, undefined],
      ["asker", undefined, "set sudoPassword"],
      ["asker", "wrong-b1c7", "the password is wrong"],
      ["guest", undefined, "a sudoers rule"],
      ["guest", "wrong-b1c7", "a sudoers rule"],
    ] as const) {
      const host = await connect({ ...first.login(user), ...(password !== undefined && { sudoPassword: password }) });
      if (said === undefined) await host.read(profile);
      else {
        const error = await failure(host.read(profile));
        expect([user, error.reason]).toEqual([user, "sudo"]);
        expect(error.message).toContain(said);
        expect(error.message).not.toContain("wrong-b1c7");
      }
    }
  });

  test("lets in whoever has an agent with the key", async () => {
    const folder = temporaryFolder("agent");
    const agent = await startAgent(folder, first.privateKey);
    const { privateKey: _, ...rest } = first.connection;
    expect(await (await connect({ ...rest, agent: join(folder, "socket") })).read(profile)).toMatchObject({ hostname: "host1" });
    agent.kill();
    expect((await failure(Host.connect({ ...rest, agent: join(folder, "none") }))).reason).toBe("authentication");
  });

  test("is reached through another one", async () => {
    const host = await connect({ ...first.connection, jump: second.login("deploy") });
    expect(await host.apply(profile)).toMatchObject({ facts: { hostname: "host1" } });
    const wrong = { ...first.connection, jump: { ...second.login("deploy"), hostKey: third.hostKey } };
    expect((await failure(Host.connect(wrong))).host).toBe(`${second.address}:22`);
  });

  test("of three gets its profile with the others, the unreachable stops all, and restoring leaves each as it was", async () => {
    const hosts = [first, second, third];
    const earlier = await Promise.all(hosts.map(filesOf));
    const connections = hosts.map(({ connection }) => connection);
    const dead = { ...third.connection, address: third.address.replace(/\d+$/, "250"), connectTimeout: "500ms" } as const;
    expect((await applyToHosts([...connections, dead], profile)).map(({ state }) => state)).toEqual([
      "not-begun",
      "not-begun",
      "not-begun",
      "failed",
    ]);
    expect(await Promise.all(hosts.map(filesOf))).toEqual(earlier);
    expect((await applyToHosts(connections, profile)).map(({ state }) => state)).toEqual(["done", "done", "done"]);
    for (const connection of connections) await (await connect(connection)).restore();
    expect(await Promise.all(hosts.map(filesOf))).toEqual(earlier);
  });
});

function valuesOf(host: TestHost): Promise<readonly string[]> {
  return Promise.all([backlog, queue].map((key) => kernelValue(host, key)));
}

async function failure(promise: Promise<unknown>): Promise<HostError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HostError);
  return error as HostError;
}

/** An agent on the socket in a folder, with one key. */
async function startAgent(folder: string, privateKey: string): Promise<ChildProcess> {
  const socket = join(folder, "socket");
  writeFileSync(join(folder, "key"), privateKey, { mode: 0o600 });
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  await once(agent.stdout, "data");
  const { status, stderr } = spawnSync("ssh-add", ["-q", join(folder, "key")], {
    env: { ...process.env, SSH_AUTH_SOCK: socket },
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  return agent;
}
