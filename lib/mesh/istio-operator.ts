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
import { autoscalerSpec } from "./replicas";

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
  const { props, namespace } = installation;
  const pilot = pilotSettings(installation);
  const ingress = gatewayList(installation, "ingress");
  const egress = gatewayList(installation, "egress");
  return {
    ...(filled(pilot) && { pilot: { k8s: pilot } }),
    ...(props.cni === true && { cni: { enabled: true, namespace } }),
    ...(ingress.length > 0 && { ingressGateways: ingress }),
    ...(egress.length > 0 && { egressGateways: egress }),
  };
}

/** Gateways that a profile installs unless it is told not to. */
const gatewaysOfProfile: Readonly<Record<"ingress" | "egress", { readonly name: string; readonly profiles: readonly string[] }>> = {
  ingress: { name: "istio-ingressgateway", profiles: ["default", "demo", "preview", "openshift"] },
  egress: { name: "istio-egressgateway", profiles: ["demo"] },
};

/** The gateways that were asked for; one of the profile's own that was not is switched off, because Helm would not install it either. */
function gatewayList({ props, gateways }: Installation, direction: "ingress" | "egress"): readonly Record<string, unknown>[] {
  const asked = gateways.filter((gateway) => gateway.direction === direction);
  const own = gatewaysOfProfile[direction];
  const unwanted =
    props.defaults !== "none" && own.profiles.includes(props.profile ?? "default") && !asked.some(({ name }) => name === own.name);
  return [...asked.map(gatewayComponent), ...(unwanted ? [{ name: own.name, enabled: false }] : [])];
}

function pilotSettings({ props }: Installation): Record<string, unknown> {
  const autoscaling = pilotAutoscaling(props);
  return {
    ...(props.pilot?.resources !== undefined && { resources: props.pilot.resources }),
    ...(autoscaling !== undefined && {
      hpaSpec: autoscalerSpec(props.revision === undefined ? "istiod" : `istiod-${props.revision}`, autoscaling),
    }),
    ...poolPlacement(props.pool),
  };
}

function gatewayComponent(gateway: GatewayInstallation): Record<string, unknown> {
  const { name, direction, namespace, labels, ports, serviceType, autoscaling, bare, props } = gateway;
  const isProfiles = name === gatewaysOfProfile[direction].name;
  const service = {
    ...(serviceType !== undefined && { type: serviceType }),
    ...(ports.length > 0 && { ports }),
    ...(props.sourceRanges !== undefined && { loadBalancerSourceRanges: props.sourceRanges }),
  };
  const k8s = {
    ...(props.resources !== undefined && { resources: props.resources }),
    ...(autoscaling !== undefined && { hpaSpec: autoscalerSpec(name, autoscaling) }),
    ...(props.serviceAnnotations !== undefined && { serviceAnnotations: props.serviceAnnotations }),
    ...(filled(service) && { service }),
    ...poolPlacement(props.pool),
  };
  return {
    name,
    enabled: true,
    ...(namespace !== "istio-system" && { namespace }),
    // Without labels of its own a gateway carries those of the profile's, and answers for it.
    ...(!(bare && isProfiles) && { label: labels }),
    ...(filled(k8s) && { k8s }),
  };
}

function operatorValues(installation: Installation): Record<string, unknown> {
  const { props } = installation;
  const directories = cniDirectories(installation);
  return { ...sharedValues(installation), ...(props.cni === true && directories !== undefined && { cni: directories }) };
}
