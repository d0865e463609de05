import { type ApiObject, Lazy } from "cdk8s";
import { Construct } from "constructs";
import { declareMovedFields } from "../core/moved-fields";
import type { VirtualService, VirtualServiceSpec } from "../istio/virtual-service";
import type { AdoptedDeployment } from "./adopted-deployment";
import { type AnalysisInput, analysisTemplateSpec, trafficTemplateSpec } from "./argo-analysis";
import {
  analysisName,
  argoMovedFields,
  argoRolloutsVersion,
  type RolloutPods,
  rolloutSpec,
  trafficName,
  versionedPods,
} from "./argo-rollouts";
import { autoscalerOf } from "./autoscaler-of";
import type { ArgoRolloutsReleaseProps } from "./progressive-release";
import type { ProgressiveWorkloadProps } from "./progressive-workload";
import { autoscalerSpec, defaultReplicas, type Replicas } from "./replicas";
import { movedRoutes } from "./traffic";
import { addSafeguards, imagePods, kinds, object, serviceSpec } from "./workload-objects";

/** What the objects of a release that Argo Rollouts moves are made from. */
export interface ArgoRolloutsWorkloadProps extends ProgressiveWorkloadProps {
  readonly release: ArgoRolloutsReleaseProps;
}

/** The objects that make a service run whose weights Argo Rollouts moves: Service, Rollout and what judges it, and what keeps the pods alive. */
export class ArgoRolloutsWorkload extends Construct {
  readonly #virtualServices: { readonly name: string; readonly routes: readonly string[] }[] = [];

  constructor(scope: Construct, id: string, workload: ArgoRolloutsWorkloadProps) {
    super(scope, id);
    const { service, props, adopted, annotations, release } = workload;
    const { serviceName } = service;
    object(this, "service", { ...kinds.service, name: serviceName, spec: serviceSpec(service) });
    this.#addAnalysis(workload);
    const replicas = replicasOf(workload);
    const rollout = object(this, "rollout", {
      ...rolloutKind,
      name: serviceName,
      spec: Lazy.any({
        produce: () =>
          rolloutSpec({
            serviceName,
            release,
            pods: podsOf(workload),
            replicas: typeof replicas === "object" ? undefined : replicas,
            virtualServices: this.#virtualServices,
          }),
      }),
    });
    if (typeof replicas === "object") {
      object(this, "autoscaler", { ...kinds.autoscaler, name: serviceName, spec: autoscalerSpec(serviceName, replicas, rolloutKind) });
      declareMovedFields(rollout, "spec.replicas");
    }
    if (adopted === undefined && props.defaults !== "none") addSafeguards(this, service, props.serviceAccountName === undefined);
    if (adopted === undefined) return;
    this.node.addValidation({ validate: () => autoscalerProblems(adopted) });
    adopted.decorate(service.podSelector, annotations);
    // The Rollout scales it down as its own pods come up.
    declareMovedFields(adopted.object, "spec.replicas");
  }

  /** Leaves the weights of a VirtualService to the controller. */
  moves(virtualService: VirtualService, spec: VirtualServiceSpec): void {
    this.#virtualServices.push({ name: virtualService.name, routes: movedRoutes(spec) });
    declareMovedFields(virtualService, argoMovedFields.virtualService);
  }

  #addAnalysis({ service, props, release, namespaceName, prometheus }: ArgoRolloutsWorkloadProps): void {
    const { serviceName } = service;
    const input = (): AnalysisInput => ({
      namespace: namespaceName ?? "",
      serviceName,
      protocol: props.protocol === "grpc" ? "grpc" : "http",
      release,
      prometheus: prometheus(),
    });
    const template = (id: string, name: string, produce: () => object): ApiObject =>
      object(this, id, { apiVersion: argoRolloutsVersion, kind: "AnalysisTemplate", name, spec: Lazy.any({ produce }) });
    template("analysis", analysisName(serviceName), () => analysisTemplateSpec(input()));
    if (release.abortWhen.noTraffic === "hold") template("traffic", trafficName(serviceName), () => trafficTemplateSpec(input()));
  }
}

/** An autoscaler of the Deployment would start its pods again, beside the Rollout's, and leave the Rollout as it is. */
function autoscalerProblems(adopted: AdoptedDeployment): string[] {
  const autoscaler = autoscalerOf(adopted);
  if (autoscaler === undefined) return [];
  const { kind, name } = autoscaler;
  return [
    `release.workload: ${kind} ${name} scales the Deployment ${adopted.name}, whose pods the Rollout takes over. Take it out, and give the service replicas: { min, max }, or have it scale the Rollout (apiVersion: ${argoRolloutsVersion}, kind: Rollout).`,
  ];
}

const rolloutKind = { apiVersion: argoRolloutsVersion, kind: "Rollout" } as const;

/** Pods of the Rollout; undefined where neither the user nor a careful operator says how many. */
function replicasOf({ props, adopted }: ProgressiveWorkloadProps): Replicas | undefined {
  return props.replicas ?? adopted?.replicas ?? (props.defaults === "none" ? undefined : defaultReplicas);
}

function podsOf(workload: ArgoRolloutsWorkloadProps): RolloutPods {
  const { adopted, release } = workload;
  if (adopted !== undefined) return { deployment: adopted.name, version: adopted.revision ?? "" };
  return versionedPods(imagePods({ image: release.image ?? "" }, workload));
}
