import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { Release } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentsOf, findManifest, type Manifest } from "../../support/examples";
import { followRollouts } from "../cut/argo-timeline";
import { crdsOf, startArgoRollouts } from "../cut/controllers";
import { keepsInboundStats, startIstioMetrics } from "../cut/istio-metrics";
import { underLoad } from "../cut/load";
import { listOf } from "../cut/routes";
import { imageOf, progressive, type Released, type Shop, shop } from "../cut/shop";
import { seconds, type Timeline } from "../cut/timeline";
import { engines } from "../engines.mts";
import { evidence } from "../evidence";
import { answersFrom, countAnswers, failuresOf } from "../mesh/answers";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import type { PodObject } from "../mesh/pod-object";
import { weightsOf } from "../mesh/route-config";
import { WorkloadController } from "../mesh/workload-controller";
import { until } from "../processes";
import { isMissing } from "../program";
import { prometheusIsMissing } from "../prometheus";

/** How each service was reached before: without routes, or by those of a pinned release; and whether its routes are changed step by step. */
const names = ["plain", "pinned", "careful"] as const;
type State = "before" | "adopted" | "released";

/** A Deployment that a user has had for long. Once it is adopted, the number of its pods is left to Argo Rollouts. */
function running(scope: Construct, name: string, state: State): ApiObject {
  const metadata = { name };
  const version = state === "released" ? "v2" : "v1";
  new ApiObject(scope, `${name}-account`, { apiVersion: "v1", kind: "ServiceAccount", metadata });
  const container = {
    name,
    image: imageOf(name, version),
    ports: [{ containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 } },
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
  };
  const template = {
    metadata: { labels: { app: name, version } },
    spec: { serviceAccountName: name, terminationGracePeriodSeconds: 45, containers: [container] },
  };
  const spec = { ...(state !== "released" && { replicas }), selector: { matchLabels: { app: name } }, template };
  return new ApiObject(scope, `${name}-deployment`, { apiVersion: "apps/v1", kind: "Deployment", metadata, spec });
}

const replicas = 2;

function tree(state: State): Shop {
  const released = (scope: Construct, name: string): Released => {
    const workload = running(scope, name, state);
    const props = { podSelector: { app: name }, ...(state === "released" && { replicas }) };
    if (state === "before" && name !== "plain") {
      const stable = { name: "v1", workload };
      return { release: Release.pinned({ stable, canary: { name: "none", deployed: "elsewhere", weight: 0 } }), props };
    }
    const abortWhen = { errorsAbove: "1%", over: "10s", every: "2s", noTraffic: "hold" } as const;
    return { release: progressive({ workload, controller: "argo-rollouts", abortWhen }), props };
  };
  return shop(Object.fromEntries(names.map((name) => [name, (scope: Construct) => released(scope, name)])));
}

const missing = [meshIsMissing(), isMissing(engines.argoRollouts), prometheusIsMissing()].includes(true);

