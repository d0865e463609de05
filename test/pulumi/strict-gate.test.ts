import { afterEach, describe, expect, test } from "vitest";
import { GroundProvider } from "../../lib/pulumi/provider/ground-provider";
import { StrictGateOperations } from "../../lib/pulumi/provider/strict-gate-operations";
import { type AnsweringServer, answering, type Series, shopOf } from "../prometheus/answering";
import { secret, unknownValue } from "./provider/wire";

const urn = "urn:pulumi:dev::shop::meshground:index:StrictGate::shop";
const begun = Date.parse("2026-11-27T10:00:00Z");
const [port, mtls, none] = [
  { destination_workload: "pricing-v1", destination_port: "8080" },
  { connection_security_policy: "mutual_tls" },
  { connection_security_policy: "none" },
];
const busy: Series = [{ ...port, ...mtls }, 500];
const undeclared: Series = [{ ...port, ...none }, 12];

let server: AnsweringServer | undefined;
afterEach(() => server?.close());

/** A provider, and a Prometheus that saw these requests. */
async function gate(...requests: readonly Series[]) {
  server = await answering(shopOf(...requests));
  const prometheus = server;
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (_: string, text: string) => void warned.push(text) };
  const types = { "meshground:index:StrictGate": new StrictGateOperations({ log, begun }) };
  const provider = new GroundProvider("1.2.3", types, { onCancel: async () => undefined });
  const inputs = (stage: "permissive" | "strict", rest: object = {}): object => ({
    expected: { name: "shop", stage, services: [{ name: "pricing", workloads: ["pricing-v1"], ports: [8080] }], plaintext: [] },
    prometheus: prometheus.url,
    over: "24h",
    atLeast: 100,
    ...rest,
  });
  return { provider, inputs, warned, asked: prometheus.asked };
}

describe("a namespace that goes to STRICT", () => {
  test("goes when everything came over mTLS", async () => {
    const { provider, inputs } = await gate(busy);
    const { outs } = await provider.update("shop", urn, inputs("permissive"), inputs("strict"));
    expect(outs).toMatchObject({ verdict: "safe", expected: { stage: "strict" } });
  });

  test("is refused while somebody calls without mTLS, with the list and the way to force it", async () => {
    const { provider, inputs } = await gate(busy, undeclared);
    const error = await provider.update("shop", urn, inputs("permissive"), inputs("strict")).catch((refused: Error) => refused.message);
    expect(error).toMatchInlineSnapshot(`
      "namespace shop does not go on to STRICT as it is declared, and nothing in it was changed.
      shop: plaintext. STRICT would break callers. Give them sidecars, or declare them: allowPlaintext.
        A port takes plaintext that nobody declared: STRICT would refuse it.
        WORKLOAD    PORT  PLAINTEXT  MTLS  TCP PLAINTEXT  TCP MTLS
        pricing-v1  8080         12   500              0         0  not declared
      Who calls: meshground mtls status --namespace shop --access-log FILE. To go on all the same: mtlsGate: { force: { reason: "…" } }; it holds for every namespace, so take it out afterwards."
    `);
  });

  test("is refused when Prometheus does not answer, or has seen too little", async () => {
    const { provider, inputs } = await gate();
    await expect(provider.update("shop", urn, inputs("permissive"), inputs("strict"))).rejects.toThrow("shop: too-little");
    server?.close();
    await expect(provider.update("shop", urn, inputs("permissive"), inputs("strict"))).rejects.toThrow("shop: unreachable");
  });

  test("goes all the same by force: the reason is kept, and what is broken is said", async () => {
    const { provider, inputs, warned } = await gate(busy, undeclared);
    const forced = inputs("strict", { force: { reason: "the last caller is switched off tonight" } });
    const { outs } = await provider.update("shop", urn, inputs("permissive"), forced);
    expect(outs).toMatchObject({ verdict: "plaintext", force: { reason: "the last caller is switched off tonight" } });
    expect(warned).toHaveLength(1);
    expect(warned[0]).toContain("STRICT is forced (the last caller is switched off tonight). shop: plaintext.");
  });
});

