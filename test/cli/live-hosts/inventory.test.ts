import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { inventory } from "../../../lib/cli/live-hosts/inventory";
import { namedHosts } from "../../../lib/cli/live-hosts/named-hosts";
import { UsageError } from "../../../lib/cli/usage-error";
import { keyPair } from "../../hosts/ssh-server";
import { temporaryFolder } from "../../support/temporary";
import { meshground } from "../meshground";
import { Fleet } from "./fleet";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
const one = { address: "10.0.0.11", hostKey, pool: "oslo" };

/** What is wrong with an inventory: `path: message`. */
function problems(data: unknown): readonly string[] {
  return inventory("", data).map(({ path, message }) => `${path}: ${message}`);
}

const fleet = new Fleet();
afterAll(() => fleet.stop());

/** The hosts of a text, or what is wrong with it. */
function hostsOf(text: string, choice: Partial<Parameters<typeof namedHosts>[0]> = {}, environment: Record<string, string> = {}) {
  fleet.write("hosts.yaml", text);
  try {
    return namedHosts({ inventory: join(fleet.folder, "hosts.yaml"), host: [], pool: [], ...choice }, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).problems.map((line) => line.replace(`--inventory ${fleet.folder}/`, ""));
  }
}

describe("an inventory", () => {
  test.each([
    { hosts: { "oslo-1": one } },
    { defaults: { pool: "oslo", user: "deploy" }, hosts: { a: { address: "10.0.0.11", hostKey }, b: { address: "10.0.0.12", hostKey } } },
    { hosts: { a: one, b: { ...one, port: 2222 } } },
    { hosts: { a: { ...one, jump: { address: "jump.example.no", hostKey, privateKeyFile: "~/.ssh/jump" }, commandTimeout: "5m" } } },
  ])("holds: %j", (data) => {
    expect(problems(data)).toEqual([]);
  });

  test("that the documentation shows holds", () => {
    const text = /```yaml\n(# hosts\.yaml\n.*?)```/s.exec(readFileSync("docs/hosts.md", "utf8"))?.[1] ?? "";
    expect(hostsOf(text, {}, { MESHGROUND_SUDO_PASSWORD: "s3" })).toMatchObject([{ name: "oslo-1" }, { connection: { port: 2222 } }]);
  });

  test("that is wrong is told of everything at once, each with its path", () => {
    const wrong = {
      defaults: { usr: "deploy", port: 0 },
      hosts: { "oslo-1": { address: "-oProxyCommand=x" }, "oslo 2": one, c: { ...one, agnt: "/run/agent", hostKey: "SHA256:abc" } },
    };
    expect(problems(wrong)).toMatchInlineSnapshot(`
      [
        "defaults.usr: unknown prop. Did you mean "user"?",
        "defaults.port: got 0, expected a whole number from 1 to 65535.",
        "hosts["oslo-1"].address: got "-oProxyCommand=x", expected a host name or IP address.",
        "hosts["oslo-1"].hostKey: got nothing, expected a public host key as in /etc/ssh/ssh_host_ed25519_key.pub: "ssh-ed25519 AAAA…".",
        "hosts["oslo 2"]: got "oslo 2", expected a name of letters, digits, dots, dashes and underscores.",
        "hosts.c.agnt: unknown prop. Did you mean "agent"?",
        "hosts.c.hostKey: got "SHA256:abc", expected a public host key as in /etc/ssh/ssh_host_ed25519_key.pub: "ssh-ed25519 AAAA…". A fingerprint is not enough: the whole key stands in that file on the host.",
      ]
    `);
  });

  test("without a pool, with no host, or with two names for one machine does not hold", () => {
    expect(problems({ hosts: { a: { address: "10.0.0.11", hostKey } } })).toEqual([
      "hosts.a.pool: got nothing, expected the name of the host's pool. Or say it for all hosts, in defaults.",
    ]);
    expect(problems({ hosts: {} })).toEqual(["hosts: got {}, expected at least one host."]);
    expect(problems({ hosts: { a: one, b: { ...one, address: "10.0.0.11", user: "deploy" } } })).toEqual([
      'hosts.b.address: got "10.0.0.11", expected an address and a port of its own: a has them.',
    ]);
  });

  test("with a secret in it does not hold, and the secret is shown nowhere", () => {
    const secret = "hunter2-hunter2";
    const { private: key } = keyPair();
    const found = problems({
      defaults: { passphrase: secret, privateKeyFile: key },
      hosts: {
        a: {
          ...one,
          sudoPassword: secret,
          sudoPasswordVariable: secret,
          privateKey: key,
          jump: { address: "j", hostKey: key, passphrase: secret },
        },
      },
    });
    expect(found.map((line) => line.slice(0, line.indexOf(": ")))).toEqual([
      "defaults.privateKeyFile",
      "defaults.passphrase",
      "hosts.a.privateKey",
      "hosts.a.sudoPassword",
      "hosts.a.sudoPasswordVariable",
      "hosts.a.jump.hostKey",
      "hosts.a.jump.passphrase",
    ]);
    expect(found.join("\n")).not.toContain(secret);
    expect(found.join("\n")).not.toContain(key.split("\n")[1]);
  });

  test.each(["../etc", "a/b", "", ".", "..", "a\u001b[31m"])("that names the pool %j does not hold: it is a folder", (pool) => {
    expect(problems({ hosts: { a: { ...one, pool } } })).toHaveLength(1);
  });

  test.each(["PATH", "AWS_SECRET_ACCESS_KEY", "MESHGROUND_", "meshground_x"])("that names the variable %s does not hold", (variable) => {
    expect(problems({ hosts: { a: { ...one, sudoPasswordVariable: variable } } })).toEqual([
      expect.stringContaining("begins with MESHGROUND_"),
    ]);
  });
});

