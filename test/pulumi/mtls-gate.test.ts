import { MeshStack, type MeshStackArgs } from "meshground/pulumi";
import { describe, expect, test } from "vitest";
import { type AskedResource, type Deployment, deploy } from "./deployment";
import { machines, oslo } from "./trees";

const stack = "oslo-production";
const gateName = `${stack}/strict-secure-ns/StrictGate`;
const mtlsGate = { prometheus: "https://prometheus.example.no", token: "swordfish" };

const run = (args: Partial<MeshStackArgs> = {}): Promise<Deployment> =>
  deploy(
    () => new MeshStack(stack, { app: oslo(), machines, kubeconfig: "apiVersion: v1\nkind: Config\n", mtlsGate, ...args }),
    (type, name) =>
      type === "kubernetes:core/v1:Namespace" ? { metadata: { name, creationTimestamp: "2026-11-27T10:00:00Z" } } : undefined,
  );
const gates = ({ resources }: Deployment): readonly AskedResource[] =>
  resources.filter(({ type }) => type === "meshground:index:StrictGate");

describe("a MeshStack with a gate", () => {
  test("asks once a namespace, when it is there, with what the tree declares", async () => {
    const deployment = await run();
    expect(deployment.errors).toEqual([]);
    const [gate, ...others] = gates(deployment);
    expect(others).toEqual([]);
    expect(gate).toMatchObject({
      name: gateName,
      waitsFor: [`${stack}/Namespace/strict-secure-ns`],
      secrets: ["token"],
      inputs: {
        expected: { name: "strict-secure-ns", stage: "strict" },
        over: "24h",
        atLeast: 100,
        createdAt: "2026-11-27T10:00:00Z",
      },
    });
  });

  test("lets everything of the namespace but the namespace itself wait for the answer, and nothing else", async () => {
    const { resources } = await run();
    const waiting = resources.filter(({ waitsFor }) => waitsFor.includes(gateName)).map(({ name }) => name);
    const inside = resources.map(({ name }) => name).filter((name) => name.startsWith(`${stack}/strict-secure-ns/`) && name !== gateName);
    expect(waiting.sort()).toEqual(inside.sort());
    expect(waiting).toContain(`${stack}/strict-secure-ns/PeerAuthentication/default`);
  });

  test("asks nothing without one, nor where no policy is applied", async () => {
    expect(gates(await deploy(() => new MeshStack(stack, { app: oslo(), machines, kubeconfig: "a" })))).toEqual([]);
    expect(gates(await run({ stages: ["istio", "namespaces"] }))).toEqual([]);
  });

  test("refuses one that cannot ask, with every fault", () => {
    const wrong = { prometheus: "prometheus:9090", over: "1 day", atLeast: 0, force: { reason: "" }, who: 1 } as unknown as typeof mtlsGate;
    expect(() => new MeshStack(stack, { app: oslo(), machines, kubeconfig: "a", mtlsGate: wrong })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: MeshStack "oslo-production": 5 invalid props
        mtlsGate.atLeast: got 0, expected a whole number from 1 to 9999999.
        mtlsGate.force.reason: got "", expected text on one line, not empty, without control characters.
        mtlsGate.over: got "1 day", expected a duration from 1s to 720h, such as "500ms", "2s" or "1m".
        mtlsGate.prometheus: expected the address of Prometheus, such as http://127.0.0.1:9090, without a login, a query or a fragment. A token is given beside it.
        mtlsGate.who: unknown prop. Known: prometheus, over, atLeast, token, force.]
    `);
  });
});
