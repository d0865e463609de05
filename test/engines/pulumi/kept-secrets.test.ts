import { secret } from "@pulumi/pulumi";
import { ClusterToken, HostKeyPair } from "meshground/pulumi";
import { describe, expect, test } from "vitest";
import { engines } from "../engines.mts";
import { isMissing } from "../program";
import { filesWith, includesAny, inlineStack, linesOf, passphrase, projectFolder, recorder } from "./project.mts";

describe.skipIf(isMissing(engines.pulumi))("what is made once and kept in the state", () => {
  test("stays the same, is secret for the program, and is plain nowhere", async () => {
    const folder = projectFolder("kept-secrets");
    const stack = await inlineStack(folder, async () => {
      const { publicKey, privateKey } = new HostKeyPair("oslo-1");
      const { token, certificateKey } = new ClusterToken("oslo", { distribution: "kubeadm" });
      return { publicKey, privateKey, token, certificateKey, both: secret([token, privateKey]) };
    });
    const { said, options } = recorder();

    const { outputs } = await stack.up(options);
    const { outputs: again, summary } = await stack.up({ ...options, refresh: true });
    expect(summary.resourceChanges).toEqual({ same: 3 });
    expect(again).toEqual(outputs);
    const { publicKey, ...secrets } = outputs;
    expect(publicKey?.secret).toBe(false);
    expect(Object.values(secrets).map((output) => output.secret)).toEqual([true, true, true, true]);

    const plain = [
      passphrase,
      String(outputs.token?.value),
      String(outputs.certificateKey?.value),
      ...linesOf(String(outputs.privateKey?.value)),
    ];
    expect(plain).toHaveLength(7);
    expect(includesAny(said(), plain)).toBe(false);
    expect(filesWith(folder, plain)).toEqual([]);
    await stack.destroy(options);
    expect(includesAny(said(), plain)).toBe(false);
  });
});
