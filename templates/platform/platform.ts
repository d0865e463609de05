import {
  CanaryService,
  IstioControlPlane,
  KernelProfile,
  MeshApp,
  type MeshGateway,
  Observability,
  Release,
  StrictMtlsNamespace,
  TunedNodePool,
} from "meshground";
import { type Environment, type EnvironmentName, environments } from "./environments";

/** The whole platform of an environment: nodes, the mesh, what runs in it, and what watches it. */
export function platform(name: EnvironmentName): MeshApp {
  const environment = environments[name];
  const app = new MeshApp({ istio: "1.31.4", kubernetes: "1.36", residency: ["NO"] });
  const pool = nodes(app, environment);
  services(app, pool, edge(app, environment), environment);
  new Observability(app, "observability", { prometheus: { address: "http://prometheus.monitoring:9090" } });
  return app;
}

function nodes(app: MeshApp, environment: Environment): TunedNodePool {
  return new TunedNodePool(app, "oslo", {
    nodes: { ...environment.nodes, disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
    distribution: "kubeadm",
    // systemd sets fs.file-max far higher than the profile: raise it where it is lower, leave it alone elsewhere.
    kernel: KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } }),
  });
}

function edge(app: MeshApp, environment: Environment): MeshGateway {
  const mesh = new IstioControlPlane(app, "mesh", {
    cni: true,
    mtls: environment.mtls,
    outbound: "REGISTRY_ONLY",
    accessLog: "errors",
    pilot: { resources: { requests: environment.istiod } },
  });
  return mesh.addIngressGateway("istio-ingressgateway");
}

/** The storefront is reached from outside, and asks for prices and payments. Nobody else is called by anybody. */
function services(app: MeshApp, pool: TunedNodePool, gateway: MeshGateway, { mtls, host, replicas, canaryWeight }: Environment): void {
  const shop = new StrictMtlsNamespace(app, "shop", { stage: mtls, pool });
  const payments = new StrictMtlsNamespace(app, "payments", { stage: mtls, pool });
  const storefront = new CanaryService(shop, "storefront", {
    port: 8080,
    replicas,
    timeout: "4s", // more than what it waits for
    release: versions("storefront", { stable: "3.2.0", canary: "3.3.0", weight: 0 }),
    testers: { header: "x-release", value: "v2", to: "v2" }, // at weight 0 they alone see the new version
  });
  const pricing = new CanaryService(shop, "pricing", {
    port: 8080,
    replicas,
    timeout: "1s",
    retries: { attempts: 2, perTryTimeout: "300ms", on: ["gateway-error", "connect-failure"], methods: ["GET", "HEAD"] },
    release: versions("pricing", { stable: "1.8.0", canary: "2.0.0", weight: canaryWeight }),
  });
  const payment = new CanaryService(payments, "payment", {
    port: 8080,
    replicas,
    timeout: "2s",
    retries: { attempts: 0, perTryTimeout: "2s", on: "default", methods: "all" }, // a payment is never sent twice
    circuitBreaker: { maxPendingRequests: 100, eject: { after5xx: 5, for: "30s", keepAtLeast: 1 } },
    release: versions("payment", { stable: "1.8.0", canary: "1.9.0", weight: canaryWeight }),
  });
  storefront.calls(pricing);
  storefront.calls(payment);
  gateway.expose(storefront, { host, tls: { secret: "shop-tls" }, redirect: true });
}

interface Versions {
  readonly stable: string;
  readonly canary: string;
  /** Share of the requests that the canary gets. Unit: percent. */
  readonly weight: number;
}

/** People move the weights, and take a release back: the alert names the line that does. */
function versions(service: string, { stable, canary, weight }: Versions): Release {
  const image = (version: string): string => `registry.example.no/${service}:${version}`;
  return Release.pinned({
    stable: { name: "v1", image: image(stable) },
    canary: { name: "v2", image: image(canary), weight },
    alertWhen: { p99Above: "200ms", errorsAbove: "1%", over: "5m" },
  });
}
