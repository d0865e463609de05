import { describe, expect, test } from "vitest";
import { HostError } from "../../../lib/hosts/host-error";
import { HostDouble } from "./host-double";
import { hostInputs, hostKey, providerOver, secret, sudoPassword, unknownValue, urn } from "./wire";

/** A host that was created, with the state that the engine keeps. */
async function created(rest: Readonly<Record<string, unknown>> = {}) {
  const host = new HostDouble();
  const { provider, said } = providerOver(host);
  const inputs = hostInputs(rest);
  const { id, outs } = await provider.create(urn, inputs);
  return { host, provider, said, inputs, id, outs: outs as Record<string, unknown> };
}

const otherUrn = urn.replace("oslo-1", "oslo-2");
const key = "net.core.somaxconn";

describe("check", () => {
  const { provider } = providerOver(new HostDouble());
  const failures = async (inputs: unknown) =>
    ((await provider.check(urn, {}, inputs)).failures ?? []).map(({ property, reason }) => `${property}: ${reason}`);

  test("lets good inputs pass", async () => {
    expect(await failures(hostInputs())).toEqual([]);
  });

  test("names every problem with the path that the program has", async () => {
    const bad = hostInputs({
      kernel: { [key]: "32768; reboot", "../etc": "1", "fs.file-max": "at least much" },
      files: { "/etc/shadow": { content: "x\n", mode: "0644" }, "/etc/motd": { content: "no line break", mode: "0600" } },
    });
    expect(await failures({ ...bad, connection: { address: "-x", hostKey } })).toMatchInlineSnapshot(`
      [
        "connection.address: got "-x", expected a host name or IP address.",
        "kernel["fs.file-max"]: got "at least much", expected "at least" and a whole number.",
      ]
    `);
    expect(
      await failures({ ...bad, connection: { address: "-x", hostKey }, kernel: { [key]: "32768; reboot", "../etc": "1" } }),
    ).toMatchInlineSnapshot(`
      [
        "connection.address: got "-x", expected a host name or IP address.",
        "kernel["net.core.somaxconn"]: got "32768; reboot", expected words of letters, digits and _ . , : + -, with one space between them.",
        "kernel["../etc"]: got "../etc", expected the name of a kernel key, with dots.",
        "files["/etc/motd"].content: got "no line break", expected text of at most 256 KiB that ends with a line break, without NUL.",
        "files["/etc/motd"].mode: got "0600", expected one of "0644", "0755".",
        "files["/etc/shadow"]: got "/etc/shadow", expected a path that is not the system's own identity or login.",
      ]
    `);
  });

  test("says nothing about what is not known before the machine exists", async () => {
    expect(await failures(hostInputs({ connection: { address: unknownValue, hostKey: unknownValue } }))).toEqual([]);
    expect(await failures(hostInputs({ connection: unknownValue, kernel: unknownValue, files: unknownValue }))).toEqual([]);
    expect(await failures(hostInputs({ kernel: { [key]: unknownValue } }))).toEqual([]);
  });

  test("does not show a secret that is wrong", async () => {
    const text = (await failures(hostInputs({ connection: secret({ address: "host name with blanks", hostKey: "swordfish" }) }))).join(
      "\n",
    );
    expect(text).toContain("connection.hostKey: got a secret, expected a public host key");
    expect(text).not.toMatch(/swordfish|blanks/);
  });

  test("makes keys and passwords secret, although the program did not", async () => {
    const plain = hostInputs({
      connection: { address: "10.0.0.11", hostKey: "x", privateKey: "k", sudoPassword: "p", jump: { passphrase: "j" } },
    });
    const { inputs } = await provider.check(urn, {}, plain);
    expect(inputs.connection).toMatchObject({ privateKey: secret("k"), sudoPassword: secret("p"), jump: { passphrase: secret("j") } });
  });
});

describe("create", () => {
  test("the id is the machine-id, and the state says what the host is", async () => {
    const { id, outs, host } = await created();
    expect(id).toBe(host.machineId);
    expect(outs).toMatchObject({ kernelRelease: "6.1.0-32-cloud-amd64", virtualization: "kvm", podValues: { [key]: "4096" } });
    expect(host.calls).toEqual(["read", "apply", "close"]);
  });

  test("the password reaches the host, and the state only as a secret", async () => {
    const { host, outs } = await created();
    expect(host.connection?.sudoPassword).toBe(sudoPassword);
    expect(outs.connection).toMatchObject({ sudoPassword: secret(sudoPassword) });
  });

  test("measures before it writes, and writes nothing to a host that does not measure up", async () => {
    const host = new HostDouble();
    const { provider } = providerOver(host, async (measured) => {
      host.calls.push("qualify");
      throw new Error(`${measured.name}: does not measure up`);
    });
    await expect(provider.create(urn, hostInputs({ qualify: { pool: "oslo" } }))).rejects.toThrow("does not measure up");
    expect(host.calls).toEqual(["read", "qualify", "close"]);
  });

  test("refuses a second resource for the same machine", async () => {
    const { provider, inputs } = await created();
    await expect(provider.create(otherUrn, inputs)).rejects.toThrow(`is that of ${urn} already. Nothing was changed.`);
  });

  test("refuses a machine that another pool looks after", async () => {
    const { host } = await created();
    await expect(providerOver(host).provider.create(otherUrn, hostInputs({ pool: "bergen" }))).rejects.toThrow('tuned for the pool "oslo"');
  });

  test("refuses another machine than the pinned one before anything is written", async () => {
    const host = new HostDouble();
    await expect(providerOver(host).provider.create(urn, hostInputs({ machineId: "f".repeat(32) }))).rejects.toThrow("the program pins");
    expect(host.calls).not.toContain("apply");
  });
});

