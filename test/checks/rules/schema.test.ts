import { describe, expect, test } from "vitest";
import { schemaRules } from "../../../lib/checks/rules/schema-rules";
import { type Around, findingsIn, inShort } from "../checked";

const object = (kind: string, apiVersion: string, spec: string): string => `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: pricing, namespace: shop }
spec: ${spec}
`;
const rule = (spec: string): string => object("DestinationRule", "networking.istio.io/v1beta1", spec);
const found = (yaml: string, around: Around = {}): readonly string[] => inShort(findingsIn(yaml, schemaRules, around));
const named = (code: string, field: string): string => `${code} DestinationRule shop/pricing ${field}`;

describe("an object of Istio by itself", () => {
  test("that Istio takes is passed over", () => {
    expect(found(rule("{ host: pricing, trafficPolicy: { outlierDetection: { interval: 5s } } }"))).toEqual([]);
  });

  test("is refused for each field that Istio or the API server refuses", () => {
    const spec = "{ host: '', trafficPolicy: { outlierDetection: { interval: 5 } } }";
    expect(found(rule(spec))).toEqual([named("IST0106", "spec.host"), named("IST0106", "spec.trafficPolicy.outlierDetection.interval")]);
  });

  test("is refused for what only the CRD's own rules see", () => {
    const spec = "{ host: pricing, trafficPolicy: { outlierDetection: { interval: 0.1ms } } }";
    expect(found(rule(spec))).toEqual([named("IST0106", "spec.trafficPolicy.outlierDetection.interval")]);
    const wide = object(
      "PeerAuthentication",
      "security.istio.io/v1",
      '{ selector: { matchLabels: { app: "a*" } }, mtls: { mode: STRICT } }',
    );
    expect(found(wide)).toEqual(["IST0106 PeerAuthentication shop/pricing spec.selector.matchLabels.app"]);
  });

  test("has a code of its own for fields that nobody knows, with the nearest name", () => {
    const yaml = rule("{ host: pricing, trafficPolicy: { outlierDetections: {} } }");
    expect(found(yaml)).toEqual([named("MG0101", "spec.trafficPolicy.outlierDetections")]);
    expect(findingsIn(yaml, schemaRules)[0]?.message).toBe('DestinationRule has no such field: Did you mean "outlierDetection"?');
  });

  test("has another for fields that came with a later release", () => {
    const yaml = rule("{ host: pricing, trafficPolicy: { loadBalancer: { warmup: { duration: 30s } } } }");
    expect(found(yaml, { istio: "1.20" })).toEqual([named("MG0102", "spec.trafficPolicy.loadBalancer.warmup")]);
    expect(found(yaml)).toEqual([]);
  });

  test("without a spec is one with an empty spec", () => {
    const bare = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: pricing }\n";
    expect(found(bare)).toEqual(["IST0106 DestinationRule pricing spec.host"]);
  });

  test("of another group is not Istio's", () => {
    expect(found(object("Gateway", "gateway.networking.k8s.io/v1", "{ listeners: [] }"))).toEqual([]);
  });
});

describe("an apiVersion", () => {
  const spec = "{ mtls: { mode: STRICT } }";
  test.each([
    ["security.istio.io/v1", "1.21", 1],
    ["security.istio.io/v1", "1.22", 0],
    ["security.istio.io/v1beta1", "1.17", 0],
    ["security.istio.io/v1alpha1", "1.31", 1],
  ])("%s of a PeerAuthentication on Istio %s gives %i finding(s)", (apiVersion, istio, count) => {
    const codes = found(object("PeerAuthentication", apiVersion, spec), { istio });
    expect(codes).toHaveLength(count);
    expect(codes.every((code) => code.startsWith("MG0103"))).toBe(true);
  });

  test("that is not served is told with those that are", () => {
    const [finding] = findingsIn(object("PeerAuthentication", "security.istio.io/v1", spec), schemaRules, { istio: "1.20" });
    expect(finding?.fix).toBe("Use security.istio.io/v1beta1.");
  });
});
