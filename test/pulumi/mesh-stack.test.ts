import { createHash } from "node:crypto";
import { ApiObject, Chart } from "cdk8s";
import { TunedNodePool } from "meshground";
import { type MachineDriver, MeshStack, type MeshStackArgs, ssh } from "meshground/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { suppress } from "../../lib/core/finding";
import { declareMovedFields } from "../../lib/core/moved-fields";
import { k3sOf } from "../nodes/kubernetes";
import { type AskedResource, authority, type Deployment, deploy, listing } from "./deployment";
import { emptyApp, hostKey, machines, oslo, servers } from "./trees";

const stack = "oslo-production";
const kubeconfig = "apiVersion: v1\nkind: Config\n# a secret\n";
const run = (args: Partial<MeshStackArgs> = {}): Promise<Deployment> =>
  deploy(() => new MeshStack(stack, { app: oslo(), machines, kubeconfig, ...args }));
/** What the example asks for on a cluster that is there, and before there is one: once for all tests that only look at it. */
const whole = once(() => run());
const withoutCluster = once(() => deploy(() => new MeshStack(stack, { app: oslo(), machines })));
const named = ({ resources }: Deployment, name: string): AskedResource => {
  const found = resources.find((resource) => resource.name === `${stack}/${name}`);
  if (found === undefined) throw new Error(`${name} was not asked for`);
  return found;
};
const typesOf = ({ resources }: Deployment): readonly string[] => [...new Set(resources.map(({ type }) => type.replace(/:.*\//, ":")))];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a MeshStack", () => {
  test("refuses releases that the environment puts in place of the program's", async () => {
    vi.stubEnv("MESHGROUND_ISTIO", "1.31.0");
    await expect(run()).rejects.toThrow("app: MESHGROUND_ISTIO or MESHGROUND_KUBERNETES is set");
  });

  test("asks for the platform's resources, each after what it needs", async () => {
    const deployment = await withoutCluster();
    expect(deployment.errors).toEqual([]);
    await expect(listing(deployment, stack)).toMatchFileSnapshot("../golden/pulumi/oslo-production.txt");
  });

  test("asks for nothing before what it waits for", async () => {
    const { resources } = await withoutCluster();
    const asked = resources.map(({ name }) => name);
    expect(resources.flatMap(({ name, waitsFor }) => waitsFor.filter((other) => asked.indexOf(other) >= asked.indexOf(name)))).toEqual([]);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("hands over every object of the app as it is in the manifests", async () => {
    const { resources } = await whole();
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm"));
    const identity = ({ kind, metadata }: { kind?: unknown; metadata?: unknown }): string => `${kind} ${JSON.stringify(metadata)}`;
    const manifests = oslo()
      .charts.flatMap((chart) => chart.toJson() as { kind: string; metadata: unknown }[])
      .map(identity);
    expect(objects.map(({ inputs }) => identity(inputs)).sort()).toEqual(manifests.sort());
  });

  test("touches the objects of one service when one service changes", async () => {
    const [before, after] = [await whole(), await run({ app: oslo({ host: "pay2.example.no" }) })];
    const inputs = ({ resources }: Deployment): Map<string, string> =>
      new Map(resources.map((resource) => [resource.urn, JSON.stringify([resource.inputs, resource.waitsFor])]));
    const [old, now] = [inputs(before), inputs(after)];
    const changed = [...new Set([...old.keys(), ...now.keys()])].filter((urn) => old.get(urn) !== now.get(urn));
    expect(
      changed
        .map((urn) =>
          urn
            .split("::")
            .at(-1)
            ?.slice(stack.length + 1),
        )
        .sort(),
    ).toEqual([
      "istio-system/Gateway/istio-ingressgateway-pay-example-no",
      "istio-system/Gateway/istio-ingressgateway-pay2-example-no",
      "strict-secure-ns/Rollout/payment-service", // it names the routes whose weights it moves
      "strict-secure-ns/VirtualService/payment-service-istio-ingressgateway-pay-example-no",
      "strict-secure-ns/VirtualService/payment-service-istio-ingressgateway-pay2-example-no",
    ]);
  });

  test("names each resource the same whatever else is in the tree", async () => {
    const app = oslo();
    new ApiObject(new Chart(app, "extra"), "first", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "aaa" } });
    const [before, after] = [await whole(), await run({ app })];
    const urns = new Set(after.resources.map(({ urn }) => urn));
    expect(before.resources.filter(({ urn }) => !urns.has(urn))).toEqual([]);
    expect(after.resources.length).toBe(before.resources.length + 1);
  });

  test("is the parent of everything", async () => {
    const { resources } = await whole();
    expect(new Set(resources.slice(1).map(({ parent }) => parent))).toEqual(new Set([stack]));
  });

  test("runs one stage alone", async () => {
    expect(typesOf(await deploy(() => new MeshStack(stack, { app: oslo(), machines, stages: ["hosts"] })))).toEqual([
      "meshground:index:MeshStack",
      "meshground:index:TunedHost",
    ]);
    expect(typesOf(await run({ machines: {}, stages: ["policies"] }))).toEqual([
      "meshground:index:MeshStack",
      "pulumi:providers:kubernetes",
      "kubernetes:v1:PeerAuthentication",
      "kubernetes:v1:AuthorizationPolicy",
    ]);
  });

  test("gives every host its pool's profile", async () => {
    const { inputs } = named(await run({ stages: ["hosts"] }), "oslo-1");
    expect(inputs).toMatchObject({
      pool: "oslo",
      connection: { address: "10.0.0.11", user: "ops", hostKey },
      kernel: { "fs.file-max": "at least 2097152", "net.core.somaxconn": "32768" },
    });
  });

  test("never begins what waits for a host that fails", async () => {
    const failing = await deploy(
      () => new MeshStack(stack, { app: oslo(), machines, kubeconfig }),
      (_type, name) => {
        if (name === `${stack}/oslo-1`) throw new Error("net.core.somaxconn: wanted 32768, got 4096");
        return undefined;
      },
    );
    expect(failing.errors.join()).toContain("wanted 32768, got 4096");
    expect(failing.resources.map(({ name }) => name)).toEqual([stack, `${stack}/oslo-1`]);
  });

  test("works on one host first, then on as many at once as asked for", async () => {
    const app = emptyApp();
    new TunedNodePool(app, "many", { nodes: { count: 6, cpu: 2, memory: "4Gi", country: "NO" }, distribution: "kubeadm" });
    const many = ssh(Array.from({ length: 6 }, (_, index) => ({ address: `10.0.0.${index + 1}`, hostKey })));
    const waits = async (atATime?: number): Promise<readonly string[]> => {
      const args = { app, machines: { many }, stages: ["hosts"] as const, ...(atATime !== undefined && { atATime }) };
      const { resources } = await deploy(() => new MeshStack(stack, args));
      return resources
        .slice(1)
        .map(({ name, waitsFor }) => [name, ...waitsFor].map((other) => other.slice(-1)).join("<"))
        .sort();
    };
    expect(await waits(1)).toEqual(["1", "2<1", "3<1<2", "4<1<3", "5<1<4", "6<1<5"]);
    expect(await waits(2)).toEqual(["1", "2<1", "3<1", "4<1<2", "5<1<3", "6<1<4"]);
    expect(await waits()).toEqual(["1", "2<1", "3<1", "4<1", "5<1", "6<1"]);
  });

  test("makes a cluster of k3s: one server begins it, the others join one by one, then the agents, at most so many at once", async () => {
    const app = emptyApp();
    const k3s = k3sOf();
    const shape = { cpu: 2, memory: "4Gi", country: "NO" } as const;
    new TunedNodePool(app, "work", { nodes: { ...shape, count: 4 }, kubernetes: k3s.agent() });
    new TunedNodePool(app, "control", { nodes: { ...shape, count: 3 }, kubernetes: k3s.server() });
    const list = (count: number): MachineDriver =>
      ssh(Array.from({ length: count }, (_, index) => ({ address: `10.0.0.${index + 1}`, hostKey })));
    const args = { app, machines: { work: list(4), control: list(3) }, stages: ["kubernetes"] as const, atATime: 2 };
    const { resources, errors } = await deploy(() => new MeshStack(stack, args));
    expect(errors).toEqual([]);
    const nodes = resources.filter(({ type }) => type === "meshground:index:KubernetesNode");
    const short = (name: string): string => name.replace(`${stack}/`, "").replace("/kubernetes", "");
    expect(nodes.map(({ name, waitsFor }) => [name, ...waitsFor.filter((other) => !other.endsWith("-token"))].map(short))).toEqual([
      ["control-1"],
      ["control-2", "control-1"],
      ["control-3", "control-1", "control-2"],
      ["work-1", "control-1", "control-3"],
      ["work-2", "control-1", "control-3", "work-1"],
      ["work-3", "control-1", "control-3", "work-1"],
      ["work-4", "control-1", "control-3", "work-1", "work-2"],
    ]);
    expect(nodes.map(({ secrets }) => secrets)).toEqual(nodes.map(() => ["secrets"]));
    expect(new Set(nodes.slice(3).flatMap(({ waitsFor }) => waitsFor.filter((other) => other.endsWith("-token"))))).toEqual(
      new Set([`${stack}/agent-token`]),
    );
  });

  test("lets machines of k3s give their token to nobody but the cluster that the first began", async () => {
    const app = emptyApp();
    const k3s = k3sOf();
    const shape = { cpu: 2, memory: "4Gi", country: "NO" } as const;
    new TunedNodePool(app, "control", { nodes: { ...shape, count: 3 }, kubernetes: k3s.server() });
    new TunedNodePool(app, "work", { nodes: { ...shape, count: 1 }, kubernetes: k3s.agent() });
    const list = (count: number): MachineDriver =>
      ssh(Array.from({ length: count }, (_, index) => ({ address: `10.0.0.${index + 1}`, hostKey })));
    const args = { app, machines: { work: list(1), control: list(3) }, stages: ["kubernetes"] as const };
    const { resources } = await deploy(() => new MeshStack(stack, args));
    const nodes = resources.filter(({ type }) => type === "meshground:index:KubernetesNode");
    const [first, second, , agent] = nodes.map(({ inputs }) => (inputs.secrets as { value: Record<string, string> }).value);
    const pinned = `K10${createHash("sha256").update(Buffer.from(authority.certificate, "base64")).digest("hex")}::`;
    const [servers, agents] = [`token of ${stack}/server-token`, `token of ${stack}/agent-token`];
    expect([first, second, agent]).toEqual([
      { K3S_TOKEN: servers, K3S_AGENT_TOKEN: agents },
      { K3S_TOKEN: `${pinned}server:${servers}`, K3S_AGENT_TOKEN: agents },
      { K3S_AGENT_TOKEN: `${pinned}node:${agents}` },
    ]);
  });

  test("warns of what the report of the tree says", async () => {
    const app = emptyApp();
    new TunedNodePool(app, "oslo", { nodes: { count: 1, cpu: 2, memory: "4Gi", country: "NO" }, distribution: "kubeadm" });
    const machine = ssh([{ address: "10.0.0.1", hostKey }]);
    const { warnings } = await deploy(() => new MeshStack(stack, { app, machines: { oslo: machine }, stages: ["hosts"] }));
    expect(warnings).toContainEqual(expect.stringMatching(/^oslo: fs\.file-max.*\(MG0604\)$/));
  });

  test("lets machines join a cluster that they know by the fingerprint of its authority", async () => {
    const { resources } = await deploy(() => new MeshStack(stack, { app: oslo(), machines, stages: ["kubernetes"] }));
    const nodes = resources.filter(({ type }) => type === "meshground:index:KubernetesNode");
    const [first, second] = nodes.map(({ inputs }) => (inputs.secrets as { value: object }).value);
    expect(second).toEqual({ ...first, KUBEADM_CA_CERT_HASH: authority.fingerprint });
  });

  test("keeps the kubeconfig and what Secrets hold secret", async () => {
    const app = oslo();
    suppress(app, "IST0101", "the gateway's certificate is made by others");
    new ApiObject(new Chart(app, "keys"), "secret", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "bank-key", namespace: "istio-system" },
      stringData: { "tls.key": "a private key" },
    });
    const deployment = await run({ app });
    expect(named(deployment, "kubernetes").secrets).toEqual(["kubeconfig"]);
    expect(named(deployment, "istio-system/Secret/bank-key")).toMatchObject({
      secrets: ["stringData"],
      waitsFor: [`${stack}/istio-system/Release/istio-base`],
    });
  });

  test("lets controllers move what is theirs", async () => {
    const app = oslo();
    const canary = new ApiObject(new Chart(app, "canary"), "routes", {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "moved", namespace: "strict-secure-ns" },
      spec: { hosts: ["moved.example.no"], http: [{ route: [{ destination: { host: "pricing" } }] }] },
    });
    declareMovedFields(canary, "spec.http[*].route[*].weight");
    const deployment = await run({ app });
    expect(named(deployment, "strict-secure-ns/VirtualService/moved").ignoreChanges).toEqual(["spec.http[*].route[*].weight"]);
    expect(named(deployment, "strict-secure-ns/Deployment/pricing-v1").ignoreChanges).toEqual(["spec.replicas"]);
    expect(named(deployment, "strict-secure-ns/VirtualService/pricing").ignoreChanges).toEqual([]);
  });

  test("puts Istio into a namespace that the tree declares, and lets Helm make it where it does not", async () => {
    const app = oslo();
    new ApiObject(new Chart(app, "home"), "ns", { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system" } });
    const [declared, made] = [
      named(await run({ app }), "istio-system/Release/istio-base"),
      named(await whole(), "istio-system/Release/istio-base"),
    ];
    expect(declared).toMatchObject({ waitsFor: [`${stack}/Namespace/istio-system`], inputs: { createNamespace: false } });
    expect(made).toMatchObject({
      waitsFor: [],
      inputs: {
        createNamespace: true,
        chart: "base",
        version: "1.30.3",
        repositoryOpts: { repo: "https://istio-release.storage.googleapis.com/charts" },
      },
    });
  });

  test("keeps a resource of Istio when a release serves it under another version", async () => {
    expect(named(await whole(), "strict-secure-ns/VirtualService/pricing").aliases).toContain(
      "kubernetes:networking.istio.io/v1beta1:VirtualService",
    );
  });
});

describe("a MeshStack that cannot be made", () => {
  const refused = async (args: unknown, name = stack): Promise<string> => {
    let message = "";
    const { resources } = await deploy(() => {
      try {
        new MeshStack(name, args as MeshStackArgs);
      } catch (error) {
        message = error instanceof Error ? error.message : String(error);
      }
    });
    expect(resources).toEqual([]);
    return message;
  };

  test("names every problem at once and makes nothing", async () => {
    const app = oslo();
    new TunedNodePool(app, "bergen", { nodes: { count: 1, cpu: 2, memory: "4Gi", country: "NO" }, distribution: "kubeadm" });
    const wrong = { app, machines: { oslo: ssh(servers.slice(1)), bergn: ssh([]) }, stages: ["hosts", "istio"], atATime: 0, atTime: 2 };
    expect(await refused(wrong, "Oslo")).toMatchInlineSnapshot(`
      "MeshStack "Oslo": 7 invalid props
        atATime: got 0, expected a whole number from 1 to 1000.
        atTime: unknown prop. Did you mean "atATime"?
        kubeconfig: got nothing, expected the cluster's kubeconfig, as a secret. istio needs a cluster, and the stage "kubernetes" is not asked for.
        machines.bergen: got nothing, expected a driver for the 1 machine(s) of pool "bergen".
        machines.bergn: no pool of the app has this name. Did you mean "bergen"?
        machines.oslo: got 2, expected 3 machines, as many as the pool oslo has.
        name: got "Oslo", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit."
    `);
  });

  test("wants to know of a cluster for what stands in one", async () => {
    expect(await refused({ app: oslo(), stages: ["services"] })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 1 invalid prop
        kubeconfig: got nothing, expected the cluster's kubeconfig, as a secret. services needs a cluster, and the stage "kubernetes" is not asked for."
    `);
    expect(await refused({ app: oslo(), machines, kubeconfig, stages: ["kubernetes"] })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 1 invalid prop
        kubeconfig: is given, and the stage "kubernetes" makes a cluster of its own. Leave out one of the two."
    `);
  });

  test("wants one cluster of all pools to make", async () => {
    const app = emptyApp();
    expect(await refused({ app })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 1 invalid prop
        app: holds no pool of which the stage "kubernetes" could make a cluster. Add one, or give the kubeconfig of a cluster that exists, or leave the stage "kubernetes" out."
    `);
    const shape = { count: 1, cpu: 2, memory: "4Gi", country: "NO" } as const;
    new TunedNodePool(app, "a", { nodes: shape, kubernetes: k3sOf().server() });
    new TunedNodePool(app, "b", { nodes: shape, kubernetes: k3sOf().server() });
    new TunedNodePool(app, "c", { nodes: shape, distribution: "k3s" });
    const one = ssh([{ address: "10.0.0.1", hostKey }]);
    expect(await refused({ app, machines: { a: one, b: one, c: one } })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 2 invalid props
        app.b.kubernetes: is another cluster than that of the pools before. A stack makes one: give each a stack of its own.
        app.c.kubernetes: got nothing, expected what the machines are, such as k3s.server() or kubeadm.worker(). Say it, or give the kubeconfig of a cluster that exists, or leave the stage "kubernetes" out."
    `);
  });

  test("looks at what a driver was given", async () => {
    const bad = [{ address: "-oProxyCommand=x", hostKey }, { address: "10.0.0.12", hostKey: "unknown" }, { hostKey }];
    expect(await refused({ app: oslo(), machines: { oslo: ssh(bad as never) }, stages: ["hosts"] })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 3 invalid props
        machines.oslo[0].address: got "-oProxyCommand=x", expected a host name or IP address.
        machines.oslo[1].hostKey: got "unknown", expected a public host key as in /etc/ssh/ssh_host_ed25519_key.pub: "ssh-ed25519 AAAA…".
        machines.oslo[2].address: got nothing, expected a host name or IP address."
    `);
    const twice = servers.map((server) => ({ ...server, name: "one" }));
    expect(await refused({ app: oslo(), machines: { oslo: ssh(twice) }, stages: ["hosts"] })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 1 invalid prop
        machines.oslo: got "one", expected a name that no other machine of the pool has."
    `);
  });

  test("wants an app, and objects that can be known again", async () => {
    expect(await refused({ app: {} })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 1 invalid prop
        app: got {}, expected the tree: a MeshApp."
    `);
    const app = oslo();
    new Chart(app, "raw").toJson = () => [{ apiVersion: "v1", kind: "Pod", metadata: { generateName: "x-" } }];
    expect(await refused({ app, kubeconfig, machines })).toMatchInlineSnapshot(`
      "MeshStack "oslo-production": 1 invalid prop
        app.raw: got {"apiVersion":"v1","kind":"Pod"}, expected apiVersion, kind and metadata.name: the name is its identity."
    `);
  });
});

function once(make: () => Promise<Deployment>): () => Promise<Deployment> {
  let made: Promise<Deployment> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
