import { all, bool, type Check, line, listOf, oneOf, optional, port, satisfiesUnshown, shape, when } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { type Fault, type Suppressions, suppressionsOf } from "../core/finding";
import { dnsLabel, dnsSubdomain, labels } from "../core/name";
import type { KialiGrafana, KialiOpenId, KialiProps } from "./kiali-values";

/** The Prometheus of a tree. */
export interface ObservedPrometheus {
  /** Its address as programs in the cluster reach it. Delivery controllers and Kiali ask it. */
  readonly address: string;
  /**
   * Who tells it what to scrape and which rules to evaluate. `"files"`: rule files and a file of `scrape_configs` among the artefacts.
   * `"operator"`: objects of the Prometheus Operator (PrometheusRule, PodMonitor, ScrapeConfig).
   *
   * @default "files"
   */
  readonly managedBy?: "files" | "operator";
  /** Labels of the operator's objects, by which its Prometheus selects them: `{ release: "kube-prometheus-stack" }`. @default - none */
  readonly selectedBy?: Readonly<Record<string, string>>;
  /** Time between two scrapes, from 5s to 2m. A release's window is at least four times that. @default "15s" */
  readonly interval?: DurationText;
}

/** What is watched of the nodes of the tree's pools. */
export interface ObservedNodes {
  /** Where node_exporter listens on each node. @default 9100 */
  readonly exporterPort?: number;
  /**
   * Where etcd serves its metrics on nodes of the control plane. It does so only when it is told to: k3s by `etcd-expose-metrics`, kubeadm by
   * `listen-metrics-urls`; both use 2381.
   *
   * @default - etcd is not scraped, and there is no alert for its disk
   */
  readonly etcdMetricsPort?: number;
}

/** What an {@link Observability} is made of. */
export interface ObservabilityProps {
  /** Namespace of Prometheus and Grafana, where objects for them go. It is not made here. @default "monitoring" */
  readonly namespace?: string;
  /** The Prometheus that sees the mesh. */
  readonly prometheus: ObservedPrometheus;
  /** What is watched of the nodes of the tree's pools. `"none"`: somebody else does. @default - node_exporter on port 9100 */
  readonly nodes?: ObservedNodes | "none";
  /**
   * Where Grafana finds the dashboards. `"ConfigMap"`: objects with the label that Grafana's sidecar looks for. `"files"`: JSON among the artefacts.
   *
   * @default "files"
   */
  readonly dashboards?: "files" | "ConfigMap" | "none";
  /** Kiali: values of its Helm chart among the artefacts. @default - none */
  readonly kiali?: KialiProps;
  /** Faults that are accepted: code to reason. Without it MG0710 (Kiali without a login) is refused. @default - none */
  readonly suppress?: Suppressions;
}

const httpUrl: Check = satisfiesUnshown(
  "an address such as http://prometheus.monitoring:9090, without a login, a query or a fragment",
  (value) => {
    if (typeof value !== "string" || value.length > 2_000 || !URL.canParse(value)) return false;
    const { protocol, username, password, search, hash, href } = new URL(value);
    // As written: what URL makes of blanks or backslashes is something else.
    const same = href === value || href === `${value}/`;
    return same && /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
  },
);

const httpsUrl: Check = all(
  httpUrl,
  satisfiesUnshown("an address with https: whoever is on the way could log in as anybody", (value) => String(value).startsWith("https:")),
);

const openId: Check = shape<KialiOpenId>({
  clientId: line,
  issuer: httpsUrl,
  scopes: optional(listOf(line, { min: 1 })),
  usernameClaim: optional(line),
  kubernetesUsers: optional(bool),
});

const kiali: Check = shape<KialiProps>({
  auth: optional(when((value) => typeof value === "string", oneOf("token", "anonymous"), openId)),
  viewOnly: optional(bool),
  grafana: optional(shape<KialiGrafana>({ url: httpUrl, internalUrl: optional(httpUrl) })),
  inMesh: optional(bool),
  signingKey: optional(shape<NonNullable<KialiProps["signingKey"]>>({ secret: dnsSubdomain, key: line })),
});

/** Props that are well-formed. */
export const observabilityProps: Check = shape<ObservabilityProps>({
  namespace: optional(dnsLabel),
  prometheus: shape<ObservedPrometheus>({
    address: httpUrl,
    managedBy: optional(oneOf("files", "operator")),
    selectedBy: optional(labels),
    interval: optional(duration({ min: "5s", max: "2m" })),
  }),
  nodes: optional(
    when(
      (value) => typeof value === "string",
      oneOf("none"),
      shape<ObservedNodes>({ exporterPort: optional(port), etcdMetricsPort: optional(port) }),
    ),
  ),
  dashboards: optional(oneOf("files", "ConfigMap", "none")),
  kiali: optional(kiali),
  suppress: optional(suppressionsOf("MG0710")),
});

/** What can be rendered, and does harm. */
export function observabilityFaults({ kiali: asked }: ObservabilityProps): readonly Fault[] {
  if (asked?.auth !== "anonymous") return [];
  return [
    {
      code: "MG0710",
      prop: "kiali.auth",
      message: "Kiali without a login shows the whole mesh, its routes and its policies, to everybody who reaches its port.",
      fix: 'Use "token", or an OpenID provider: { clientId, issuer }.',
    },
  ];
}
