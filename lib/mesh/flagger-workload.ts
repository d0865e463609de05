import { Lazy } from "cdk8s";
import { Construct } from "constructs";
import { declareMovedFields } from "../core/moved-fields";
import { versionedPods } from "./argo-rollouts";
import { autoscalerOf } from "./autoscaler-of";
import { type FlaggerObjects, flaggerMovedFields, flaggerObjects } from "./flagger";
import { flaggerAdoptionProblems } from "./flagger-adoption";
import type { FlaggerReleaseProps } from "./progressive-release";
import type { ProgressiveWorkloadProps } from "./progressive-workload";
import { autoscalerSpec, type Replicas } from "./replicas";
import type { Traffic } from "./traffic";
import { addSafeguards, imagePods, kinds, object } from "./workload-objects";

/** What the objects of a release that Flagger moves are made from. */
export interface FlaggerWorkloadProps extends ProgressiveWorkloadProps {
  readonly release: FlaggerReleaseProps;
  readonly traffic: Traffic;
}

/**
 * The objects that make a service run that Flagger moves: Canary and MetricTemplates, and around an image a Deployment and what keeps its pods
 * alive. The Services, the routes and the primary's Deployment are Flagger's.
 */
export class FlaggerWorkload extends Construct {
  readonly #exposures: { readonly gateway: string; readonly host: string }[] = [];

  constructor(scope: Construct, id: string, props: FlaggerWorkloadProps) {
    super(scope, id);
    const { service, adopted, annotations } = props;
    if (adopted === undefined) addDeployment(this, props);
    else {
      this.node.addValidation({ validate: () => flaggerAdoptionProblems(adopted) });
      adopted.decorate(service.podSelector, annotations);
      declareMovedFields(adopted.object, ...flaggerMovedFields);
    }
    const rendered = (): FlaggerObjects => this.#rendered(props);
    object(this, "canary", { apiVersion, kind: "Canary", name: service.serviceName, spec: Lazy.any({ produce: () => rendered().canary }) });
    for (const [index, { name }] of rendered().metricTemplates.entries()) {
      const spec = Lazy.any({ produce: () => rendered().metricTemplates[index]?.spec });
      object(this, name, { apiVersion, kind: "MetricTemplate", name, spec });
    }
  }

  /** Has Flagger route what comes in for a host through a gateway. */
  expose(gateway: string, host: string): void {
    this.#exposures.push({ gateway, host });
  }

  #rendered({ service, namespaceName, release, traffic, adopted, props, prometheus }: FlaggerWorkloadProps): FlaggerObjects {
    const { serviceName, ports } = service;
    return flaggerObjects({
      service: { serviceName, ports },
      namespace: namespaceName,
      release,
      traffic,
      deployment: adopted?.name ?? serviceName,
      autoscaler: adopted === undefined ? ownAutoscaler(props.replicas, serviceName) : autoscalerOf(adopted)?.name,
      prometheus: prometheus(),
      protocol: props.protocol ?? "http",
      gateways: this.#exposures.map(({ gateway }) => gateway),
      hosts: this.#exposures.map(({ host }) => host),
    });
  }
}

const apiVersion = "flagger.app/v1beta1";

function ownAutoscaler(replicas: Replicas | undefined, serviceName: string): string | undefined {
  return typeof replicas === "object" ? serviceName : undefined;
}

/**
 * The Deployment that Flagger copies to the primary. It selects by `app` alone, which Flagger rewrites on the copy; the label `version` is
 * another one at each release, so that metrics and Kiali tell the two apart.
 */
function addDeployment(scope: Construct, workload: FlaggerWorkloadProps): void {
  const { service, props, release } = workload;
  const { serviceName: name } = service;
  // Flagger 1.36 copies Deployments as Kubernetes 1.27 had them, without `preStop.sleep`: the copy would have an empty preStop, and be refused.
  const pods = { ...imagePods({ image: release.image ?? "" }, workload), kubeletSleeps: false };
  const { template } = versionedPods(pods);
  const spec = {
    ...(typeof pods.replicas === "number" && { replicas: pods.replicas }),
    selector: { matchLabels: { app: name } },
    template: { ...template },
  };
  const deployment = object(scope, "deployment", { ...kinds.deployment, name, spec });
  declareMovedFields(deployment, ...flaggerMovedFields);
  if (typeof pods.replicas === "object")
    object(scope, "autoscaler", { ...kinds.autoscaler, name, spec: autoscalerSpec(name, pods.replicas) });
  if (props.defaults !== "none") addSafeguards(scope, service, props.serviceAccountName === undefined);
}
