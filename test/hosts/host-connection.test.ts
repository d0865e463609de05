import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostConnection } from "../../lib/hosts/host-connection";
import { fingerprint, hostKey, tryHostKey } from "../../lib/hosts/host-key";
import { keyPair } from "./ssh-server";

const { public: publicKey, private: privateKey } = keyPair();
const connection = { address: "10.0.0.11", hostKey: publicKey };

function problems(more: object): readonly string[] {
  return hostConnection("", { ...connection, ...more }).map(({ path }) => path);
}

describe("a connection", () => {
  test.each([
    {},
    { address: "oslo-1.example.no", port: 2222, user: "deploy", privateKey, sudoPassword: "a b" },
    { address: "2001:db8::1", privateKeyFile: "/home/me/.ssh/id_ed25519", passphrase: "x" },
    { address: "fe80::1%eth0", agent: "/run/agent", jump: connection, connectTimeout: "100ms", commandTimeout: "24h" },
  ])("holds: %j", (more) => {
    expect(problems(more)).toEqual([]);
  });

  test.each([
    [{ address: "-oProxyCommand=x" }, ["address"]],
    [{ address: "a b" }, ["address"]],
    [{ address: "" }, ["address"]],
    [{ port: 0 }, ["port"]],
    [{ user: "a;b" }, ["user"]],
    [{ sudoPassword: "a\nb" }, ["sudoPassword"]],
    [{ sudoPassword: "" }, ["sudoPassword"]],
    [{ privateKey: "AAAA" }, ["privateKey"]],
    [{ privateKey, privateKeyFile: "/x" }, [""]],
    [{ connectTimeout: "1ms" }, ["connectTimeout"]],
    [{ jump: { ...connection, sudoPassword: "x" } }, ["jump.sudoPassword"]],
    [{ jump: { address: "x" } }, ["jump.hostKey"]],
    [{ hostKey: "SHA256:abc" }, ["hostKey"]],
    [{ password: "x" }, ["password"]],
  ])("does not hold: %j", (more, expected) => {
    expect(problems(more)).toEqual(expected);
  });

  test("shows no secret in a problem, whatever is wrong with it", () =>
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: fc.constantFrom("7", "q", "\n", "\u0000") }), (secret) => {
        const wrong = {
          ...connection,
          privateKey: secret,
          passphrase: 7,
          sudoPassword: `${secret}\n`,
          jump: { ...connection, privateKey: secret },
        };
        expect(JSON.stringify(hostConnection("", wrong))).not.toContain(JSON.stringify(secret).slice(1, -1));
      }),
    ));
});

describe("a host key", () => {
  test("is read with or without a comment, and its fingerprint is that of ssh-keygen", () => {
    const known = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
    expect(tryHostKey(`${known} root@host\n`)).toEqual(tryHostKey(known));
    expect(fingerprint(tryHostKey(known)?.blob ?? Buffer.of())).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(tryHostKey(keyPair("ecdsa").public)?.type).toBe("ecdsa-sha2-nistp256");
  });

  test("says one type in its word and in its bytes", () => {
    expect(tryHostKey(publicKey.replace("ssh-ed25519", "ssh-rsa"))).toBeUndefined();
  });

  test("is not understood when any character of it is another one, or it is the same key", () =>
    fc.assert(
      fc.property(fc.nat(publicKey.length - 1), fc.constantFrom(..."ABcd01+/= -\n"), (at, other) => {
        const changed = publicKey.slice(0, at) + other + publicKey.slice(at + 1);
        const key = tryHostKey(changed);
        expect([undefined, changed.trim()]).toContain(key && `${key.type} ${key.blob.toString("base64")}`);
      }),
    ));

  test.each([
    [privateKey, "The public one stands in the file that ends in .pub."],
    ["SHA256:abc", "A fingerprint is not enough"],
    [`oslo-1 ${publicKey}`, "Leave out the host name"],
  ])("that is something else is refused with what to do", (text, hint) => {
    const [problem] = hostKey("hostKey", text);
    expect(problem?.message).toContain(hint);
    expect(problem?.message).not.toContain(privateKey.split("\n")[2]);
  });
});
