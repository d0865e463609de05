import { HostKeyPair, KubernetesNode, TunedHost } from "meshground/pulumi";
import { describe, expect, test } from "vitest";
import { engines } from "../engines.mts";
import { isMissing } from "../program";
import { inlineStack, projectFolder, recorder } from "./project.mts";

describe.skipIf(isMissing(engines.pulumi))("a preview", () => {
  const { options } = recorder();

  test("works for a machine that does not exist yet, and names what is known", async () => {
    const stack = await inlineStack(projectFolder("preview"), async () => {
      const { publicKey, privateKey, fingerprint } = new HostKeyPair("oslo-1");
      const connection = { address: fingerprint, hostKey: publicKey, privateKey };
      const host = new TunedHost("oslo-1", {
        connection,
        pool: "oslo",
        kernel: { "net.core.somaxconn": "32768", "vm.swappiness": fingerprint },
      });
      const bootstrap = { release: "v1.36.2+k3s1", install: "i", start: "s", version: "v" };
      const node = new KubernetesNode("oslo-1", { connection, bootstrap, secrets: { K3S_TOKEN: privateKey } }, { dependsOn: [host] });
      return { release: host.kernelRelease, kubeconfig: node.kubeconfig };
    });
    const { stdout, changeSummary } = await stack.preview({ ...options, diff: true });
    expect(changeSummary).toEqual({ create: 4 });
    expect(stdout).toContain(`net.core.somaxconn: "32768"`);
    expect(stdout).toMatch(/release +: \[unknown\]/);
  });

  test("fails with every problem at once, each at the path that the program has", async () => {
    const stack = await inlineStack(projectFolder("preview"), async () => {
      const connection = { address: "10.0.0.11", hostKey: "SHA256:abc", privateKey: "swordfish" };
      const files = { "/etc/shadow": { content: "x\n", mode: "0644" as const } };
      new TunedHost("oslo-1", { connection, pool: "oslo", kernel: { "net.core.somaxconn": "32768; reboot" }, files });
    });
    const failing = stack.preview(options);
    for (const problem of [
      /connection\.hostKey.*expected a public host key/,
      /kernel\["net\.core\.somaxconn"\]/,
      /files\["\/etc\/shadow"\]/,
    ]) {
      await expect(failing).rejects.toThrow(problem);
    }
    await expect(failing).rejects.not.toThrow("swordfish");
  });
});
