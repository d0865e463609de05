import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CanaryService, ExternalService, IstioControlPlane, Release, StrictMtlsNamespace } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary";
import { meshApp } from "../../support/tree";
import { evidence } from "../evidence";
import { answersFrom, countAnswers, failuresOf, spread } from "../mesh/answers";
import type { Answer, Load } from "../mesh/load.mts";
import type { Machine } from "../mesh/machine";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import { until } from "../processes";

const host = "pay.example.no";

/** A shop: `web` calls `pricing` and a bank, a gateway exposes `payment`, an old monitor reads `pricing` without a sidecar, `stranger` calls nobody. */
function shop(stage: "permissive" | "strict"): { app: ReturnType<typeof meshApp>; controlPlane: IstioControlPlane } {
  const app = meshApp({ istio: "1.31" });
  const controlPlane = new IstioControlPlane(app, "mesh", { mtls: stage, outbound: "REGISTRY_ONLY", cni: true });
  const edge = controlPlane.addIngressGateway("istio-ingressgateway", {
    ports: [
      { name: "http2", port: 80, targetPort: 8080 },
      { name: "https", port: 443, targetPort: 8443 },
    ],
  });
  const namespace = new StrictMtlsNamespace(app, "shop", { stage });
  const service = (name: string, weight: number): CanaryService => {
    const image = `registry.example.no/${name}`;
    const release = Release.pinned({ stable: { name: "v1", image: `${image}:1` }, canary: { name: "v2", image: `${image}:2`, weight } });
    return new CanaryService(namespace, name, { port: 8080, release });
  };
  const [web, pricing, payment] = [service("web", 0), service("pricing", 0), service("payment", 20), service("stranger", 0)];
  web.calls(pricing, new ExternalService(namespace, "bank", { hosts: ["api.bank.example"], ports: [{ number: 8080, protocol: "HTTP" }] }));
  edge.expose(payment, { host, tls: { secret: "pay-tls" }, redirect: true });
  namespace.allowPlaintext("vm-monitor", { to: pricing, port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor has no sidecar" });
  return { app, controlPlane };
}

/** A self-signed certificate of the host, as PEM. */
function certificate(): { readonly cert: string; readonly key: string } {
  const folder = temporaryFolder("certificate");
  const [key, cert] = [join(folder, "tls.key"), join(folder, "tls.crt")];
  const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", ...names], {
    stdio: "ignore",
  });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

describe.skipIf(meshIsMissing())("who may call whom, by certificates, policies and the registry", () => {
  let mesh: Mesh;
  let [web, pricing, payment, stranger, gateway]: (Pod | undefined)[] = [];
  const outsiders: Record<string, Machine> = {};
  const { cert, key } = certificate();
  beforeAll(async () => {
    const { app, controlPlane } = shop("strict");
    mesh = await Mesh.start(app, controlPlane);
    const data = { "tls.crt": Buffer.from(cert).toString("base64"), "tls.key": Buffer.from(key).toString("base64") };
    const metadata = { name: "pay-tls", namespace: "istio-system" };
    mesh.applyObjects([{ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata, data }]);
    // Before the pods: an Envoy waits until a host outside the mesh has an address.
    outsiders.monitor = await mesh.outsider("10.0.5.7");
    outsiders.elsewhere = await mesh.outsider("10.9.9.9");
    outsiders.bank = await mesh.outsider("10.0.9.1", { host: "api.bank.example", ports: [8080] });
    outsiders.other = await mesh.outsider("10.0.9.2", { host: "other.example", ports: [8080, 9999] });
    [web, pricing, payment, stranger, gateway] = await Promise.all([
      mesh.runOne("web-v1"),
      mesh.runOne("pricing-v1", { ports: [9090] }),
      mesh.runOne("payment-v1"),
      mesh.runOne("stranger-v1"),
      mesh.runOne("istio-ingressgateway"),
      mesh.runOne("payment-v2"),
    ]);
    for (const caller of [web, pricing, payment, stranger]) {
      const others = [web, pricing, payment, stranger].filter((pod) => pod !== undefined && pod !== caller);
      if (caller !== undefined) await mesh.untilKnown(caller, others as Pod[]);
    }
    if (gateway !== undefined) await mesh.untilKnown(gateway, [mesh.pod("payment-v1-0"), mesh.pod("payment-v2-0")]);
  });
  afterAll(() => mesh?.end());

  const answerTo = async (from: Machine | undefined, url: string, load: Partial<Load> = {}): Promise<Answer> => {
    const [answer] = (await from?.send({ url, ...load, requests: 1 })) ?? [];
    if (answer === undefined) throw new Error("no answer");
    return answer;
  };
  const status = async (from: Machine | undefined, url: string, load: Partial<Load> = {}): Promise<number | string> => {
    const [, , code, body] = await answerTo(from, url, load);
    return code === 0 ? body : code;
  };
  const at = (machine: Machine | undefined, port: number): string => `http://${machine?.namespace.address}:${port}/`;

  test("a declared caller comes in with its certificate", async (context) => {
    expect(countAnswers((await web?.send({ url: "http://pricing:8080/", requests: 20 })) ?? [])).toEqual({ "200 pricing-v1-0": 20 });
    const callers = new Set(pricing?.received().map(({ certificate = "none" }) => /URI=([^;,]+)/.exec(certificate)?.[1]));
    expect([...callers]).toEqual(["spiffe://cluster.local/ns/shop/sa/web"]);
    evidence(context, {
      claim: "`calls` lets the declared caller in, over mTLS, as its own service account",
      measured: "20 of 20 answered; the server saw spiffe://cluster.local/ns/shop/sa/web",
    });
  });

  test("nobody else comes in, over mTLS or without", async (context) => {
    const refused = {
      "stranger → pricing": await status(stranger, "http://pricing:8080/"),
      "stranger → payment": await status(stranger, "http://payment:8080/"),
      "stranger → web": await status(stranger, "http://web:8080/"),
      "web → payment": await status(web, "http://payment:8080/"),
      "pricing → web": await status(pricing, "http://web:8080/"),
      "payment → pricing": await status(payment, "http://pricing:8080/"),
    };
    expect(refused).toEqual(Object.fromEntries(Object.keys(refused).map((pair) => [pair, 403])));
    evidence(context, {
      claim: "A caller in the mesh that nobody declared is refused",
      measured: `403 for each of ${Object.keys(refused).join(", ")}`,
    });
  });

  test("STRICT refuses plaintext, but for the declared outsider on its port", async (context) => {
    const seen = {
      "10.0.5.7 → pricing:8080": await status(outsiders.monitor, at(pricing, 8080)),
      "10.0.5.7 → payment:8080": await status(outsiders.monitor, at(payment, 8080)),
      "10.9.9.9 → pricing:8080": await status(outsiders.elsewhere, at(pricing, 8080)),
      "10.0.5.7 → pricing:9090": await status(outsiders.monitor, at(pricing, 9090)),
      "10.9.9.9 → pricing:9090": await status(outsiders.elsewhere, at(pricing, 9090)),
    };
    const reset = "ECONNRESET";
    expect(Object.values(seen)).toEqual([reset, reset, reset, 200, 403]);
    evidence(context, {
      claim: "STRICT cuts plaintext; `allowPlaintext` opens one port to the addresses that it names, and to no other",
      measured: Object.entries(seen)
        .map(([pair, what]) => `${pair}: ${what}`)
        .join("; "),
    });
  });

  test("a gateway reaches what it exposes, by its host, with TLS, and sends plaintext callers there", async (context) => {
    const tls = { servername: host, ca: cert };
    const address = gateway?.namespace.address;
    const seen = {
      [`https://${host}`]: await status(outsiders.elsewhere, `https://${address}:8443/`, { tls, headers: { host } }),
      "another host": await status(outsiders.elsewhere, `https://${address}:8443/`, { tls, headers: { host: "other.example" } }),
    };
    const [, , code, , location] = await answerTo(outsiders.elsewhere, `http://${address}:8080/`, { headers: { host } });
    expect([...Object.values(seen), code, location]).toEqual([200, 404, 301, `https://${host}/`]);
    const caller = /URI=([^;,]+)/.exec(
      [...(payment?.received() ?? []), ...mesh.pod("payment-v2-0").received()].at(-1)?.certificate ?? "",
    )?.[1];
    expect(caller).toBe("spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account");
    evidence(context, {
      claim: "`expose` opens one host of one service to the gateway's account, on the ports that are declared, and redirects plaintext",
      measured: `https 200, another host 404, http 301 to ${location}; the service saw ${caller}`,
    });
  });

  test("a gateway keeps the weights of what it exposes", async (context) => {
    const load = { tls: { servername: host, ca: cert }, headers: { host }, requests: 2_000, concurrency: 8 };
    const answers = (await outsiders.elsewhere?.send({ url: `https://${gateway?.namespace.address}:8443/`, ...load })) ?? [];
    const canary = answersFrom(answers, "payment-v2");
    expect(failuresOf(answers)).toEqual([]);
    expect(Math.abs(canary - 400)).toBeLessThan(spread(2_000, 0.2));
    evidence(context, {
      claim: "`weight: 20` sends 20 % of what comes through the gateway to the canary",
      measured: `${canary} of 2,000, over TLS`,
      tolerance: `400 ± ${Math.floor(spread(2_000, 0.2))}: five standard deviations of the binomial distribution`,
    });
  });

  test("REGISTRY_ONLY lets out declared calls, and no other", async (context) => {
    await until(
      async () => (await status(web, "http://api.bank.example:8080/")) === 200,
      () => "the declared host does not answer",
      { within: 10_000 },
    );
    const seen = {
      "web → api.bank.example (declared)": await status(web, "http://api.bank.example:8080/"),
      "web → other.example": await status(web, "http://other.example:8080/"),
      "web → 10.0.9.2:9999": await status(web, "http://10.0.9.2:9999/"),
    };
    expect(Object.values(seen)).toEqual([200, 502, "ECONNRESET"]);
    expect(outsiders.other?.received()).toEqual([]);
    evidence(context, {
      claim: "`outbound: REGISTRY_ONLY` lets an `ExternalService` be called, and blocks every other host",
      measured: Object.entries(seen)
        .map(([pair, what]) => `${pair}: ${what}`)
        .join("; "),
    });
  });

  test("PERMISSIVE takes both, and its policies only watch", async (context) => {
    await mesh.apply(shop("permissive").app);
    const ask = async (): Promise<Readonly<Record<string, number | string>>> => ({
      "plaintext → pricing": await status(outsiders.elsewhere, at(pricing, 8080)),
      "plaintext → payment": await status(outsiders.elsewhere, at(payment, 8080)),
      "web → pricing over mTLS": await status(web, "http://pricing:8080/"),
      "stranger → pricing over mTLS": await status(stranger, "http://pricing:8080/"),
    });
    let seen = await ask();
    await until(
      async () => {
        seen = await ask();
        return Object.values(seen).every((code) => code === 200);
      },
      () => `somebody stays refused: ${JSON.stringify(seen)}`,
      { within: 20_000 },
    );
    expect(pricing?.received().at(-1)?.certificate).toContain("sa/stranger");
    evidence(context, {
      claim: 'Stage `"permissive"` takes plaintext and mTLS, and its policies refuse nobody (dry run)',
      measured: Object.entries(seen)
        .map(([pair, what]) => `${pair}: ${what}`)
        .join("; "),
    });
  });
});
