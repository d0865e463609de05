import { setTimeout as pause } from "node:timers/promises";
import { IstioControlPlane, StrictMtlsNamespace } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { meshApp, service } from "../../support/tree";
import { evidence } from "../evidence";
import { failuresOf } from "../mesh/answers";
import type { Machine } from "../mesh/machine";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import { until } from "../processes";

/** `web` calls `pricing`. The mesh itself stays permissive: the namespace decides. */
function shop(stage: "permissive" | "strict"): { app: ReturnType<typeof meshApp>; controlPlane: IstioControlPlane } {
  const app = meshApp({ istio: "1.31" });
  const controlPlane = new IstioControlPlane(app, "mesh", { mtls: "permissive", outbound: "REGISTRY_ONLY", cni: true });
  const namespace = new StrictMtlsNamespace(app, "shop", { stage });
  service(namespace, "web").calls(service(namespace, "pricing"));
  return { app, controlPlane };
}

describe.skipIf(meshIsMissing())("a namespace that changes its stage under load", () => {
  let mesh: Mesh;
  let [web, pricing]: (Pod | undefined)[] = [];
  let outsider: Machine;
  beforeAll(async () => {
    const { app, controlPlane } = shop("permissive");
    mesh = await Mesh.start(app, controlPlane);
    outsider = await mesh.outsider("10.9.9.9");
    // Both versions: the weights send requests to both.
    const both = [await mesh.runOne("pricing-v1"), await mesh.runOne("pricing-v2")];
    [web, pricing] = [await mesh.runOne("web-v1"), both[0]];
    await mesh.untilKnown(web, both);
  });
  afterAll(() => mesh?.end());

  /** Whether the server takes plaintext, as somebody without a sidecar sees it. */
  async function takesPlaintext(): Promise<boolean> {
    const [answer] = await outsider.send({ url: `http://${pricing?.namespace.address}:8080/`, requests: 1 });
    return answer?.[2] === 200;
  }

  test("permissive → strict → permissive loses no request of a caller with a sidecar", async (context) => {
    expect(await takesPlaintext()).toBe(true);
    const load = { url: "http://pricing:8080/", concurrency: 4, pause: 5 };
    const answers = await web?.sendWhile([load], async () => {
      await pause(1_000);
      for (const stage of ["strict", "permissive", "strict", "permissive"] as const) {
        await mesh.apply(shop(stage).app);
        await until(
          async () => (await takesPlaintext()) === (stage === "permissive"),
          () => `the server does not become ${stage}`,
        );
        // The callers' sidecars have heard of it as well.
        await pause(2_000);
      }
    });
    expect(answers?.length).toBeGreaterThan(1_000);
    expect(failuresOf(answers ?? [])).toEqual([]);
    const plain = pricing?.received().filter(({ host, certificate }) => host.startsWith("pricing") && certificate === undefined);
    expect(plain).toEqual([]);
    evidence(context, {
      claim:
        "A namespace that goes from permissive to strict and back, its policies and destination rules in one apply, loses no request of callers with sidecars",
      measured: `${answers?.length.toLocaleString("en")} requests while the stage changed four times, 0 failed; plaintext was refused in each strict stage`,
    });
  });
});
