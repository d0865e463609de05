import { expect, test } from "vitest";
import type { TagOverride, TelemetrySpec } from "../../lib/istio/telemetry";
import { telemetryKind } from "../../lib/istio/telemetry-spec";
import { lines } from "./samples";

const ofSpec = (spec: TelemetrySpec): readonly string[] => lines(telemetryKind.spec("spec", spec));
const ofTag = (tag: TagOverride): readonly string[] => ofSpec({ metrics: [{ overrides: [{ tagOverrides: { port: tag } }] }] });

test("traces go to one provider: Istio looks at no other", () => {
  expect(ofSpec({ tracing: [{ providers: [{ name: "tempo" }, { name: "zipkin" }] }] })).toMatchInlineSnapshot(`
    [
      "spec.tracing[0].providers: got 2 items, expected at most 1.",
    ]
  `);
  expect(ofSpec({ tracing: [{}, {}] })).toHaveLength(1);
});

test("a label that is set has a value, one that is removed has none", () => {
  expect([ofTag({ value: "string(destination.port)" }), ofTag({ operation: "REMOVE" })].flat()).toEqual([]);
  expect(ofTag({ operation: "UPSERT" })).toMatchInlineSnapshot(`
    [
      "spec.metrics[0].overrides[0].tagOverrides.port.value: got nothing, expected an expression, because the operation is UPSERT.",
    ]
  `);
  expect(ofTag({ operation: "REMOVE", value: "x" })).toMatchInlineSnapshot(`
    [
      "spec.metrics[0].overrides[0].tagOverrides.port.value: got "x", expected nothing, because the operation is REMOVE.",
    ]
  `);
  expect(ofTag({ value: "" })).toHaveLength(1);
});

test("a metric is one of Istio's or one by name", () => {
  expect(ofSpec({ metrics: [{ overrides: [{ match: { metric: "REQUEST_COUNT", customMetric: "x" } }] }] })).toMatchInlineSnapshot(`
    [
      "spec.metrics[0].overrides[0].match: got metric and customMetric, expected at most one of metric, customMetric.",
    ]
  `);
  expect(ofSpec({ metrics: [{ overrides: [{ match: { metric: "REQUEST_COUNTS" as "REQUEST_COUNT" } }] }] })).toMatchInlineSnapshot(`
    [
      "spec.metrics[0].overrides[0].match.metric: got "REQUEST_COUNTS", expected one of "ALL_METRICS", "REQUEST_COUNT", "REQUEST_DURATION", "REQUEST_SIZE", "RESPONSE_SIZE", "TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS", "TCP_SENT_BYTES", "TCP_RECEIVED_BYTES", "GRPC_REQUEST_MESSAGES", "GRPC_RESPONSE_MESSAGES". Did you mean "REQUEST_COUNT"?",
    ]
  `);
});

test("samples from nothing to everything", () => {
  const sampling = (randomSamplingPercentage: number): number => ofSpec({ tracing: [{ randomSamplingPercentage }] }).length;
  expect([0, 0.01, 100].map(sampling)).toEqual([0, 0, 0]);
  expect([-1, 100.1, Number.NaN].map(sampling)).toEqual([1, 1, 1]);
});

test("a tag comes from one place", () => {
  const customTags = { team: { literal: { value: "shop" }, header: { name: "x" } } };
  expect(ofSpec({ tracing: [{ customTags }] })).toMatchInlineSnapshot(`
    [
      "spec.tracing[0].customTags.team: got literal and header, expected exactly one of literal, environment, header, formatter.",
    ]
  `);
});

test("a provider has a name, and a filter an expression", () => {
  expect(ofSpec({ accessLogging: [{ providers: [{ name: "" }], filter: { expression: "" } }] })).toMatchInlineSnapshot(`
    [
      "spec.accessLogging[0].providers[0].name: got "", expected text that is not empty.",
      "spec.accessLogging[0].filter.expression: got "", expected an expression of CEL such as response.code >= 400. The end stands where a value is expected, at character 1.",
    ]
  `);
});
