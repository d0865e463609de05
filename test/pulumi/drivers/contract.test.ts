import { TunedNodePool } from "meshground";
import { hetzner, libvirt, type MachineDriver, type MachinePool, MeshStack, ssh } from "meshground/pulumi";
import { describe, expect, test } from "vitest";
import { type AskedResource, type Deployment, deploy, type Provider } from "../deployment";
import { emptyApp, hostKey } from "../trees";

const stack = "ground";
const publicKey = `${hostKey} ops@example.no`;

interface Case {
  readonly name: string;
  /** A driver for as many machines. */
  readonly driver: (count: number) => MachineDriver;
  /** Country of the driver's machines. */
  readonly country: "NO" | "FI";
  /** What the vendor says of a resource. */
  readonly provider?: Provider;
}

const addresses = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `10.0.0.${index + 11}`);

const cases: readonly Case[] = [
  { name: "ssh", country: "NO", driver: (count) => ssh(addresses(count).map((address) => ({ address, hostKey }))) },
  {
    name: "hetzner",
    country: "FI",
    driver: () => hetzner({ serverType: "ccx33", location: "hel1", publicKey, adminFrom: ["203.0.113.7/32"] }),
    provider: (type, name) =>
      type === "hcloud:index/server:Server" ? { ipv4Address: `192.0.2.${name.match(/\d+/)?.[0]}` } : { id: "4711" },
  },
  {
    name: "libvirt",
    country: "NO",
    driver: (count) =>
      libvirt({
        hosts: { "kvm-1": { address: "10.0.0.2", hostKey } },
        guests: addresses(count).map((address) => ({ address: `${address}/24` })),
        gateway: "10.0.0.1",
        nameservers: ["10.0.0.1"],
        network: { bridge: "br0" },
        image: "/srv/debian-12.qcow2",
        publicKey,
      }),
  },
  {
    name: "a user's own",
    country: "NO",
    driver: (count) => ({
      makesMachines: false,
      names: ({ name }) => addresses(count).map((_, index) => `${name}-${String.fromCharCode(97 + index)}`),
      problems: () => [],
      begin:
        () =>
        ({ name }) => ({ connection: { address: `${name}.example.no`, hostKey } }),
    }),
  },
];

describe.each(cases)("the driver $name", ({ driver, country, provider }) => {
  const app = (count: number): ReturnType<typeof emptyApp> => {
    const tree = emptyApp({});
    new TunedNodePool(tree, "pool", {
      nodes: { count, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country },
      distribution: "kubeadm",
    });
    return tree;
  };
  const stages = ["machines", "hosts"] as const;
  const run = (count: number): Promise<Deployment> =>
    deploy(() => new MeshStack(stack, { app: app(count), machines: { pool: driver(count) }, stages }), provider);
  const pool = (count: number): MachinePool => ({
    stack,
    name: "pool",
    nodes: { count, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country },
  });
  const hosts = ({ resources }: Deployment): readonly AskedResource[] =>
    resources.filter(({ type }) => type === "meshground:index:TunedHost");

  test("names as many machines as the pool has, each once, and more without renaming one", () => {
    const [three, five] = [driver(3).names(pool(3)), driver(5).names(pool(5))];
    expect(three).toHaveLength(3);
    expect(new Set(five).size).toBe(5);
    expect(five.slice(0, 3)).toEqual(three);
    expect(five.every((name) => /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name))).toBe(true);
  });

  test("finds nothing wrong with what is right, and touches nothing by looking", async () => {
    const { resources } = await deploy(() => {
      expect(driver(2).problems(pool(2))).toEqual([]);
      driver(2).names(pool(2));
    });
    expect(resources).toEqual([]);
  });

  test("gives each machine an address and a pinned key", async () => {
    const deployment = await run(3);
    expect(deployment.errors).toEqual([]);
    const connections = hosts(deployment).map(({ inputs }) => inputs.connection as { address: string; hostKey: string });
    expect(new Set(connections.map(({ address }) => address)).size).toBe(3);
    expect(connections.every(({ hostKey: key }) => key.startsWith("ssh-ed25519 AAAA"))).toBe(true);
  });

  test("makes each machine before its host, and one machine after the other", async () => {
    const deployment = await run(3);
    const asked = deployment.resources.map(({ name }) => name);
    for (const { waitsFor, name } of deployment.resources) {
      for (const other of waitsFor) expect(asked.indexOf(other), `${other} before ${name}`).toBeLessThan(asked.indexOf(name));
    }
    const order = hosts(deployment).map(({ name }) => name);
    expect([...order].sort()).toEqual(order);
  });

  test("leaves the resources of a machine alone when the pool grows", async () => {
    const [three, five] = [await run(3), await run(5)];
    const later = new Map(five.resources.map((resource) => [resource.urn, JSON.stringify(resource.inputs)]));
    expect(three.resources.filter(({ urn, inputs }) => later.get(urn) !== JSON.stringify(inputs))).toEqual([]);
  });

  test("puts everything below the stack, under names that begin with it", async () => {
    const { resources } = await run(2);
    expect(resources.slice(1).filter(({ name, parent }) => parent !== stack || !name.startsWith(`${stack}/`))).toEqual([]);
  });

  test("lets no private key into an input that is not secret", async () => {
    const { resources } = await run(2);
    const open = resources.flatMap(({ name, inputs, secrets }) =>
      Object.entries(inputs)
        .filter(([input, value]) => !secrets.includes(input) && JSON.stringify(value).includes("PRIVATE KEY"))
        .map(([input]) => `${name}.${input}`),
    );
    expect(open).toEqual([]);
  });

  test("is refused without the stage in which it makes machines", async () => {
    const alone = (): unknown => new MeshStack(stack, { app: app(2), machines: { pool: driver(2) }, stages: ["hosts"] });
    const refusal = /machines.pool: the driver makes machines, and the stage "machines" is not among those asked for/;
    await deploy(() => {
      if (driver(2).makesMachines) expect(alone).toThrow(refusal);
      else expect(alone).not.toThrow();
    });
  });
});
