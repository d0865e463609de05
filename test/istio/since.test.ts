import { Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { InvalidInput } from "../../lib/core/problem";
import { Gateway } from "../../lib/istio/gateway";
import { ServiceEntry } from "../../lib/istio/service-entry";
import { VirtualService } from "../../lib/istio/virtual-service";
import { dropped, oldCrds } from "./crds";
import { chartFor, samples } from "./samples";

const { crds, missing, note } = oldCrds("1.18.7");
const newer = samples.filter((sample) => sample.newer !== undefined);

function refusedPaths(make: () => void): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("a field that came later", () => {
  test.each(newer)("is taken by the release that has it: $kind", ({ newer = {}, make }) => {
    const chart = chartFor("1.31", "1.36");
    make(chart, newer);
    expect(Testing.synth(chart)).toMatchObject([{ spec: newer }]);
  });

  test.skipIf(missing).each(newer)(
    `is refused exactly where an API server of 1.18 would drop it: $kind${note}`,
    ({ kind, newer = {}, make }) => {
      const refused = refusedPaths(() => make(chartFor("1.18.7", "1.27"), newer));
      const schema = crds.find((crd) => crd?.spec.names.kind === kind)?.spec.versions[0]?.schema.openAPIV3Schema.properties?.spec;
      const lost = dropped(newer, schema, "spec");
      expect(lost.length).toBeGreaterThan(0);
      expect(refused.filter((path) => !refused.some((other) => path.startsWith(`${other}.`)))).toEqual([...lost].sort());
    },
  );

  test("names the release that it came with", () => {
    const make = (): VirtualService =>
      new VirtualService(chartFor("1.18.7", "1.27"), "Pricing", {
        spec: { hosts: ["pricing"], http: [{ route: [{ destination: { host: "pricing" } }], retries: { attempts: 2, backoff: "10ms" } }] },
      });
    expect(make).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/Pricing: 1 invalid prop
        spec.http[0].retries.backoff: got "10ms", expected nothing, because it came with Istio 1.26 and the release is 1.18.]
    `);
  });
});

test("a word that came later is refused too", () => {
  const chart = chartFor("1.18.7", "1.27");
  const route = [{ destination: { host: "pricing" } }];
  const retry = { hosts: ["pricing"], http: [{ route, retries: { attempts: 1, retryOn: "5xx,reset-before-request" } }] };
  const server = {
    port: { number: 443, protocol: "HTTPS", name: "https" },
    hosts: ["*"],
    tls: { mode: "OPTIONAL_MUTUAL", credentialName: "x" },
  } as const;
  expect(refusedPaths(() => new VirtualService(chart, "a", { spec: retry }))).toEqual(["spec.http[0].retries.retryOn"]);
  expect(refusedPaths(() => new Gateway(chart, "b", { spec: { servers: [server] } }))).toEqual(["spec.servers[0].tls.mode"]);
  expect(
    refusedPaths(
      () => new ServiceEntry(chart, "c", { spec: { hosts: ["*.example.no"], resolution: "DYNAMIC_DNS", location: "MESH_EXTERNAL" } }),
    ),
  ).toEqual(["spec.resolution"]);
});
