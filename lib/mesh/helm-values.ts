import {
  cniDirectories,
  filled,
  type GatewayInstallation,
  type Installation,
  meshConfig,
  pilotAutoscaling,
  poolPlacement,
  sharedValues,
  steadyWebhooks,
  webhookPolicy,
} from "./installation";

/** One Helm release of an installation: which chart, under which name, with which values. */
export interface HelmRelease {
  /** Name of the Helm release. */
  readonly name: string;
  /** Chart in Istio's repository. */
  readonly chart: "base" | "cni" | "istiod" | "gateway";
  /** Release of the chart, which is Istio's. */
  readonly version: string;
  /** Istio's Helm repository. */
  readonly repository: string;
  readonly namespace: string;
  /** Values, with the names that the chart of this Istio release knows. Only what differs from the chart's own. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Istio's Helm repository. */
const chartRepository = "https://istio-release.storage.googleapis.com/charts";

/** Profiles that the charts know. The others decide which components istioctl installs; with Helm the chosen charts do. */
const helmProfiles: readonly string[] = ["ambient", "demo", "preview", "remote", "stable"];

/**
 * The Helm releases of an installation, in the order in which they must be installed.
 *
 * @see https://istio.io/latest/docs/setup/install/helm/
 */
export function helmReleases(installation: Installation): readonly HelmRelease[] {
  const { namespace, props, gateways } = installation;
  const { text, row, minor } = installation.releases.istio;
  const suffix = props.revision === undefined ? "" : `-${props.revision}`;
  const shared = { version: text === minor ? row.lastPatch : text, repository: chartRepository, namespace };
  return [
    { name: "istio-base", chart: "base", ...shared, values: baseValues(installation) },
    ...(props.cni === true ? [{ name: "istio-cni", chart: "cni" as const, ...shared, values: cniValues(installation) }] : []),
    { name: `istiod${suffix}`, chart: "istiod", ...shared, values: istiodValues(installation) },
    ...gateways.map((gateway) => ({
      name: gateway.name,
      chart: "gateway" as const,
      ...shared,
      values: gatewayValues(gateway, props.revision),
    })),
  ];
}

/** The exact commands that install, or later upgrade, the Helm releases from the folder of the values files. */
export function helmCommands(installation: Installation): readonly string[] {
  return helmReleases(installation).map(({ name, chart, namespace, version, repository }) =>
    [
      `helm upgrade --install ${name} ${chart} --repo ${repository} --version ${version}`,
      `--namespace ${namespace} --create-namespace --values ${valuesFile(name)} --wait`,
    ].join(" "),
  );
}

/** Name of the values file of a Helm release. */
export function valuesFile(release: string): string {
  return `values-${release}.yaml`;
}

function baseValues(installation: Installation): Record<string, unknown> {
  const { namespace, props } = installation;
  return {
    ...(namespace !== "istio-system" && { global: { istioNamespace: namespace } }),
    // The default revision validates for the whole cluster: a second one must not take that over.
    ...(props.revision !== undefined && installation.only && { defaultRevision: props.revision }),
    ...(steadyWebhooks(installation) && webhookPolicy),
  };
}

function cniValues(installation: Installation): Record<string, unknown> {
  const directories = cniDirectories(installation);
  if (directories === undefined) return {};
  return installation.releases.istio.row.charts.istiodPrefix === "" ? directories : { cni: directories };
}

function istiodValues(installation: Installation): Record<string, unknown> {
  const { props, releases } = installation;
  const { charts } = releases.istio.row;
  const config = meshConfig(props);
  const own = istiodOwnValues(installation);
  return {
    ...(charts.profile && helmProfiles.includes(props.profile ?? "default") && { profile: props.profile }),
    ...(props.revision !== undefined && { revision: props.revision }),
    ...(filled(config) && { meshConfig: config }),
    ...sharedValues(installation),
    ...(steadyWebhooks(installation) && webhookPolicy),
    ...(props.cni === true && cniFlag[charts.cniEnabled]),
    ...(charts.istiodPrefix === "" ? own : filled(own) && { pilot: own }),
  };
}

const cniFlag = { "cni.enabled": { cni: { enabled: true } }, "istio_cni.enabled": { istio_cni: { enabled: true } } } as const;

/** Values that stand below `pilot` in the charts up to 1.23, and at the top from 1.24. */
function istiodOwnValues({ props }: Installation): Record<string, unknown> {
  const autoscaling = pilotAutoscaling(props);
  return {
    ...(props.pilot?.resources !== undefined && { resources: props.pilot.resources }),
    ...(autoscaling !== undefined && {
      autoscaleEnabled: true,
      autoscaleMin: autoscaling.min,
      autoscaleMax: autoscaling.max,
      ...(autoscaling.targetCpu !== undefined && { cpu: { targetAverageUtilization: autoscaling.targetCpu } }),
    }),
    ...poolPlacement(props.pool),
  };
}

function gatewayValues(gateway: GatewayInstallation, revision: string | undefined): Record<string, unknown> {
  const { labels, serviceAccountName, ports, serviceType, autoscaling, props } = gateway;
  return {
    ...(revision !== undefined && { revision }),
    labels,
    serviceAccount: { name: serviceAccountName },
    ...(props.resources !== undefined && { resources: props.resources }),
    ...(autoscaling !== undefined && {
      autoscaling: {
        enabled: true,
        minReplicas: autoscaling.min,
        maxReplicas: autoscaling.max,
        ...(autoscaling.targetCpu !== undefined && { targetCPUUtilizationPercentage: autoscaling.targetCpu }),
      },
      ...(autoscaling.min > 1 && { podDisruptionBudget: { maxUnavailable: 1 } }),
    }),
    service: {
      ...(serviceType !== undefined && { type: serviceType }),
      ...(props.serviceAnnotations !== undefined && { annotations: props.serviceAnnotations }),
      ...(props.sourceRanges !== undefined && { loadBalancerSourceRanges: props.sourceRanges }),
      ...(ports.length > 0 && { ports: ports.map(({ name, port, targetPort }) => ({ name, port, protocol: "TCP", targetPort })) }),
    },
    ...poolPlacement(props.pool),
  };
}
