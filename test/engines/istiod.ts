import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { documentsOf, type Manifest } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { type ApiServer, freePort, programOf } from "./api-server";
import { engines } from "./engines.mts";
import { endPrograms, lastLines, type Running, startProgram, until } from "./processes";
import { runEngine } from "./program";

/** An istiod that runs beside an API server, with its validating and its injecting webhook. */
export interface Istiod {
  /** What `istioctl manifest generate` made of the IstioOperator: gateways and configuration are among it. */
  readonly generated: readonly Manifest[];
  readonly running: Running;
  stop(): Promise<void>;
}

/** How istiod is started. */
interface IstiodOptions {
  /** The control plane's IstioOperator, as the library renders it. @default istioctl's default profile, without a gateway */
  readonly operator?: unknown;
  /** A command that runs another one, in a network of its own for example. */
  readonly inside?: readonly string[];
  /** Address on which sidecars reach it. */
  readonly address?: string;
}

/** What istiod runs as; the rest of what the charts make is applied as it is. */
const workloads = new Set(["Deployment", "DaemonSet", "HorizontalPodAutoscaler", "PodDisruptionBudget"]);

/** Filters that only Istio's build of Envoy has, and Envoy's own build refuses. */
const vanillaEnvoy = {
  PILOT_ENABLE_METADATA_EXCHANGE: "false",
  PILOT_ENABLE_ALPN_FILTER: "false",
  PILOT_ENABLE_TELEMETRY_LABEL: "false",
  PILOT_ENDPOINT_TELEMETRY_LABEL: "false",
  PILOT_DISABLE_MX_ALPN: "true",
};

/**
 * Installs a control plane into an API server and starts its istiod. Both webhooks answer when this returns.
 *
 * istiod runs outside the cluster, so its webhooks have a URL in place of a Service; everything else is what istioctl generates.
 */
export async function startIstiod(server: ApiServer, options: IstiodOptions = {}): Promise<Istiod> {
  const { operator = bareOperator, inside = [], address = "127.0.0.1" } = options;
  const home = temporaryFolder("istiod");
  const https = await freePort();
  const generated = generate(operator, home, https);
  install(server, generated);
  const program = [...inside, programOf(engines.istiod), ...(await istiodArguments(server, { https, address, fixed: inside.length > 0 }))];
  const running = startProgram("istiod", program, { cwd: home, env: istiodEnvironment() });
  const stop = (): Promise<void> => endPrograms([running], 3_000);
  try {
    await until(
      () => webhooksAnswer(server),
      () => `istiod's webhooks do not answer:\n${lastLines(running)}`,
      { every: 300 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { generated, running, stop };
}

/** Port on which sidecars reach istiod in a network of its own. */
const istiodPort = 15_012;

async function istiodArguments(
  { home }: ApiServer,
  { https, address, fixed }: { https: number; address: string; fixed: boolean },
): Promise<readonly string[]> {
  return [
    "discovery",
    `--kubeconfig=${home}/kubeconfig`,
    "--domain=cluster.local",
    `--httpAddr=127.0.0.1:${await freePort()}`,
    `--httpsAddr=127.0.0.1:${https}`,
    `--grpcAddr=127.0.0.1:${await freePort()}`,
    `--secureGRPCAddr=${address}:${fixed ? istiodPort : await freePort()}`,
    `--monitoringAddr=127.0.0.1:${await freePort()}`,
    "--ctrlz_port=0",
    "--ctrlz_address=127.0.0.1",
    "--log_output_level=default:info",
  ];
}

/** Applies what the charts make, but for what would run in pods: the CRDs first. */
function install(server: ApiServer, generated: readonly Manifest[]): void {
  const applied = generated.filter(({ kind }) => !workloads.has(kind));
  const crds = applied.filter(({ kind }) => kind === "CustomResourceDefinition");
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: rootNamespace } };
  for (const items of [[namespace, ...crds], applied.filter((object) => !crds.includes(object))])
    server.kubectlWith({ apiVersion: "v1", kind: "List", items }, "apply", "--server-side", "--force-conflicts", "--filename=-");
  server.kubectlWith("", "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
}

const rootNamespace = "istio-system";

const bareOperator = {
  apiVersion: "install.istio.io/v1alpha1",
  kind: "IstioOperator",
  metadata: { name: "test", namespace: rootNamespace },
  spec: { profile: "default", components: { ingressGateways: [{ name: "istio-ingressgateway", enabled: false }] } },
};

/** What istioctl makes of an IstioOperator. */
function generate(operator: unknown, home: string, https: number): readonly Manifest[] {
  const file = join(home, "istio-operator.yaml");
  writeFileSync(file, stringify(operator));
  const values = {
    "base.validationURL": `https://localhost:${https}/validate`,
    "istiodRemote.injectionURL": `https://localhost:${https}/inject`,
    defaultRevision: "default",
    "telemetry.enabled": "false",
  };
  const set = Object.entries(values).map(([path, value]) => `--set=values.${path}=${value}`);
  const { status, stdout, stderr } = runEngine(engines.istioctl, ["manifest", "generate", `--filename=${file}`, ...set], { home });
  if (status !== 0) throw new Error(`istioctl manifest generate: ${stderr}`);
  return documentsOf(stdout).filter((document) => document !== null);
}

function istiodEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    POD_NAME: "istiod-test",
    POD_NAMESPACE: rootNamespace,
    SERVICE_ACCOUNT: "istiod",
    REVISION: "default",
    CLUSTER_ID: "Kubernetes",
    PILOT_CERT_PROVIDER: "istiod",
    VALIDATION_WEBHOOK_CONFIG_NAME: `istio-validator-${rootNamespace}`,
    INJECTION_WEBHOOK_CONFIG_NAME: "istio-sidecar-injector",
    ISTIOD_CUSTOM_HOST: "localhost",
    PILOT_ENABLE_ANALYSIS: "false",
    ...vanillaEnvoy,
  };
}

/** Whether the validating webhook judges: istiod fills in its certificate and lets the webhook fail closed only once it has seen it answer. */
function webhooksAnswer(server: ApiServer): boolean {
  const { stdout } = server.kubectl("get", "validatingwebhookconfigurations,mutatingwebhookconfigurations", "--output=json");
  const { items } = JSON.parse(stdout === "" ? '{"items":[]}' : stdout) as { items: WebhookConfiguration[] };
  const webhooks = items.flatMap(({ webhooks = [] }) => webhooks);
  if (webhooks.length < 3 || !webhooks.every(({ clientConfig, failurePolicy }) => clientConfig.caBundle && failurePolicy === "Fail"))
    return false;
  const refused = { apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name: "empty", namespace: rootNamespace } };
  const judge = (): string => server.kubectlWith({ ...refused, spec: {} }, "create", "--dry-run=server", "--filename=-");
  try {
    judge();
    return false;
  } catch (error) {
    return String(error).includes("denied the request");
  }
}

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string }; readonly failurePolicy?: string }[];
}
