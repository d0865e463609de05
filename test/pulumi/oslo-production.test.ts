import { secret } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { type Ground, ground } from "../../examples/oslo-production/ground";
import { deploy } from "./deployment";
import { hostKey } from "./trees";

const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n";
const servers = ["oslo-1", "oslo-2", "oslo-3"].map((name, index) => ({ name, address: `10.0.0.1${index + 1}`, hostKey }));
const config = (different: Partial<Ground> = {}): Ground => ({
  environment: "production",
  servers,
  login: { user: "ops", privateKey: secret(privateKey) },
  stages: ["hosts"],
  ...different,
});

describe("the Pulumi program of oslo-production", () => {
  test("tunes its three hosts, the first one alone", async () => {
    const { resources, errors } = await deploy(() => ground(config()));
    expect(errors).toEqual([]);
    expect(resources.map(({ name, waitsFor }) => [name, ...waitsFor])).toEqual([
      ["oslo-production"],
      ["oslo-production/oslo-1"],
      ["oslo-production/oslo-2", "oslo-production/oslo-1"],
      ["oslo-production/oslo-3", "oslo-production/oslo-1"],
    ]);
  });

  test("gives its key to nobody in the clear", async () => {
    const { resources } = await deploy(() => ground(config()));
    expect(resources.slice(1).map(({ secrets }) => secrets)).toEqual([["connection"], ["connection"], ["connection"]]);
  });

  test("goes on to the mesh where a cluster is there", async () => {
    const whole = config({ environment: "staging", stages: ["hosts", "istio", "namespaces", "policies", "services"], kubeconfig: "x" });
    const { resources, errors } = await deploy(() => ground(whole));
    expect(errors).toEqual([]);
    expect(resources.length).toBeGreaterThan(30);
  });

  test("is refused with two servers", () => {
    expect(() => ground(config({ servers: servers.slice(1) }))).toThrow("machines.oslo: got 2, expected 3 machines");
  });
});
