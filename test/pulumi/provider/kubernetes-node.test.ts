import { describe, expect, test } from "vitest";
import { openProperties } from "../../../lib/pulumi/provider/property-values";
import { HostDouble } from "./host-double";
import { hostKey, providerOver, secret } from "./wire";

const urn = "urn:pulumi:dev::shop::meshground:index:KubernetesNode::oslo-1";
const token = "K10c0ffee::server:swordfish";
const kubeconfig = "apiVersion: v1\nkind: Config\nclusters: []\nusers: []";

/** A host on which scripts do what they are called, and which remembers what each was given on standard input. */
function node() {
  const host = new HostDouble();
  const inputs = new Map<string, string | undefined>();
  let installed = "";
  const answers: Readonly<Record<string, () => string>> = {
    "cat /etc/machine-id\n": () => host.machineId,
    version: () => installed,
    kubeconfig: () => kubeconfig,
    uninstall: () => {
      installed = "";
      return "";
    },
  };
  host.answer = (script, input) => {
    inputs.set(script, input);
    if (script.startsWith("install ")) installed = script.slice("install ".length);
    return { exitCode: 0, stdout: `${answers[script]?.() ?? ""}\n`, stderr: "" };
  };
  const given = { remove: () => void host.answer("uninstall", undefined), inputs };
  return { host, ...given, ...providerOver(host) };
}

function bootstrap(release: string, rest: Readonly<Record<string, string>> = { kubeconfig: "kubeconfig" }): Record<string, string> {
  return { release, install: `install ${release}`, start: "start", version: "version", ...rest };
}

function nodeInputs(release = "v1.36.2+k3s1", rest: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { connection: { address: "10.0.0.11", hostKey }, bootstrap: bootstrap(release), secrets: secret({ K3S_TOKEN: token }), ...rest };
}

describe("create", () => {
  test("installs, starts, and hands out the kubeconfig as a secret", async () => {
    const { provider, host } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    expect(id).toBe(host.machineId);
    expect(outs).toMatchObject({ kubeconfig: secret(`${kubeconfig}\n`) });
    expect(host.calls).toEqual([
      "run cat /etc/machine-id\n",
      "run install v1.36.2+k3s1",
      "run start",
      "run version",
      "run kubeconfig",
      "close",
    ]);
  });

  test("hands secrets over on standard input, to the scripts that need them and to no other", async () => {
    const { provider, inputs, host } = node();
    await provider.create(urn, nodeInputs());
    expect(Object.fromEntries(inputs)).toMatchObject({ "install v1.36.2+k3s1": `K3S_TOKEN=${token}\n`, start: `K3S_TOKEN=${token}\n` });
    expect([inputs.get("version"), inputs.get("kubeconfig")]).toEqual([undefined, undefined]);
    expect(host.calls.join("\n")).not.toContain(token);
  });

  test("leaves the token in the state as a secret only", async () => {
    const { provider } = node();
    const { outs } = await provider.create(urn, nodeInputs());
    expect(openProperties(outs).secrets).toEqual([["secrets"], ["kubeconfig"]]);
    expect(outs?.secrets).toEqual(secret({ K3S_TOKEN: token }));
  });

  test("fails when the host has another release afterwards", async () => {
    const { provider } = node();
    const wrong = nodeInputs("v1.36.2+k3s1", { bootstrap: { ...bootstrap("v1.36.2+k3s1"), install: "install v1.35.0+k3s1" } });
    await expect(provider.create(urn, wrong)).rejects.toThrow(
      "v1.36.2+k3s1 was installed and started, and the host says it has v1.35.0+k3s1.",
    );
  });

  test("says what a script said that failed, without the secrets in it", async () => {
    const { provider, host } = node();
    const usual = host.answer;
    host.answer = (script, input) =>
      script === "start" ? { exitCode: 1, stdout: "", stderr: `bad token ${token}` } : usual(script, input);
    const failing = provider.create(urn, nodeInputs());
    await expect(failing).rejects.toThrow("10.0.0.11:22: starting v1.36.2+k3s1 failed with exit code 1: bad token [secret]");
  });

  test("takes nothing for a kubeconfig that is none, and does not show it", async () => {
    const { provider, host } = node();
    const usual = host.answer;
    host.answer = (script, input) => (script === "kubeconfig" ? { exitCode: 0, stdout: "swordfish", stderr: "" } : usual(script, input));
    const thrown: unknown = await provider.create(urn, nodeInputs()).catch((error: unknown) => error);
    expect(String(thrown)).toContain("what it gave as its kubeconfig is none");
    expect(String(thrown)).not.toContain("swordfish");
  });

  test("gives a release time to be downloaded", async () => {
    const { provider, host } = node();
    await provider.create(urn, nodeInputs());
    expect(host.connection?.commandTimeout).toBe("15m");
  });
});

