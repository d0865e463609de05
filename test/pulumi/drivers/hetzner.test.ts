import { TunedNodePool } from "meshground";
import { type HetznerProps, hetzner, MeshStack } from "meshground/pulumi";
import { describe, expect, test } from "vitest";
import { type AskedResource, type Deployment, deploy, listing } from "../deployment";
import { emptyApp, hostKey } from "../trees";

const props: HetznerProps = { serverType: "ccx33", location: "hel1", publicKey: `${hostKey} ops`, adminFrom: ["203.0.113.7/32"] };
const run = (different: Partial<HetznerProps> = {}, count = 2): Promise<Deployment> =>
  deploy(
    () => {
      const app = emptyApp({});
      new TunedNodePool(app, "helsinki", { nodes: { count, cpu: 8, memory: "32Gi", country: "FI" }, distribution: "kubeadm" });
      return new MeshStack("shop", { app, machines: { helsinki: hetzner({ ...props, ...different }) }, stages: ["machines", "hosts"] });
    },
    (type) => (type === "hcloud:index/server:Server" ? { ipv4Address: "192.0.2.1" } : undefined),
  );
const problems = (different: object): readonly string[] =>
  hetzner({ ...props, ...different } as HetznerProps)
    .problems({ stack: "shop", name: "helsinki", nodes: { count: 2, cpu: 8, memory: "32Gi", country: "FI" } })
    .map(({ path, message }) => `${path}: ${message}`);
const server = ({ resources }: Deployment): AskedResource => {
  const found = resources.find(({ type }) => type === "hcloud:index/server:Server");
  if (found === undefined) throw new Error("no server was asked for");
  return found;
};

describe("Hetzner's machines", () => {
  test("are servers in one network behind one firewall, spread over hosts", async () => {
    await expect(listing(await run(), "shop")).toMatchFileSnapshot("../../golden/pulumi/hetzner.txt");
  });

  test("are made with the least that is needed", async () => {
    expect({ ...server(await run()).inputs, userData: undefined }).toMatchInlineSnapshot(`
      {
        "deleteProtection": true,
        "firewallIds": [
          4711,
        ],
        "image": "debian-12",
        "labels": {
          "pool": "helsinki",
          "stack": "shop",
        },
        "location": "hel1",
        "name": "helsinki-1",
        "networks": [
          {
            "networkId": 4711,
          },
        ],
        "placementGroupId": 4711,
        "rebuildProtection": true,
        "serverType": "ccx33",
        "shutdownBeforeDeletion": true,
        "sshKeys": [
          "4711",
        ],
        "userData": undefined,
      }
    `);
  });

  test("get their host key by user data, which is secret and never replaces them", async () => {
    const { secrets, inputs, ignoreChanges } = server(await run());
    expect(secrets).toEqual(["userData"]);
    expect(JSON.stringify(inputs.userData)).toContain("ed25519_private: |\\n    -----BEGIN OPENSSH PRIVATE KEY-----");
    expect(ignoreChanges).toEqual(["userData", "image", "sshKeys"]);
  });

  test("cannot be deleted by mistake, unless that is asked for", async () => {
    expect(server(await run())).toMatchObject({ protect: true, inputs: { deleteProtection: true, rebuildProtection: true } });
    expect(server(await run({ protect: false }))).toMatchObject({
      protect: false,
      inputs: { deleteProtection: false, rebuildProtection: false },
    });
  });

  test("let in those who run them, and the ports that were asked for", async () => {
    const { resources } = await run({ open: [{ port: 443 }, { port: 51820, protocol: "udp", from: ["198.51.100.0/24"] }] });
    expect(resources.find(({ type }) => type.endsWith(":Firewall"))?.inputs.rules).toEqual([
      { direction: "in", protocol: "tcp", port: "22", sourceIps: ["203.0.113.7/32"] },
      { direction: "in", protocol: "tcp", port: "6443", sourceIps: ["203.0.113.7/32"] },
      { direction: "in", protocol: "tcp", port: "443", sourceIps: ["0.0.0.0/0", "::/0"] },
      { direction: "in", protocol: "udp", port: "51820", sourceIps: ["198.51.100.0/24"] },
    ]);
  });

  test("come ten to a placement group, which takes no more", async () => {
    const { resources } = await run({}, 12);
    expect(resources.filter(({ type }) => type.endsWith(":PlacementGroup")).map(({ name }) => name)).toEqual([
      "shop/helsinki/spread-1",
      "shop/helsinki/spread-2",
    ]);
  });

  test("stand in the pool's country, and are asked for in Hetzner's words", () => {
    expect(problems({ location: "fsn1" })).toMatchInlineSnapshot(`
      [
        "location: got "fsn1", expected a location in FI, where the pool helsinki stands. fsn1 is in DE.",
      ]
    `);
    expect(problems({ location: "osl1", adminFrom: [], serverType: "CCX 33", publicKey: "x", open: [{ port: 0 }] })).toMatchInlineSnapshot(`
      [
        "serverType: got "CCX 33", expected a type of server such as ccx33.",
        "location: got "osl1", expected one of "fsn1", "nbg1", "hel1", "ash", "hil", "sin".",
        "publicKey: got "x", expected a public key: ssh-ed25519 AAAA….",
        "adminFrom: got [], expected at least one item.",
        "open[0].port: got 0, expected a whole number from 1 to 65535.",
      ]
    `);
  });
});