describe.skipIf(missing)(`running Deployments that Argo Rollouts ${engines.argoRollouts.version} takes over`, () => {
  let mesh: Mesh;
  let web: Pod;
  let timeline: Timeline;
  beforeAll(async () => {
    const { app, controlPlane } = shop({});
    mesh = await Mesh.start(app, controlPlane, crdsOf["argo-rollouts"]());
    await startIstioMetrics(mesh);
    await startArgoRollouts(mesh);
    mesh.own(new WorkloadController(mesh, { annotations: keepsInboundStats }));
    timeline = followRollouts(mesh.api);
    mesh.own(timeline);
    const routes = ["VirtualService", "DestinationRule", "Rollout", "AnalysisTemplate"];
    await mesh.applyChanges(
      tree("before").app,
      ({ kind, metadata: { name } }: Manifest) => name.startsWith("plain") && routes.includes(kind),
    );
    web = await mesh.readyPod("web-v1");
    await until(
      () => names.every((name) => mesh.readyPods(name).length === 2),
      () => "the Deployments do not run",
    );
    await mesh.untilKnown(web);
  });
  afterAll(() => mesh?.end());

  /** Waits until two pods of a Rollout are all that is left of each service, those that stop included. */
  const untilHandedOver = (): Promise<void> =>
    until(
      async () => {
        const pods = await listOf<PodObject>(mesh.api, "/api/v1/namespaces/shop/pods");
        return names.every((name) => {
          const own = pods.filter(({ metadata }) => metadata.labels?.app === name);
          return own.length === replicas && own.every(({ metadata }) => metadata.labels?.["rollouts-pod-template-hash"] !== undefined);
        });
      },
      () => "the Deployments still have pods",
    );

  /** Applies the DestinationRule of a service that has none, and waits for its subsets: routes to subsets that a caller does not know yet are answered by 503. */
  const subsetsFirst = async (name: string): Promise<void> => {
    mesh.applyObjects([findManifest(documentsOf(tree("adopted").app.synthYaml()), "DestinationRule", name)]);
    await until(
      () => ["stable", "canary"].every((subset) => web.envoy("clusters").includes(`|${subset}|${name}.`)),
      () => "the subsets do not come",
    );
  };

  /** Adds the subsets that the new routes need beside those that the old ones do, then has the routes use them. */
  const routeFirst = async (name: string): Promise<void> => {
    const subsets = ["stable", "canary"].map((subset) => ({ name: subset, labels: { app: name } }));
    const patch = subsets.map((value) => ({ op: "add", path: "/spec/subsets/-", value }));
    mesh.server.kubectlWith("", "--namespace=shop", "patch", "destinationrule", name, "--type=json", `--patch=${JSON.stringify(patch)}`);
    await until(
      () => web.envoy("clusters").includes(`|stable|${name}.`),
      () => "the new subsets do not come",
    );
    mesh.applyObjects([findManifest(documentsOf(tree("adopted").app.synthYaml()), "VirtualService", name)]);
    await until(
      () => "stable" in weightsOf(web, `${name}.shop.svc.cluster.local`),
      () => "the new routes do not come",
    );
  };

  test("a Deployment that runs is taken over under load", async (context) => {
    let [began, ready, over] = [0, 0, 0];
    const adopt = async (): Promise<void> => {
      await subsetsFirst("plain");
      await routeFirst("careful");
      began = Date.now();
      await mesh.applyChanges(tree("adopted").app);
      await Promise.all(names.map((name) => timeline.until(`${name}.phase`, (phase) => phase === "Healthy", { after: began })));
      ready = Date.now();
      await untilHandedOver();
      over = Date.now();
    };
    const answers = await underLoad(web, names, adopt, 20);
    const failed = (name: (typeof names)[number]): string => `${failuresOf(answers[name] ?? []).length} of ${answers[name]?.length} failed`;
    for (const name of ["plain", "careful"] as const) {
      expect(countAnswers(failuresOf(answers[name] ?? []))).toEqual({});
      expect(answersFrom(answers[name]?.slice(-20) ?? [], `${name}-${timeline.now(`${name}.stable`)}`)).toBe(20);
    }
    const took = `Rollout healthy after ${seconds(began, ready)}, the Deployment's last pod gone after ${seconds(began, over)}`;
    evidence(
      context,
      {
        claim:
          "A running Deployment without routes of its own is taken over under load without a failed request, where its DestinationRule is applied first, then all the rest: `workload`, `podSelector` with labels that its pods carry already",
        measured: `${failed("plain")}; ${took}`,
        tolerance: "no failure",
      },
      {
        claim:
          "A Deployment behind a pinned release likewise, where the subsets `stable` and `canary` are added to the DestinationRule first, then the VirtualService is applied, then all the rest",
        measured: failed("careful"),
        tolerance: "no failure",
      },
      {
        claim:
          "The same with all objects applied at once can lose requests: for some milliseconds the old subsets may be gone while a caller's Envoy has the old routes",
        measured: failed("pinned"),
        tolerance: "not judged: 0 to 2 were seen",
      },
    );
  });

  test("a new template of the Deployment is a release", async (context) => {
    const answers = await underLoad(web, ["plain"], async () => {
      const began = Date.now();
      await mesh.applyChanges(tree("released").app);
      const last = await timeline.until("plain.weight", (weight) => weight === 50, { after: began });
      await timeline.until("plain.phase", (phase) => phase === "Healthy", { after: last });
    });
    const all = answers.plain ?? [];
    expect(failuresOf(all)).toEqual([]);
    expect(answersFrom(all.slice(-20), `plain-${timeline.now("plain.canary")}`)).toBe(20);
    const { spec } = await mesh.api.get<Manifest>("/apis/apps/v1/namespaces/shop/deployments/plain");
    expect(spec?.replicas).toBe(0);
    evidence(context, {
      claim: "After that, a change of the Deployment's template is a release, and the Deployment keeps no pods",
      measured: `0 of ${all.length} failed; promoted; 0 pods of the Deployment`,
      tolerance: "no failure",
    });
  });
});