describe("Prometheus is asked", () => {
  test("when the stack first sees a strict namespace that was there before", async () => {
    const { provider, inputs } = await gate(busy, undeclared);
    for (const createdAt of [undefined, "2026-11-27T09:00:00Z"])
      await expect(provider.create(urn, inputs("strict", { createdAt }))).rejects.toThrow("shop: plaintext");
  });

  test("when a strict namespace loses an exception, or a part of one, and not when it gets another", async () => {
    const { provider, inputs, asked } = await gate(busy, undeclared);
    const strict = (...plaintext: readonly object[]): object => {
      const { expected, ...rest } = inputs("strict") as { expected: object };
      return { ...rest, expected: { ...expected, plaintext } };
    };
    const monitor = { workloads: ["pricing-v1"], port: 9090, from: ["10.0.5.0/24", "10.0.6.0/24"], reason: "the old monitor" };
    const update = (before: object, after: object): Promise<unknown> => provider.update("shop", urn, before, after);
    await update(strict(monitor), strict({ ...monitor, reason: "the same one" }, { ...monitor, port: 8081 }));
    expect(asked).toEqual([]);
    await expect(update(strict(monitor), strict())).rejects.toThrow("shop: plaintext");
    await expect(update(strict(monitor), strict({ ...monitor, from: ["10.0.5.0/24"] }))).rejects.toThrow("shop: plaintext");
    const original = { ...monitor, from: [] };
    await expect(update(strict(original), strict(monitor))).rejects.toThrow("shop: plaintext");
    await expect(update(strict(monitor), strict(original))).rejects.toThrow("shop: plaintext");
  });

  test("not when a release takes another workload's place, whose pods go with it", async () => {
    const { provider, inputs, asked } = await gate(busy, undeclared);
    const released = (...workloads: readonly string[]): object => {
      const { expected, ...rest } = inputs("strict") as { expected: object };
      const services = [{ name: "pricing", workloads, ports: [8080] }];
      const plaintext = [{ workloads, port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" }];
      return { ...rest, expected: { ...expected, services, plaintext } };
    };
    await provider.update("shop", urn, released("pricing-v1", "pricing-v2"), released("pricing-v2", "pricing-v3"));
    expect(asked).toEqual([]);
  });

  test("not of a namespace that the same update creates, of one that stays permissive, or that is strict already", async () => {
    const { provider, inputs, asked } = await gate(undeclared);
    await provider.create(urn, inputs("strict", { createdAt: "2026-11-27T10:00:01Z" }));
    await provider.create(urn, inputs("permissive"));
    await provider.update("shop", urn, inputs("strict"), inputs("strict", { over: "48h" }));
    await provider.update("shop", urn, inputs("strict"), inputs("permissive"));
    expect(asked).toEqual([]);
  });
});

test("another token is no change, another stage or exception is one", async () => {
  const { provider, inputs } = await gate();
  const changes = async (news: object): Promise<unknown> => (await provider.diff("shop", urn, inputs("permissive"), news)).changes;
  expect(await changes(inputs("permissive", { token: secret("b"), createdAt: "2026-11-27T10:00:01Z" }))).toBe(false);
  expect(await changes(inputs("strict"))).toBe(true);
  expect(await changes(inputs("permissive", { force: { reason: "why" } }))).toBe(true);
});

test("the token goes to Prometheus, is secret, and lies in no state and no error", async () => {
  const { provider, inputs, asked } = await gate(busy, undeclared);
  const news = inputs("strict", { token: secret("swordfish") });
  expect(JSON.stringify((await provider.check(urn, {}, news)).inputs)).toContain('"value":"swordfish"');
  const error = await provider.create(urn, news).catch((refused: Error) => refused.message);
  expect(error).not.toContain("swordfish");
  const { outs } = await provider.create(urn, { ...news, force: { reason: "why" } });
  expect(JSON.stringify(outs)).not.toContain("swordfish");
  expect(asked[0]?.authorization).toBe("Bearer swordfish");
});

test("what is not known yet is not judged, what is wrong is named", async () => {
  const { provider, inputs } = await gate();
  expect((await provider.check(urn, {}, inputs("strict", { prometheus: unknownValue, createdAt: unknownValue }))).failures).toEqual([]);
  const { failures } = await provider.check(urn, {}, inputs("strict", { prometheus: "http://admin:hunter2@prometheus", over: "always" }));
  expect(failures?.map(({ property }) => property).sort()).toEqual(["over", "prometheus"]);
  expect(JSON.stringify(failures)).not.toContain("hunter2");
});
