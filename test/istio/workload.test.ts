import { describe, expect, test } from "vitest";
import type { ProxyConfigSpec } from "../../lib/istio/proxy-config-spec";
import type { WorkloadEndpoint } from "../../lib/istio/workload-endpoint";
import type { WorkloadGroupSpec, WorkloadProbe } from "../../lib/istio/workload-group-spec";
import { linesOf } from "./data-samples";

describe("WorkloadEntry", () => {
  const ofSpec = (spec: WorkloadEndpoint): readonly string[] => linesOf("WorkloadEntry", spec);

  test("is at an address, a name, a socket, or somewhere in a network", () => {
    for (const address of ["10.0.5.7", "2001:db8::1", "db.example.no", "unix:///run/db.sock", "unix://@db"])
      expect([address, ofSpec({ address })]).toEqual([address, []]);
    expect(ofSpec({ network: "vm" })).toEqual([]);
    for (const address of ["*.example.no", "10.0.5.7:80", "10.0.5.0/24", "db_1"])
      expect([address, ofSpec({ address }).length]).toEqual([address, 1]);
    expect(ofSpec({})).toMatchInlineSnapshot(`
      [
        "spec: got none, expected at least one of address, network.",
      ]
    `);
  });
});

describe("WorkloadGroup", () => {
  const ofSpec = (spec: Partial<WorkloadGroupSpec>): readonly string[] => linesOf("WorkloadGroup", spec);
  const ofProbe = (probe: WorkloadProbe): readonly string[] => ofSpec({ template: {}, probe });

  test("has a template, which needs no address", () => {
    expect(ofSpec({ template: {} })).toEqual([]);
    expect(ofSpec({})).toMatchInlineSnapshot(`
      [
        "spec.template: got nothing, expected an object.",
      ]
    `);
  });

  test("is probed in one way", () => {
    expect(ofProbe({ tcpSocket: { port: 80 } })).toEqual([]);
    expect(ofProbe({ tcpSocket: { port: 80 }, exec: { command: ["true"] } })).toMatchInlineSnapshot(`
      [
        "spec.probe: got tcpSocket and exec, expected exactly one of httpGet, tcpSocket, exec, grpc.",
      ]
    `);
    expect(ofProbe({ periodSeconds: 1 })).toHaveLength(1);
  });

  test("names every problem of a probe at once", () => {
    const httpGet = { port: 80, scheme: "FTP" as "HTTP", httpHeaders: [{ name: "**" }] };
    expect(ofProbe({ periodSeconds: -1, httpGet })).toMatchInlineSnapshot(`
      [
        "spec.probe.periodSeconds: got -1, expected a whole number from 0 to 2147483647.",
        "spec.probe.httpGet.scheme: got "FTP", expected one of "HTTP", "HTTPS".",
        "spec.probe.httpGet.httpHeaders[0].name: got "**", expected a header name of letters, digits and dashes.",
      ]
    `);
    expect(ofProbe({ exec: { command: [] } })).toHaveLength(1);
    expect(ofProbe({ exec: { command: [""] } })).toHaveLength(1);
  });

  test("gives its entries labels and annotations", () => {
    const metadata = { labels: { app: "d b" }, annotations: { "example.no/note": "any text, of any length" } };
    expect(ofSpec({ template: {}, metadata })).toMatchInlineSnapshot(`
      [
        "spec.metadata.labels.app: got "d b", expected a label value: at most 63 letters, digits, dashes, underscores and dots, starting and ending with a letter or digit.",
      ]
    `);
  });
});

describe("ProxyConfig", () => {
  const ofSpec = (spec: ProxyConfigSpec): readonly string[] => linesOf("ProxyConfig", spec);

  test("names every problem at once", () => {
    expect(ofSpec({ concurrency: -1, environmentVariables: { X: 1 as unknown as string, Y: "a".repeat(2049) } })).toMatchInlineSnapshot(`
      [
        "spec.concurrency: got -1, expected a whole number from 0 to 2147483647.",
        "spec.environmentVariables.X: got 1, expected text of at most 2048 characters.",
        "spec.environmentVariables.Y: got "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…, expected text of at most 2048 characters.",
      ]
    `);
  });

  test("may say nothing", () => {
    expect([ofSpec({}), ofSpec({ selector: { matchLabels: {} }, concurrency: 0 })].flat()).toEqual([]);
  });
});