describe("the hosts of a file", () => {
  const text = (more = ""): string => `defaults: {pool: oslo, user: deploy}
hosts:
  a: {address: 10.0.0.11, hostKey: ${hostKey}, privateKeyFile: keys/a${more}}
  b: {address: 10.0.0.12, hostKey: ${hostKey}, pool: bergen}
`;

  test("have what the defaults say and they do not, and paths from where the file lies", () => {
    expect(hostsOf(text())).toEqual([
      {
        name: "a",
        pool: "oslo",
        connection: { address: "10.0.0.11", hostKey, user: "deploy", privateKeyFile: join(fleet.folder, "keys/a") },
      },
      { name: "b", pool: "bergen", connection: { address: "10.0.0.12", hostKey, user: "deploy" } },
    ]);
  });

  test("have their secrets from the environment, and a variable that is not set is named", () => {
    const variable = text(", sudoPasswordVariable: MESHGROUND_SUDO");
    expect(hostsOf(variable, {}, { MESHGROUND_SUDO: "s3" })[0]).toMatchObject({ connection: { sudoPassword: "s3" } });
    expect(hostsOf(variable)).toEqual([
      "hosts.yaml: hosts.a.sudoPasswordVariable: the environment has no variable MESHGROUND_SUDO, or an empty one. Set it for this command.",
    ]);
    expect(hostsOf(variable, { host: ["b"] })).toHaveLength(1);
  });

  test("are those of the names and pools that were asked for; a name that is none is refused with the nearest", () => {
    expect(hostsOf(text(), { pool: ["bergen"] })).toMatchObject([{ name: "b" }]);
    expect(hostsOf(text(), { host: ["zebra"], pool: ["osla"] })).toEqual([
      '--host: the inventory has no host "zebra". There are: a, b.',
      '--pool: the inventory has no pool "osla". Did you mean "oslo"?',
    ]);
    expect(hostsOf(text(), { host: ["a"], pool: ["bergen"] })).toEqual([expect.stringContaining("--host, --pool: no host of")]);
  });

  test.each([
    ["no YAML", "hosts: [", "hosts.yaml:1: "],
    ["one key twice", "hosts: {}\nhosts: {}\n", "hosts.yaml:2: "],
    ["something else", "- a\n", "hosts.yaml: got"],
    ["nothing", "", "hosts.yaml"],
  ])("of %s are none: the file and the place are named", (_, content, expected) => {
    expect(hostsOf(content)[0]).toContain(expected);
  });
});

describe("the command", () => {
  test("ends with 2 before it connects, and shows no control character of an inventory", async () => {
    const folder = temporaryFolder("inventory");
    const found = await meshground(["hosts", "plan", "--inventory", join(folder, "no\u001b[31m.yaml")]);
    expect(found).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("no\\x1b[31m.yaml: there is no such file.") });
    expect(await meshground(["hosts", "plan"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--inventory") });
  });

  test("names every profile that is not there, or not one", async () => {
    hostsOf(`hosts:
  a: {address: 10.0.0.11, hostKey: ${hostKey}, pool: lost}
  b: {address: 10.0.0.12, hostKey: ${hostKey}, pool: wrong}
  c: {address: 10.0.0.13, hostKey: ${hostKey}, pool: renamed}
`);
    fleet.write(
      "artefacts/nodes/wrong/profile.json",
      JSON.stringify({ pool: "wrong", settings: [{ key: "../x" }], files: [], modules: [] }),
    );
    fleet.write("artefacts/nodes/renamed/profile.json", JSON.stringify({ pool: "oslo", settings: [], files: [], modules: [] }));
    const { code, stderr } = await fleet.run("plan");
    expect(code).toBe(2);
    expect(stderr.replaceAll(`${fleet.folder}/`, "")).toMatchInlineSnapshot(`
      "meshground: artefacts/nodes/lost/profile.json: there is no such file. Let the program of the tree write it (npx cdk8s synth), or name the folder where it did in --artefacts.
      meshground: artefacts/nodes/wrong/profile.json: settings[0].key: got "../x", expected the name of a kernel key, with dots.
      meshground: artefacts/nodes/wrong/profile.json: settings[0].mode: got nothing, expected one of "exact", "atLeast".
      meshground: artefacts/nodes/wrong/profile.json: settings[0].value: got nothing, expected words of letters, digits and _ . , : + -, with one space between them.
      meshground: artefacts/nodes/renamed/profile.json: pool: got "oslo", expected "renamed", as its folder says.
      "
    `);
  });

  test.each(["0", "x", "1.5", "-1"])("refuses to work on %s hosts at a time", async (number) => {
    hostsOf(`hosts: {a: {address: 10.0.0.11, hostKey: ${hostKey}, pool: oslo}}`);
    expect(await fleet.run("apply", ["--at-a-time", number])).toMatchObject({ code: 2, stderr: expect.stringContaining("--at-a-time") });
  });
});
