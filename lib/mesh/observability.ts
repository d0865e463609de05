import { ApiObject, Lazy } from "cdk8s";
import { Construct } from "constructs";
import { type Artefact, yieldArtefacts } from "../core/artefact";
import type { DurationText } from "../core/duration";
import { addFinding, recordAccepted, unaccepted } from "../core/finding";
import { type NodePool, nodePoolsOf } from "../core/pool";
import { refuse } from "../core/problem";
import { yamlDocument } from "../core/yaml";
import { canaryDashboard } from "../prometheus/canary-dashboard";
import { type Dashboard, dashboardText } from "../prometheus/grafana";
import { meshRuleGroup } from "../prometheus/mesh-rules";
import { mtlsDashboard } from "../prometheus/mtls-dashboard";
import { nodeDashboard } from "../prometheus/node-dashboard";
import { nodeRuleGroup, type WatchedPool } from "../prometheus/node-rules";
import { registerPrometheus } from "../prometheus/prometheus-server";
import { areRulesClaimed, claimRules, distinctRuleGroups, ruleFiles } from "../prometheus/rule-files";
import { declareRuleGroups, type RuleGroup } from "../prometheus/rule-group";
import { type KialiProps, kialiValues } from "./kiali-values";
import { type ObservabilityProps, observabilityFaults, observabilityProps } from "./observability-props";
import { operatorKinds } from "./prometheus-operator";
import { nodeScrapeConfigs, podMonitors, type ScrapeProps, scrapeConfigs } from "./scrape-config";
import { chartFor, controlPlanesOf, namespaceNamed } from "./tree";

/** Name of the object that holds the rules, and prefix of those with the dashboards. */
const objectName = "meshground";

/** Time between two scrapes, where nobody says another. */
const defaultInterval: DurationText = "15s";

/**
 * What makes the mesh and its nodes visible: what Prometheus scrapes and evaluates, Grafana's dashboards, Kiali.
 *
 * It installs none of them. Sidecars are scraped at their agent's port 15020, which is never behind mTLS; an application's own port is, and a
 * scrape of it breaks the moment STRICT holds.
 *
 * @throws InvalidInput when a prop is wrong, or the tree has one already.
 * @example
 * ```ts
 * import { MeshApp, Observability } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * new Observability(app, "monitoring", { prometheus: { address: "http://prometheus.monitoring:9090" }, kiali: {} });
 * ```
 * ```yaml
 * # artefacts/kiali/values.yaml
 * auth:
 *   strategy: token
 * ```
 */
export class Observability extends Construct {
  /** Namespace of Prometheus and Grafana. */
  readonly namespaceName: string;
  /** Address of Prometheus, as programs in the cluster reach it. */
  readonly prometheusAddress: string;

