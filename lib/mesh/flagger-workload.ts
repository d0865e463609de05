import { Lazy } from "cdk8s";
import { Construct } from "constructs";
import { declareMovedFields } from "../core/moved-fields";
import { versionedPods } from "./argo-rollouts";
import { type FlaggerObjects, flaggerMovedFields, flaggerObjects } from "./flagger";
import type { FlaggerReleaseProps } from "./progressive-release";
import type { ProgressiveWorkloadProps } from "./progressive-workload";
import { autoscalerSpec } from "./replicas";
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
      autoscaler: typeof props.replicas === "object" ? serviceName : undefined,
      prometheus: prometheus(),
      protocol: props.protocol ?? "http",
      gateways: this.#exposures.map(({ gateway }) => gateway),
      hosts: this.#exposures.map(({ host }) => host),
    });
  }
}

const apiVersion = "flagger.app/v1beta1";

/**
 * The Deployment that Flagger copies to the primary. It selects by `app` alone, which Flagger rewrites on the copy; the label `version` is
 * another one at each release, so that metrics and Kiali tell the two apart.
 */
function addDeployment(scope: Construct, workload: FlaggerWorkloadProps): void {
  const { service, props, release } = workload;
  const { serviceName: name } = service;
  const pods = imagePods({ image: release.image ?? "" }, workload);
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
