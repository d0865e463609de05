import type { MeshApp } from "meshground";
import { documentsOf, type Manifest } from "../../support/examples";
import type { ApiServer } from "../api-server";
import { until } from "../processes";

/** What a tree renders, as far as Envoy's own build takes it. */
export function objectsOf(app: MeshApp): readonly Manifest[] {
  return documentsOf(app.synthYaml())
    .filter((document) => document !== null)
    .map(withoutMetrics);
}

/** Applies files with CRDs; they are served when this returns. */
export async function installCrds(server: ApiServer, files: readonly string[]): Promise<void> {
  for (const file of files) server.kubectlWith("", "apply", "--server-side", `--filename=${file}`);
  if (files.length === 0) return;
  // kubectl does not wait for a CRD that has no status yet.
  await until(
    () => server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s").status === 0,
    () => "the CRDs are not served",
  );
}

/** A Telemetry without its metrics: they need a filter that only Istio's build of Envoy has, and Envoy's own refuses the whole configuration. */
function withoutMetrics(object: Manifest): Manifest {
  if (object.kind !== "Telemetry" || object.spec === undefined) return object;
  const { metrics, ...spec } = object.spec;
  return { ...object, spec };
}