describe("read", () => {
  test("shows nothing where nothing changed", async () => {
    const { provider } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    const { props, inputs } = await provider.read(id, urn, outs);
    expect(props).toEqual(outs);
    expect(inputs).toEqual(nodeInputs());
    expect(await provider.diff(id, urn, props, nodeInputs())).toMatchObject({ changes: false });
  });

  test("shows a release that is gone, which is then installed again", async () => {
    const { provider, remove } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    remove();
    const { props, inputs } = await provider.read(id, urn, outs);
    expect(inputs?.bootstrap).toMatchObject({ release: "none" });
    expect(await provider.diff(id, urn, props, nodeInputs())).toMatchObject({ changes: true, replaces: [] });
  });
});

describe("update", () => {
  test("installs a new release in place", async () => {
    const { provider, host } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    host.calls.length = 0;
    await provider.update(id, urn, outs, nodeInputs("v1.36.3+k3s1"));
    expect(host.calls).toContain("run install v1.36.3+k3s1");
  });

  test("runs no script for a new address but the one that reads the kubeconfig, whose certificate may be new", async () => {
    const { provider, host } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    host.calls.length = 0;
    const state = await provider.update(id, urn, outs, nodeInputs(undefined, { connection: { address: "10.0.0.99", hostKey } }));
    expect(host.calls).toEqual(["run cat /etc/machine-id\n", "run kubeconfig", "close"]);
    expect(state.outs).toMatchObject({ kubeconfig: secret(`${kubeconfig}\n`) });
  });

  test("touches no other machine than its own", async () => {
    const { provider, host } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    host.machineId = "f".repeat(32);
    await expect(provider.update(id, urn, outs, nodeInputs("v1.36.3+k3s1"))).rejects.toThrow("Nothing was changed.");
  });
});

describe("delete", () => {
  test("leaves the node as it is, and does not even connect", async () => {
    const { provider, host, said } = node();
    const { id, outs } = await provider.create(urn, nodeInputs());
    host.calls.length = 0;
    await provider.delete(id, urn, outs);
    expect(host.calls).toEqual([]);
    expect(said.join("\n")).toContain("left as it is");
  });

  test("uninstalls when that was asked for", async () => {
    const { provider, host } = node();
    const asked = nodeInputs(undefined, { bootstrap: bootstrap("v1.36.2+k3s1", { uninstall: "uninstall" }), uninstallOnDelete: true });
    const { id, outs } = await provider.create(urn, asked);
    await provider.delete(id, urn, outs);
    expect(host.calls).toContain("run uninstall");
  });
});

test("check names every problem, and shows no secret", async () => {
  const bad = nodeInputs("v1 36", { secrets: { "k3s-token": "x", K3S_TOKEN: "sword\nfish" } });
  const { failures = [] } = await node().provider.check(urn, {}, bad);
  expect(failures.map(({ property, reason }) => `${property}: ${reason}`)).toMatchInlineSnapshot(`
    [
      "bootstrap.release: got "v1 36", expected a release such as v1.36.2+k3s1.",
      "secrets["k3s-token"]: got "k3s-token", expected a name in capitals, as variables have them.",
      "secrets.K3S_TOKEN: expected text on one line.",
    ]
  `);
  const asked = nodeInputs(undefined, { uninstallOnDelete: true });
  expect((await node().provider.check(urn, {}, asked)).failures?.map(({ property }) => property)).toEqual(["uninstallOnDelete"]);
});
