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
import type { Autoscaling } from "./replicas";

/**
 * The input file of `istioctl install` and `istioctl manifest generate`.
 *
 * It is not for `kubectl apply`: the clusters of Istio 1.21 and newer do not know the kind, and nothing has acted on it since 1.24.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/
 */
export function istioOperator(installation: Installation): Readonly<Record<string, unknown>> {
  const { name, namespace, props } = installation;
  const config = meshConfig(props);
  const values = operatorValues(installation);
  return {
    apiVersion: "install.istio.io/v1alpha1",
    kind: "IstioOperator",
    metadata: { namespace, name },
    spec: {
      profile: props.profile ?? "default",
      ...(props.revision !== undefined && { revision: props.revision }),
      ...(filled(config) && { meshConfig: config }),
      components: components(installation),
      ...(filled(values) && { values }),
      // istioctl hands the value on to the charts, but its own schema does not know it.
      ...(steadyWebhooks(installation) && { unvalidatedValues: webhookPolicy }),
    },
  };
}

function components(installation: Installation): Record<string, unknown> {
  const { props, gateways, namespace } = installation;
  const pilot = pilotSettings(installation);
  const ingress = gateways.filter(({ direction }) => direction === "ingress");
  const egress = gateways.filter(({ direction }) => direction === "egress");
  return {
    ...(filled(pilot) && { pilot: { k8s: pilot } }),
    ...(props.cni === true && { cni: { enabled: true, namespace } }),
    ...(ingress.length > 0 && { ingressGateways: ingress.map(gatewayComponent) }),
    ...(egress.length > 0 && { egressGateways: egress.map(gatewayComponent) }),
  };
}

function pilotSettings({ props }: Installation): Record<string, unknown> {
  const autoscaling = pilotAutoscaling(props);
  return {
    ...(props.pilot?.resources !== undefined && { resources: props.pilot.resources }),
    ...(autoscaling !== undefined && {
      hpaSpec: hpaSpec(props.revision === undefined ? "istiod" : `istiod-${props.revision}`, autoscaling),
    }),
    ...poolPlacement(props.pool),
  };
}

function gatewayComponent({ name, labels, ports, serviceType, autoscaling, bare, props }: GatewayInstallation): Record<string, unknown> {
  const service = {
    ...(serviceType !== undefined && { type: serviceType }),
    ...(ports.length > 0 && { ports }),
    ...(props.sourceRanges !== undefined && { loadBalancerSourceRanges: props.sourceRanges }),
  };
  const k8s = {
    ...(props.resources !== undefined && { resources: props.resources }),
    ...(autoscaling !== undefined && { hpaSpec: hpaSpec(name, autoscaling) }),
    ...(props.serviceAnnotations !== undefined && { serviceAnnotations: props.serviceAnnotations }),
    ...(filled(service) && { service }),
    ...poolPlacement(props.pool),
  };
  return { name, enabled: true, ...(!bare && { label: labels }), ...(filled(k8s) && { k8s }) };
}

function hpaSpec(deployment: string, { min, max, targetCpu = 80 }: Autoscaling): Record<string, unknown> {
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCpu } } }],
  };
}

function operatorValues(installation: Installation): Record<string, unknown> {
  const { props } = installation;
  const directories = cniDirectories(installation);
  return { ...sharedValues(installation), ...(props.cni === true && directories !== undefined && { cni: directories }) };
}
