import { setTimeout as pause } from "node:timers/promises";
import { CanaryService, type CanaryServiceProps, IstioControlPlane, Release, StrictMtlsNamespace } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { meshApp } from "../../support/tree";
import { evidence } from "../evidence";
import { answersFrom, failuresOf } from "../mesh/answers";
import type { Answer } from "../mesh/load.mts";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";

/** `web` calls `pricing`, which has the library's defaults, and `bare`, which has none. */
function shop(): { app: ReturnType<typeof meshApp>; controlPlane: IstioControlPlane } {
  const app = meshApp({ istio: "1.31" });
  const controlPlane = new IstioControlPlane(app, "mesh", { mtls: "strict", outbound: "REGISTRY_ONLY", cni: true });
  const namespace = new StrictMtlsNamespace(app, "shop", { stage: "strict" });
  const service = (name: string, props: Partial<CanaryServiceProps> = {}): CanaryService => {
    const image = `registry.example.no/${name}`;
    const release = Release.pinned({ stable: { name: "v1", image: `${image}:1` }, canary: { name: "v2", image: `${image}:2`, weight: 0 } });
    return new CanaryService(namespace, name, { port: 8080, release, ...props });
  };
  service("web").calls(service("pricing"), service("bare", { defaults: "none" }));
  return { app, controlPlane };
}

describe.skipIf(meshIsMissing())("pods that start and stop under load", () => {
  let mesh: Mesh;
  let web: Pod;
  beforeAll(async () => {
    const { app, controlPlane } = shop();
    mesh = await Mesh.start(app, controlPlane);
    [web] = await Promise.all([mesh.runOne("web-v1"), mesh.runOne("pricing-v1"), mesh.runOne("bare-v1")]);
    await mesh.untilKnown(web);
  });
  afterAll(() => mesh?.end());

  /** Half of the requests take a third of a second, so that some are always under way. */
  const underLoad = async (service: string, during: () => Promise<void>): Promise<readonly Answer[]> => {
    const url = `http://${service}:8080/`;
    const loads = [
      { url, concurrency: 4, pause: 5 },
      { url, concurrency: 4, headers: { "x-delay": "300" } },
      { url, concurrency: 2, keepAlive: false, pause: 5 },
    ];
    return await web.sendWhile(loads, async () => {
      await pause(1_000);
      await during();
      await pause(1_000);
    });
  };

  test("a pod that starts takes requests, and loses none, although its application listens late", async (context) => {
    const answers = await underLoad("pricing", async () => {
      await mesh.runOne("pricing-v1", { listensAfter: 3_000 });
      await pause(2_000);
    });
    expect(failuresOf(answers)).toEqual([]);
    expect(answersFrom(answers, "pricing-v1")).toBe(answers.length);
    const taken = answers.filter(([, , , body]) => body === "pricing-v1-1").length;
    expect(taken).toBeGreaterThan(50);
    evidence(context, {
      claim:
        "A pod that starts under load, whose application listens after 3 s, loses no request: its probe keeps requests away until then",
      measured: `0 of ${answers.length} failed; the new pod answered ${taken}`,
      tolerance: "no failure",
    });
  });

  test("without a probe a pod that starts loses requests: the guard above can fail", async (context) => {
    const answers = await underLoad("bare", async () => {
      await mesh.runOne("bare-v1", { listensAfter: 3_000 });
      await pause(4_000);
    });
    const failed = failuresOf(answers).length;
    expect(failed).toBeGreaterThan(0);
    evidence(context, {
      claim: 'With `defaults: "none"` it gets requests before it listens',
      measured: `${failed} of ${answers.length} failed`,
      tolerance: "at least one",
    });
  });

  const sidecars = [
    { sidecar: "a native sidecar (Istio 1.27 and newer)", annotations: {}, fewest: 10, most: 25 },
    { sidecar: "a sidecar among the containers", annotations: { "sidecar.istio.io/nativeSidecar": "false" }, fewest: 25, most: 40 },
  ] as const;

  test.for(sidecars)("a pod with $sidecar that stops loses no request, although its application ends at once", async (one, context) => {
    const leaving = await mesh.runOne("pricing-v1", { annotations: one.annotations });
    await mesh.untilKnown(web, [leaving]);
    let took = 0;
    const answers = await underLoad("pricing", async () => {
      const begin = Date.now();
      await mesh.stop(leaving);
      took = (Date.now() - begin) / 1_000;
    });
    expect(failuresOf(answers)).toEqual([]);
    expect(answers.some(([, , , body]) => body === leaving.name)).toBe(true);
    expect(took).toBeGreaterThanOrEqual(one.fewest);
    expect(took).toBeLessThan(one.most);
    evidence(context, {
      claim: `A pod with ${one.sidecar} that stops under load loses no request, although its application ends as soon as it is told to`,
      measured: `0 of ${answers.length} failed; the pod was gone after ${took.toFixed(0)} s`,
      tolerance: `no failure; gone after ${one.fewest} to ${one.most} s, within its grace period of 45`,
    });
  });

  test("without the library's defaults it does: the guard above can fail", async (context) => {
    const answers = await underLoad("bare", () => mesh.stop(mesh.pod("bare-v1-0")));
    const failed = failuresOf(answers).length;
    expect(failed).toBeGreaterThan(0);
    evidence(context, {
      claim: 'With `defaults: "none"` a pod that stops cuts what it is answering',
      measured: `${failed} of ${answers.length} failed`,
      tolerance: "at least one",
    });
  });
});