describe("diff", () => {
  test("sees nothing where nothing differs, in whatever order the entries come", async () => {
    const { provider, id, outs, inputs } = await created();
    const kernel = { "fs.file-max": "at least 2097152", [key]: "32768" };
    expect(await provider.diff(id, urn, outs, { ...inputs, kernel })).toMatchObject({ changes: false, replaces: [] });
  });

  test.each([
    ["a value", hostInputs({ kernel: { [key]: "16384" } })],
    ["a file", hostInputs({ files: {} })],
    ["a link", hostInputs({ links: {} })],
    ["a new address", hostInputs({ connection: { address: "10.0.0.99", hostKey: "k" } })],
    ["an address that is not known yet", hostInputs({ connection: { address: unknownValue, hostKey: "k" } })],
    ["a limit", hostInputs({ qualify: { pool: "oslo" } })],
  ])("%s is an update in place", async (_what, news) => {
    const { provider, id, outs } = await created();
    expect(await provider.diff(id, urn, outs, news)).toMatchObject({ changes: true, replaces: [] });
  });

  test("another pinned machine is another resource, and the old one is restored first", async () => {
    const { provider, id, outs } = await created();
    const difference = await provider.diff(id, urn, outs, hostInputs({ machineId: "f".repeat(32) }));
    expect(difference).toMatchObject({ changes: true, replaces: ["machineId"], deleteBeforeReplace: true });
  });
});

describe("read", () => {
  test("a second look at an unchanged host gives the same inputs and state", async () => {
    const { provider, id, outs, inputs } = await created();
    const { inputs: found, props } = await provider.read(id, urn, outs);
    expect(found).toEqual(inputs);
    expect(props).toEqual(outs);
  });

  test("gives the real value of each key that somebody changed, and of no other", async () => {
    const { provider, id, outs, host } = await created();
    host.values.set(key, "128");
    host.values.set("fs.file-max", "9223372036854775807");
    const { inputs } = await provider.read(id, urn, outs);
    expect(inputs.kernel).toEqual({ [key]: "128", "fs.file-max": "at least 2097152" });
    expect(await provider.diff(id, urn, inputs, hostInputs())).toMatchObject({ changes: true });
  });

  test("leaves out files and links that are gone, and shows the text of a changed one", async () => {
    const { provider, id, outs, host } = await created();
    host.files.set("/etc/sysctl.d/99-k8s-mesh.conf", { content: "# empty\n", mode: "0600" });
    host.links.clear();
    const { inputs } = await provider.read(id, urn, outs);
    expect(inputs.files).toEqual({ "/etc/sysctl.d/99-k8s-mesh.conf": { content: "# empty\n", mode: "0600" } });
    expect(inputs.links).toEqual({});
  });

  test("what nobody may want is shown, looked at again, and taken back all the same", async () => {
    const { provider, id, outs, host } = await created();
    host.files.set("/etc/sysctl.d/99-k8s-mesh.conf", { content: "no line break at the end", mode: "0600" });
    host.values.set(key, "");
    const once = await provider.read(id, urn, outs);
    const twice = await provider.read(id, urn, once.props);
    expect(twice.inputs).toEqual(once.inputs);
    expect(await provider.diff(id, urn, twice.props, hostInputs())).toMatchObject({ changes: true, replaces: [] });
    await provider.delete(id, urn, twice.props);
    expect(host.calls.at(-2)).toBe("restore");
  });

  test("a host that had the whole profile before it was tuned shows no change", async () => {
    const { provider, id, outs, host } = await created();
    host.applied = undefined;
    const { props } = await provider.read(id, urn, outs);
    expect(await provider.diff(id, urn, props, hostInputs())).toMatchObject({ changes: false });
  });

  test("a host that does not answer is an error that says how to forget it", async () => {
    const { provider, id, outs, host } = await created();
    host.refusal = new HostError(host.name, "unreachable", "no answer within 15s.");
    await expect(provider.read(id, urn, outs)).rejects.toThrow(`MESHGROUND_FORGET=${id} pulumi up`);
  });

  test("a host that is forgotten is not asked: it leaves the state, and what is in its place is another one", async () => {
    const { id, outs, host } = await created();
    const { provider } = providerOver(host, undefined, new Set([id]));
    host.refusal = new HostError(host.name, "unreachable", "no answer within 15s.");
    expect(await provider.read(id, urn, outs)).toMatchObject({ id, props: { pool: "oslo" } });
    expect(await provider.diff(id, urn, outs, hostInputs())).toEqual({
      changes: true,
      replaces: ["connection"],
      deleteBeforeReplace: true,
    });
    await expect(provider.delete(id, urn, outs)).resolves.toBeUndefined();
  });

  test("another machine at the address is an error, not a drift", async () => {
    const { provider, id, outs, host } = await created();
    host.machineId = "f".repeat(32);
    await expect(provider.read(id, urn, outs)).rejects.toThrow("installed anew, or the address leads to another machine");
  });

  test("an import is refused with the reason", async () => {
    await expect(providerOver(new HostDouble()).provider.read("id", urn, {})).rejects.toThrow("its connection is in the program only");
  });

  test("warns of a file that wins at the next boot", async () => {
    const { provider, id, outs, host, said } = await created();
    host.overriding = [{ key, value: "128", file: "/etc/sysctl.d/99-sysctl.conf", line: 12 }];
    await provider.read(id, urn, outs);
    expect(said).toContain(`warning: ${host.name}: /etc/sysctl.d/99-sysctl.conf:12 sets ${key} too, and wins at the next boot.`);
  });
});

