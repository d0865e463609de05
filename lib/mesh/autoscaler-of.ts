import { ApiObject } from "cdk8s";
import { isRecord } from "../core/check";
import type { AdoptedDeployment } from "./adopted-deployment";

/** What scales a Deployment. */
export interface ForeignAutoscaler {
  readonly kind: "HorizontalPodAutoscaler" | "ScaledObject";
  readonly name: string;
  readonly apiVersion: string;
}

/** The autoscaler of the tree that scales a Deployment; undefined when there is none. Ask when the tree is complete. */
export function autoscalerOf({ object, name, namespaceName }: AdoptedDeployment): ForeignAutoscaler | undefined {
  const found = object.node.root.node.findAll().find((construct) => {
    if (!ApiObject.isApiObject(construct)) return false;
    const { kind, metadata } = construct as ApiObject;
    if (!isAutoscaler(kind) || metadata.namespace !== namespaceName) return false;
    const { spec } = (construct as ApiObject).toJson() as { spec?: { scaleTargetRef?: unknown } };
    const target = spec?.scaleTargetRef;
    // KEDA's kind is Deployment where none is said.
    return isRecord(target) && target.name === name && (target.kind ?? "Deployment") === "Deployment";
  });
  if (found === undefined) return undefined;
  const { kind, name: own, apiVersion } = found as ApiObject;
  return isAutoscaler(kind) ? { kind, name: own, apiVersion } : undefined;
}

function isAutoscaler(kind: string): kind is ForeignAutoscaler["kind"] {
  return kind === "HorizontalPodAutoscaler" || kind === "ScaledObject";
}
