import { programOf } from "../api-server";
import { engines } from "../engines.mts";
import { goModule } from "../go-module";
import { queuesOf } from "../mesh/in-namespace";
import type { Mesh } from "../mesh/mesh";
import { endPrograms, isRunning, lastLines, type Running, startProgram, until } from "../processes";

/** A delivery controller that runs beside a mesh's control plane. */
export interface DeliveryController {
  /** Kills it, as a node that is lost does. */
  kill(): Promise<void>;
  /** Starts it again. */
  restart(): Promise<void>;
  /** What it printed last. */
  log(): string;
}

/** Files with the CRDs of each, in the module that it is built from. */
export const crdsOf = {
  "argo-rollouts": () =>
    ["rollout", "analysis-template", "analysis-run", "cluster-analysis-template", "experiment"].map((name) =>
      goModule("argo-rollouts", "github.com/argoproj/argo-rollouts", `manifests/crds/${name}-crd.yaml`),
    ),
  flagger: () => [goModule("flagger", "github.com/fluxcd/flagger", "artifacts/flagger/crd.yaml")],
} as const;

/** Starts Argo Rollouts over all namespaces. The mesh stops it. */
export async function startArgoRollouts(mesh: Mesh): Promise<DeliveryController> {
  const args = ["--leader-elect=false", "--metricsPort=8190", "--healthzPort=8180"];
  return await start(mesh, [programOf(engines.argoRollouts), `--kubeconfig=${mesh.server.home}/kubeconfig`, ...args], 8_180);
}

/** Starts Flagger over all namespaces. The mesh stops it. */
export async function startFlagger(mesh: Mesh, prometheus: string): Promise<DeliveryController> {
  const args = ["-mesh-provider=istio", `-metrics-server=${prometheus}`, "-port=8280", "-log-level=info"];
  return await start(mesh, [programOf(engines.flagger), `-kubeconfig=${mesh.server.home}/kubeconfig`, ...args], 8_280);
}

async function start(mesh: Mesh, program: readonly string[], port: number): Promise<DeliveryController> {
  const begin = async (): Promise<Running> => {
    const running = startProgram("delivery-controller", [...mesh.control.inside(), ...program], { cwd: mesh.server.home });
    await until(
      () => {
        if (!isRunning(running)) throw new Error(`the controller has ended:\n${lastLines(running)}`);
        return queuesOf(mesh.control, [port]).length > 0;
      },
      () => `the controller does not listen:\n${lastLines(running)}`,
    );
    return running;
  };
  let running = await begin();
  mesh.own({ stop: () => endPrograms([running], 3_000) });
  return {
    kill: () => endPrograms([running], 0),
    restart: async () => {
      running = await begin();
    },
    log: () => lastLines(running, 400),
  };
}