describe("update", () => {
  test("goes by the new address, and puts right what drifted", async () => {
    const { provider, id, outs, host } = await created();
    host.values.set(key, "128");
    const news = hostInputs({ connection: { address: "10.0.0.99", hostKey: "k" } });
    const { outs: state } = await provider.update(id, urn, outs, news);
    expect(host.connection?.address).toBe("10.0.0.99");
    expect(host.values.get(key)).toBe("32768");
    expect(state.connection).toMatchObject({ address: "10.0.0.99" });
  });

  test("moves a host to another name of its pool", async () => {
    const { provider, id, outs, host } = await created();
    await provider.update(id, urn, outs, hostInputs({ pool: "oslo-a" }));
    expect(host.applied?.pool).toBe("oslo-a");
  });

  test("touches no other machine than its own", async () => {
    const { provider, id, outs, host, inputs } = await created();
    host.machineId = "f".repeat(32);
    host.calls.length = 0;
    await expect(provider.update(id, urn, outs, inputs)).rejects.toThrow("Nothing was changed.");
    expect(host.calls).toEqual(["read", "close"]);
  });

  test("measures again only when the requirements changed", async () => {
    const host = new HostDouble();
    const measured: unknown[] = [];
    const { provider } = providerOver(host, async (_host, requirements) => {
      measured.push(requirements);
      return `table ${measured.length}`;
    });
    const { id, outs } = await provider.create(urn, hostInputs({ qualify: { pool: "oslo", cores: 2 } }));
    const same = await provider.update(id, urn, outs, hostInputs({ qualify: { pool: "oslo", cores: 2 }, kernel: {} }));
    expect(same.outs.qualification).toBe("table 1");
    const stricter = await provider.update(id, urn, outs, hostInputs({ qualify: { pool: "oslo", cores: 4 } }));
    expect(stricter.outs.qualification).toBe("table 2");
    expect(measured).toHaveLength(2);
  });

  test("says that an earlier run had been cut off", async () => {
    const { provider, id, outs, host, inputs, said } = await created();
    host.interrupted = true;
    await provider.update(id, urn, outs, inputs);
    expect(said.join("\n")).toContain("what it had changed was put back first");
  });
});

describe("delete", () => {
  test("puts back what was there before", async () => {
    const { provider, id, outs, host } = await created();
    await provider.delete(id, urn, outs);
    expect(Object.fromEntries(host.values)).toEqual({ [key]: "4096" });
    expect(host.files.size + host.links.size).toBe(0);
  });

  test("leaves a host alone that has nothing to put back", async () => {
    const { provider, id, outs, host } = await created();
    await provider.delete(id, urn, outs);
    await provider.delete(id, urn, outs);
    expect(host.calls.filter((call) => call === "restore")).toHaveLength(1);
  });

  test("leaves a host tuned that the program has under another name by now", async () => {
    const { host, id, outs, inputs } = await created();
    const { provider, said } = providerOver(host);
    await provider.create(otherUrn, inputs);
    await provider.delete(id, urn, outs);
    expect(host.applied?.pool).toBe("oslo");
    expect(said.join("\n")).toContain(`it now belongs to ${otherUrn}`);
  });
});

describe("errors", () => {
  test("hold no secret, even where the host's answer does", async () => {
    const host = new HostDouble();
    host.refusal = new HostError(host.name, "sudo", `sudo said: ${sudoPassword} is not right`);
    const thrown: unknown = await providerOver(host)
      .provider.create(urn, hostInputs())
      .catch((error: unknown) => error);
    expect(String((thrown as Error).message)).toContain("[secret] is not right");
    expect(JSON.stringify([String(thrown), (thrown as Error).stack, (thrown as Error).cause])).not.toContain(sudoPassword);
  });

  test("name a resource that this version does not know", async () => {
    const { provider } = providerOver(new HostDouble());
    await expect(provider.create("urn:pulumi:dev::shop::meshground:index:TunedGhost::x", {})).rejects.toThrow(
      "no resource of type meshground:index:TunedGhost. Known: meshground:index:TunedHost, meshground:index:KubernetesNode.",
    );
  });
});
