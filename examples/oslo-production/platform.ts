import {
  ArgoCdApplications,
  CanaryService,
  IstioControlPlane,
  KernelProfile,
  Kubeadm,
  type MeshApp,
  Observability,
  Release,
  StrictMtlsNamespace,
  TunedNodePool,
} from "meshground";
import type { Environment } from "./environment";

/**
 * The whole platform: nodes in Oslo, the mesh, two services that call each other, one gateway, one caller outside the mesh, and what shows and
 * applies all of it.
 */
export function platform(app: MeshApp, environment: Environment): void {
  const oslo = new TunedNodePool(app, "oslo", {
    nodes: { ...environment.nodes, disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
    kubernetes: cluster(environment).controlPlane({ etcdMetrics: true }),
    // systemd sets fs.file-max far higher than the profile: raise it where it is lower, leave it alone elsewhere.
    kernel: KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } }),
    // A server that waits for its disk while idle, or for its neighbours, is sent back to the vendor.
    qualify: { iowaitBelow: "5%", stealBelow: "1%", fsyncP99Below: "10ms" },
  });
  const mesh = new IstioControlPlane(app, "coolvds-prod-mesh", {
    cni: true,
    mtls: environment.mtls,
    outbound: "REGISTRY_ONLY",
    accessLog: "errors",
    pilot: { resources: { requests: environment.istiod } },
    sidecar: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "2000m", memory: "1024Mi" } },
  });
  const edge = mesh.addIngressGateway("istio-ingressgateway", {
    resources: { requests: { cpu: "1000m", memory: "1024Mi" } },
    ports: [
      { name: "http2", port: 80, targetPort: 8080 },
      { name: "https", port: 443, targetPort: 8443 },
    ],
  });
  const shop = new StrictMtlsNamespace(app, "strict-secure-ns", { stage: environment.mtls, pool: oslo });
  const pricing = pricingService(shop, environment);
  const payment = paymentService(shop, environment);
  payment.calls(pricing);
  pricing.calls(payment); // what the card adds to the price
  edge.expose(payment, { host: environment.host, tls: { secret: "pay-tls" }, redirect: true });
  shop.allowPlaintext("vm-monitor", {
    to: pricing,
    port: 9090,
    from: ["10.0.5.0/24"],
    reason: "the old monitor runs on a virtual machine without a sidecar",
  });
  new Observability(app, "observability", {
    prometheus: { address: "http://prometheus.monitoring:9090" },
    nodes: { etcdMetricsPort: 2381 },
    kiali: { auth: "token" },
  });
  new ArgoCdApplications(app, "argo-cd", {
    repository: "https://git.example.no/platform.git",
    path: `${environment.name}/manifests`,
    revision: "main",
  });
}

/** One cluster on all three nodes. The checksums are those that dl.k8s.io has beside each program of the release. */
function cluster({ api }: Environment): Kubeadm {
  return new Kubeadm({
    release: "v1.36.3",
    checksums: {
      amd64: {
        kubeadm: "bba1733c701bf70ec74ba1cc3fd5745404c1134a8a4b0a5f8560cc9832023421",
        kubelet: "46707a53209f826ad0f0d62371ac69cd00e78fd9a8176cf5f6f87f18f7f8b718",
        kubectl: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
      },
    },
    api,
    podNetwork: {
      cidr: "10.244.0.0/16",
      // The manifest of the network's release, reviewed, with the addresses above in it, and its own checksum in place of this one.
      manifest: "https://artefacts.example.no/kubernetes/pod-network.yaml",
      sha256: "0000000000000000000000000000000000000000000000000000000000000000",
    },
  });
}

function pricingService(shop: StrictMtlsNamespace, { replicas, canaryWeight }: Environment): CanaryService {
  return new CanaryService(shop, "pricing", {
    port: 8080,
    replicas,
    timeout: "300ms", // less than one try of the payment, which waits for it
    release: Release.pinned({
      stable: { name: "v1", image: "registry.example.no/pricing:1.8.0" },
      canary: { name: "v2", image: "registry.example.no/pricing:2.0.0", weight: canaryWeight },
      // Nobody cuts this release but people: the alert names the line that does.
      alertWhen: { p99Above: "200ms", errorsAbove: "1%", over: "5m" },
    }),
    testers: { header: "x-release", value: "v2", to: "v2" },
  });
}

function paymentService(shop: StrictMtlsNamespace, { replicas, canaryWeight }: Environment): CanaryService {
  return new CanaryService(shop, "payment-service", {
    port: 8080,
    replicas,
    timeout: "2s",
    // Four tries of 400 ms and the pauses between them fit into two seconds. A payment itself is never sent twice.
    retries: { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error", "connect-failure"], methods: ["GET", "HEAD"] },
    circuitBreaker: { maxPendingRequests: 100, eject: { after5xx: 5, for: "30s", keepAtLeast: 1 } },
    sidecar: { cpu: "100m", memory: "128Mi", cpuLimit: "2000m", memoryLimit: "1024Mi" },
    // Argo Rollouts moves the weights, and takes the release back when latency or errors rise.
    release: Release.progressive({
      controller: "argo-rollouts",
      image: "registry.example.no/payment:1.8.0",
      steps: [0, canaryWeight, 50],
      abortWhen: { p99Above: "200ms", errorsAbove: "1%", over: "1m", noTraffic: "hold" },
    }),
  });
}