  readonly #props: ObservabilityProps;
  #noted = false;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    refuse(this.node.path, observabilityProps("", props));
    const faults = observabilityFaults(props);
    refuse(this.node.path, unaccepted(faults, props.suppress));
    const second = areRulesClaimed(this) ? [{ path: "", message: "is the second of its tree. One Prometheus judges a mesh." }] : [];
    refuse(this.node.path, second);
    this.#props = props;
    this.namespaceName = props.namespace ?? "monitoring";
    this.prometheusAddress = props.prometheus.address.replace(/\/+$/, "");
    recordAccepted(this, faults, props.suppress);
    claimRules(this);
    registerPrometheus(this, { address: this.prometheusAddress, interval: props.prometheus.interval ?? defaultInterval });
    declareRuleGroups(this, () => [meshRuleGroup(), ...nodePoolsOf(this).flatMap((pool) => nodeRules(pool, props))]);
    if (props.prometheus.managedBy === "operator") this.#addOperatorObjects(props.prometheus.selectedBy ?? {});
    if (props.dashboards === "ConfigMap") this.#addDashboards();
    yieldArtefacts(this, () => this.#artefacts());
    this.node.addValidation({ validate: () => this.#notePrometheusBehindStrict() });
  }

  #addOperatorObjects(labels: Readonly<Record<string, string>>): void {
    const add = (kind: keyof typeof operatorKinds, name: string, spec: () => object): void => {
      new ApiObject(chartFor(this, this.namespaceName), `${kind}-${name}`, {
        apiVersion: operatorKinds[kind],
        kind,
        metadata: { name, namespace: this.namespaceName, labels },
        // Which control planes and rules there are is known when the tree is complete.
        spec: Lazy.any({ produce: spec }),
      });
    };
    add("PrometheusRule", objectName, () => ({ groups: distinctRuleGroups(this) }));
    for (const name of Object.keys(podMonitors(this.#scrape()))) add("PodMonitor", name, () => podMonitors(this.#scrape())[name] ?? {});
    for (const [name, spec] of Object.entries(nodeScrapeConfigs(this.#scrape()))) add("ScrapeConfig", name, () => spec);
  }

  #addDashboards(): void {
    for (const content of dashboards) {
      new ApiObject(chartFor(this, this.namespaceName), `ConfigMap-${content.uid}`, {
        apiVersion: "v1",
        kind: "ConfigMap",
        // The label that Grafana's sidecar looks for, as kube-prometheus-stack installs it.
        metadata: { name: content.uid, namespace: this.namespaceName, labels: { grafana_dashboard: "1" } },
        data: { [`${content.uid}.json`]: dashboardText(content) },
      });
    }
  }

  #artefacts(): readonly Artefact[] {
    const { prometheus, dashboards: where = "files", kiali } = this.#props;
    const scraped = { path: "prometheus/scrape-configs.yaml", content: yamlDocument({ scrape_configs: scrapeConfigs(this.#scrape()) }) };
    return [
      ...(prometheus.managedBy === "operator" ? [] : [scraped, ...ruleFiles(this)]),
      ...(where === "files" ? dashboards.map((content) => ({ path: `grafana/${content.uid}.json`, content: dashboardText(content) })) : []),
      ...(kiali === undefined ? [] : [{ path: "kiali/values.yaml", content: yamlDocument(this.#kialiValues(kiali)) }]),
    ];
  }

  #kialiValues(kiali: KialiProps): Readonly<Record<string, unknown>> {
    const rootNamespace = controlPlanesOf(this)[0]?.namespaceName ?? "istio-system";
    return kialiValues(kiali, { prometheus: this.prometheusAddress, rootNamespace });
  }

  #scrape(): ScrapeProps {
    const { prometheus, nodes = {} } = this.#props;
    return {
      interval: prometheus.interval ?? defaultInterval,
      controlPlanes: [...new Set(controlPlanesOf(this).map(({ namespaceName }) => namespaceName))].sort(),
      ...(nodes !== "none" && { nodeExporterPort: nodes.exporterPort ?? 9100, etcdMetricsPort: nodes.etcdMetricsPort }),
    };
  }

  /** Whether Prometheus' pods have a sidecar cannot be seen here, so this is a note, made once, when the namespaces are known. */
  #notePrometheusBehindStrict(): string[] {
    const namespace = namespaceNamed(this, namespaceOf(this.prometheusAddress));
    if (this.#noted || namespace?.stage !== "strict" || this.#props.kiali?.inMesh === true) return [];
    this.#noted = true;
    addFinding(this, {
      code: "MG0711",
      severity: "note",
      message: `Prometheus stands in ${namespace.namespaceName}, which takes mTLS only: where its pods have a sidecar, callers without one are reset. Kiali, Grafana and delivery controllers are such callers, and a controller that gets no answer takes every release back.`,
      fix: 'Leave the sidecar out of Prometheus\' pods (label sidecar.istio.io/inject: "false"), or declare its callers with allowPlaintext.',
    });
    return [];
  }
}

const dashboards: readonly Dashboard[] = [canaryDashboard(), mtlsDashboard(), nodeDashboard()];

/** Namespace of a Service's address, short or in full; empty for any other address. */
function namespaceOf(address: string): string {
  return /^[^.]+\.([^.]+)(?:\.svc(?:\..+)?)?$/.exec(new URL(address).hostname)?.[1] ?? "";
}

function nodeRules(pool: NodePool, { nodes = {} }: ObservabilityProps): readonly RuleGroup[] {
  return nodes === "none" ? [] : [nodeRuleGroup(watchedPool(pool, nodes.etcdMetricsPort !== undefined))];
}

/** A pool that is not qualified is held against the limits that one would be qualified by. */
function watchedPool({ poolName, nodes, kernelSettings, requirements }: NodePool, etcd: boolean): WatchedPool {
  const conntrackMax = kernelSettings?.find(({ key }) => key === "net.netfilter.nf_conntrack_max")?.value;
  const fsync = requirements === undefined ? 10 : requirements.fsyncP99BelowMs;
  return {
    name: poolName,
    ...(nodes !== undefined && { count: nodes.count }),
    iowaitBelowPercent: requirements?.iowaitBelowPercent ?? 5,
    stealBelowPercent: requirements?.stealBelowPercent ?? 1,
    ...(etcd && fsync !== undefined && { fsyncP99BelowMs: fsync }),
    ...(conntrackMax !== undefined && { conntrackMax: Number(conntrackMax) }),
  };
}
