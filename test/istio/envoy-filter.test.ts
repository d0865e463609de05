import { describe, expect, test } from "vitest";
import type { EnvoyFilterSpec, EnvoyPatch } from "../../lib/istio/envoy-filter-spec";
import { linesOf } from "./data-samples";

const ofSpec = (spec: EnvoyFilterSpec): readonly string[] => linesOf("EnvoyFilter", spec);
const ofPatch = (patch: EnvoyPatch): readonly string[] => ofSpec({ configPatches: [patch] });
const remove = { operation: "REMOVE" } as const;
const http = "envoy.filters.network.http_connection_manager";
const router = { name: "envoy.filters.http.router" };

test("names every problem at once", () => {
  const patch = {
    applyTo: "HTTP_FILTERS",
    match: { listener: { portNumber: -1, filterChains: {} } },
    patch: { operation: "MERGE", value: [] },
  };
  expect(ofPatch(patch as unknown as EnvoyPatch)).toMatchInlineSnapshot(`
    [
      "spec.configPatches[0].applyTo: got "HTTP_FILTERS", expected one of "INVALID", "LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER", "ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE", "CLUSTER", "EXTENSION_CONFIG", "BOOTSTRAP", "LISTENER_FILTER". Did you mean "HTTP_FILTER"?",
      "spec.configPatches[0].match.listener.portNumber: got -1, expected a whole number from 0 to 4294967295.",
      "spec.configPatches[0].match.listener.filterChains: unknown prop. Did you mean "filterChain"?",
      "spec.configPatches[0].patch.value: got [], expected an object.",
    ]
  `);
});

describe("a change", () => {
  test("says what is changed, and how", () => {
    expect(ofPatch({})).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].applyTo: got nothing, expected what is changed, such as HTTP_FILTER.",
        "spec.configPatches[0].patch: got nothing, expected a change.",
      ]
    `);
    expect(ofPatch({ applyTo: "CLUSTER", patch: {} })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].patch.operation: got nothing, expected an operation, such as MERGE.",
      ]
    `);
    expect(ofPatch({ applyTo: "INVALID", patch: { operation: "INVALID" } })).toHaveLength(2);
  });

  test("has a value, unless it removes", () => {
    expect(ofPatch({ applyTo: "CLUSTER", patch: { operation: "ADD" } })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].patch.value: got nothing, expected a part of Envoy's configuration, because the operation is ADD.",
      ]
    `);
    expect(
      [ofPatch({ applyTo: "CLUSTER", patch: remove }), ofPatch({ applyTo: "BOOTSTRAP", patch: { operation: "MERGE", value: {} } })].flat(),
    ).toEqual([]);
  });

  test("is only looked at by the schema in a waypoint", () => {
    expect(ofPatch({ match: { context: "WAYPOINT", waypoint: {} } })).toEqual([]);
  });
});

describe("a match", () => {
  test("fits what is changed", () => {
    expect(ofPatch({ applyTo: "CLUSTER", match: { listener: { portNumber: 80 } }, patch: remove })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].match.listener: got {"portNumber":80}, expected nothing, because CLUSTER is matched by cluster.",
      ]
    `);
    expect(ofPatch({ applyTo: "VIRTUAL_HOST", match: { cluster: {} }, patch: remove })).toHaveLength(1);
    expect(ofPatch({ applyTo: "NETWORK_FILTER", match: { routeConfiguration: {} }, patch: remove })).toHaveLength(1);
    expect(ofPatch({ applyTo: "EXTENSION_CONFIG", match: { cluster: {} }, patch: remove })).toEqual([]);
  });

  test("is of one sort", () => {
    expect(ofPatch({ applyTo: "CLUSTER", match: { listener: {}, cluster: {} }, patch: remove })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].match: got listener and cluster, expected at most one of listener, routeConfiguration, cluster, waypoint.",
      ]
    `);
  });

  test("finds a filter by its name, and an HTTP filter in Envoy's HTTP connection manager", () => {
    const filter = (applyTo: "HTTP_FILTER" | "NETWORK_FILTER", of: object): readonly string[] =>
      ofPatch({ applyTo, match: { listener: { filterChain: { filter: of } } }, patch: remove });
    expect([filter("HTTP_FILTER", { name: http, subFilter: router }), filter("NETWORK_FILTER", { name: http })].flat()).toEqual([]);
    expect(filter("HTTP_FILTER", {})).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].match.listener.filterChain.filter.name: got nothing, expected the filter's name.",
      ]
    `);
    expect(filter("NETWORK_FILTER", { name: http, subFilter: router })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].match.listener.filterChain.filter.subFilter: got {"name":"envoy.filters.http.router"}, expected nothing, because NETWORK_FILTER is no HTTP_FILTER.",
      ]
    `);
    expect(filter("HTTP_FILTER", { name: "envoy.filters.network.tcp_proxy", subFilter: router })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].match.listener.filterChain.filter.name: got "envoy.filters.network.tcp_proxy", expected "envoy.filters.network.http_connection_manager", because a subFilter is one of its filters.",
      ]
    `);
    expect(filter("HTTP_FILTER", { name: http, subFilter: {} })).toMatchInlineSnapshot(`
      [
        "spec.configPatches[0].match.listener.filterChain.filter.subFilter.name: got nothing, expected the filter's name.",
      ]
    `);
  });

  test("knows proxies by a regular expression", () => {
    const version = (proxyVersion: string): number =>
      ofPatch({ applyTo: "CLUSTER", match: { proxy: { proxyVersion } }, patch: remove }).length;
    expect(["1\\.30.*", "^1\\.(?:29|30)", "", "(?=x)", "*"].map(version)).toEqual([0, 0, 0, 1, 1]);
  });
});
