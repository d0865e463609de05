import { MeshApp, TunedNodePool } from "meshground";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { artefacts } from "../../lib/core/artefact";
import { machineUserData } from "../../lib/pulumi/machine-user-data";
import { hostKey } from "./trees";

const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const identity = { privateKey, publicKey: `${hostKey} oslo-1` };
const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
const pool = new TunedNodePool(app, "oslo", { nodes: { count: 1, cpu: 2, memory: "4Gi", country: "NO" }, distribution: "k3s" });
const poolData = artefacts(pool).find(({ path }) => path.endsWith("/user-data"))?.content ?? "";

describe("the user data of a new machine", () => {
  test("is the pool's, with the machine's own key and no other", () => {
    const [own, shared] = [parse(machineUserData(poolData, identity)), parse(poolData)];
    expect(own).toEqual({
      ...shared,
      disable_root: false,
      ssh_deletekeys: true,
      ssh_keys: { ed25519_private: privateKey, ed25519_public: `${hostKey} oslo-1` },
    });
  });

  test("is small enough for every vendor", () => {
    expect(machineUserData(poolData, identity).length).toBeLessThan(16_384);
  });

  test.each([
    ["user data that is none", "#!/bin/sh\n", identity],
    ["user data that sets keys itself", "#cloud-config\nssh_keys: {}\n", identity],
    ["a private key with something in it", poolData, { ...identity, privateKey: `${privateKey}runcmd: [reboot]\n` }],
    ["a public key with a line more", poolData, { ...identity, publicKey: `${hostKey}\nruncmd: [reboot]` }],
  ])("is refused for %s", (_, data, keys) => {
    expect(() => machineUserData(data, keys)).toThrow(RangeError);
  });
});
