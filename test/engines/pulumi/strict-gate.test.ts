import type { Stack } from "@pulumi/pulumi/automation";
import { ClusterToken } from "meshground/pulumi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StrictGate } from "../../../lib/pulumi/strict-gate";
import { type AnsweringServer, answering, type Series, shopOf } from "../../prometheus/answering";
import { engines } from "../engines.mts";
import { evidence } from "../evidence";
import { isMissing } from "../program";
import { filesWith, includesAny, inlineStack, projectFolder, recorder } from "./project.mts";

const port = { destination_workload: "pricing-v1", destination_port: "8080" };
const busy: Series = [{ ...port, connection_security_policy: "mutual_tls" }, 500];
const undeclared: Series = [{ ...port, connection_security_policy: "none" }, 12];
const secretToken = "a token that opens Prometheus".replaceAll(" ", "-");

describe.skipIf(isMissing(engines.pulumi))("the gate before STRICT, under the real engine and a double of Prometheus", () => {
  const { said, options } = recorder();
  let requests: readonly Series[] = [];
  let prometheus: AnsweringServer;
  let folder: string;
  let stack: Stack;
  let wanted: { readonly stage: "permissive" | "strict"; readonly force?: { readonly reason: string } };
  beforeAll(async () => {
    prometheus = await answering((query) => shopOf(...requests)(query));
    folder = projectFolder("strict-gate");
    // A gate, and what stands for a policy that waits for it.
    stack = await inlineStack(folder, async () => {
      const services = [{ name: "pricing", workloads: ["pricing-v1"], ports: [8080] }];
      const expected = { name: "shop", stage: wanted.stage, services, plaintext: [] };
      const how = { prometheus: prometheus.url, token: secretToken, ...(wanted.force !== undefined && { force: wanted.force }) };
      const gate = new StrictGate("shop", { expected, createdAt: undefined, ...how }, {});
      new ClusterToken(`policy-${wanted.stage}`, {}, { dependsOn: [gate] });
    });
  });
  afterAll(() => prometheus?.close());

  test("a namespace is permissive, is refused, and goes once it is safe; force says what it breaks", async (context) => {
    const up = async (stage: "permissive" | "strict", force?: { reason: string }, refresh = false): Promise<unknown> => {
      wanted = { stage, ...(force !== undefined && { force }) };
      return (await stack.up({ ...options, refresh })).summary.resourceChanges;
    };
    expect(await up("permissive")).toEqual({ create: 3 });
    expect(prometheus.asked).toEqual([]);

    requests = [busy, undeclared];
    wanted = { stage: "strict" };
    await stack.preview(options);
    expect(prometheus.asked).toEqual([]);
    await expect(up("strict")).rejects.toThrow(/shop: plaintext[\s\S]*pricing-v1 +8080 +12 +500 .*not declared/);
    const { deployment } = await stack.exportStack();
    expect(JSON.stringify(deployment)).not.toContain("policy-strict");

    requests = [busy];
    expect(await up("strict")).toEqual({ update: 1, create: 1, delete: 1, same: 1 });

    requests = [busy, undeclared];
    await up("permissive");
    const force = { reason: "the last caller is switched off tonight" };
    await up("strict", force);
    expect(said()).toContain("STRICT is forced (the last caller is switched off tonight). shop: plaintext.");
    expect(await up("strict", force, true)).toEqual({ same: 3 });

    expect(prometheus.asked.every(({ authorization }) => authorization === `Bearer ${secretToken}`)).toBe(true);
    expect(includesAny(said(), [secretToken])).toBe(false);
    expect(filesWith(folder, [secretToken])).toEqual([]);
    await stack.destroy(options);
    evidence(context, {
      claim:
        "`mtlsGate` refuses STRICT while plaintext is left that nobody declared, and what waits for it is not begun (Prometheus is a double)",
      measured:
        "12 plaintext requests: refused with the list, nothing changed; none: passed; forced: passed with a warning; a preview asked nobody; the token is in no state, log or output",
    });
  });
});
