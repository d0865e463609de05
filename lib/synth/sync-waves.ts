import type { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { isRecord } from "../core/check";
import { movedFieldsOf } from "../core/moved-fields";
import { objectsOf } from "./identity";
import { type KubernetesObject, type ObjectStage, stageOf } from "./kubernetes-object";

/** Annotation by which Argo CD orders what it applies: lower waves first, each healthy before the next begins. */
export const waveAnnotation = "argocd.argoproj.io/sync-wave";

/** Annotation for what Argo CD may do to an object. */
const optionsAnnotation = "argocd.argoproj.io/sync-options";

const waves: Readonly<Record<ObjectStage | "routes", number>> = { namespaces: 0, policies: 1, services: 2, routes: 3 };

/** What takes all that is in it along. Argo CD leaves it, whatever else it prunes. */
const keptKinds = new Set(["Namespace", "CustomResourceDefinition", "PersistentVolumeClaim"]);

/** Trees that Argo CD applies. */
const waved = new WeakSet<object>();

/** Says that Argo CD applies the tree; false when somebody said so before. */
export function claimWaves(construct: Construct): boolean {
  const { root } = construct.node;
  if (waved.has(root)) return false;
  waved.add(root);
  return true;
}

/**
 * Writes onto each object of a tree that Argo CD applies in which wave it comes, and onto what holds others that it is never pruned. What an object
 * says already stays. Does nothing to any other tree.
 */
export function addSyncWaves(root: Construct): void {
  if (!waved.has(root.node.root)) return;
  for (const object of objectsOf(root)) {
    const given = annotationsOf(object);
    if (given[waveAnnotation] === undefined) object.metadata.addAnnotation(waveAnnotation, `${waveOf(object)}`);
    if (keptKinds.has(object.kind) && given[optionsAnnotation] === undefined)
      object.metadata.addAnnotation(optionsAnnotation, "Prune=false,Delete=false");
  }
}

/**
 * Routes come last, when the pods that they name are healthy. Those whose weights a delivery controller moves come with the services: a Rollout
 * without its routes is degraded, so a later wave would never begin.
 */
function waveOf(object: ApiObject): number {
  const routes = object.kind === "VirtualService" && object.apiGroup === "networking.istio.io" && movedFieldsOf(object).length === 0;
  const { apiVersion, kind } = object;
  return waves[routes ? "routes" : stageOf({ apiVersion, kind } as KubernetesObject)];
}

function annotationsOf(object: ApiObject): Readonly<Record<string, unknown>> {
  const metadata: unknown = object.metadata.toJson();
  return isRecord(metadata) && isRecord(metadata.annotations) ? metadata.annotations : {};
}
