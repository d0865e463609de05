import { utils } from "ssh2";
import { describe, expect, test } from "vitest";
import { tryHostKey } from "../../../lib/hosts/host-key";
import { clusterTokenSecret } from "../../../lib/pulumi/provider/cluster-token-secret";
import { GroundProvider } from "../../../lib/pulumi/provider/ground-provider";
import { hostKeyPairSecret } from "../../../lib/pulumi/provider/host-key-pair-secret";
import { KeptSecretOperations } from "../../../lib/pulumi/provider/kept-secret-operations";
import { openProperties } from "../../../lib/pulumi/provider/property-values";
import { unknownValue } from "./wire";

const types = { pair: new KeptSecretOperations(hostKeyPairSecret), token: new KeptSecretOperations(clusterTokenSecret) };
const provider = new GroundProvider("1.2.3", types, { onCancel: async () => undefined });
const pairUrn = "urn:pulumi:dev::shop::pair::a";
const tokenUrn = "urn:pulumi:dev::shop::token::a";

describe("a host key pair", () => {
  test("is one: the private key belongs to the public one, which can be pinned", async () => {
    const { id, outs } = await provider.create(pairUrn, { comment: "oslo-1" });
    const { values, secrets } = openProperties(outs);
    const parsed = utils.parseKey(String(values.privateKey));
    if (parsed instanceof Error) throw parsed;
    expect(`ssh-ed25519 ${parsed.getPublicSSH().toString("base64")} oslo-1`).toBe(values.publicKey);
    expect(tryHostKey(values.publicKey)?.type).toBe("ssh-ed25519");
    expect(id).toBe(values.fingerprint);
    expect(secrets).toEqual([["privateKey"]]);
  });

  test("stays as it is, with a comment or without, and is made anew for another comment", async () => {
    const { id, outs } = await provider.create(pairUrn, {});
    expect(await provider.diff(id, pairUrn, outs, {})).toMatchObject({ changes: false, replaces: [] });
    expect(await provider.diff(id, pairUrn, outs, { comment: "oslo-2" })).toMatchObject({ replaces: ["comment"] });
    expect((await provider.read(id, pairUrn, outs)).props).toEqual(outs);
  });
});

describe("a cluster token", () => {
  test("has the form that kubeadm takes, with a key for certificates", async () => {
    const { values, secrets } = openProperties((await provider.create(tokenUrn, { distribution: "kubeadm" })).outs);
    expect(values.token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(values.certificateKey).toMatch(/^[0-9a-f]{64}$/);
    expect(secrets).toEqual([["token"], ["certificateKey"]]);
  });

  test("is 32 bytes of chance for k3s, never twice the same, and no part of the id", async () => {
    const made = await Promise.all([1, 2].map(() => provider.create(tokenUrn, {})));
    const tokens = made.map(({ outs }) => String(openProperties(outs).values.token));
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(tokens).size).toBe(2);
    for (const { id } of made) expect(tokens.join()).not.toContain(id);
  });

  test("checks its inputs, when they are known", async () => {
    expect((await provider.check(tokenUrn, {}, { distribution: "k8s" })).failures).toHaveLength(1);
    expect((await provider.check(tokenUrn, {}, { distribution: unknownValue })).failures).toEqual([]);
  });

  test("cannot be imported", async () => {
    await expect(provider.read("id", tokenUrn, {})).rejects.toThrow("cannot be imported");
  });
});
