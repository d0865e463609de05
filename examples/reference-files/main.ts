/**
 * The reference system's own files, to the letter: what the library renders when nothing is added, and nothing is put right.
 *
 * Each known fault is named and carries the reason why it is kept. `examples/oslo-production` is the same system done right.
 */
import { Chart } from "cdk8s";
import {
  CanaryService,
  IstioControlPlane,
  KernelProfile,
  MeshApp,
  Release,
  StrictMtlsNamespace,
  suppress,
  TunedNodePool,
  VirtualService,
} from "meshground";

const asPublished = "kept as it was published, to show what it does";
const app = new MeshApp({ istio: "1.18.2", kubernetes: "1.26" });

// 01: the pricing canary. No DestinationRule defines its subsets.
const pricing = new VirtualService(new Chart(app, "pricing-canary"), "pricing", {
  metadata: { name: "pricing-service" },
  spec: {
    hosts: ["pricing"],
    http: [
      {
        route: [
          { destination: { host: "pricing", subset: "v1" }, weight: 95 },
          { destination: { host: "pricing", subset: "v2" }, weight: 5 },
        ],
      },
    ],
  },
});
suppress(pricing, "IST0101", asPublished);

// 02: strict mTLS for one namespace.
new StrictMtlsNamespace(app, "strict-secure-ns", { stage: "strict", defaults: "none" });

// 03 and 05: the control plane, and strict mTLS for the whole mesh.
const mesh = new IstioControlPlane(app, "coolvds-prod-mesh", {
  mtls: "strict",
  pilot: { resources: { requests: { cpu: "500m", memory: "2048Mi" } } },
  sidecar: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "2000m", memory: "1024Mi" } },
  defaults: "none",
});
mesh.addIngressGateway("istio-ingressgateway", {
  resources: { requests: { cpu: "1000m", memory: "1024Mi" } },
  ports: [
    { port: 80, targetPort: 8080, name: "http2" },
    { port: 443, targetPort: 8443, name: "https" },
  ],
  suppress: { MG0202: asPublished },
});

// 04 and 06: the payment canary, whose retries cannot run, on pods with the four sidecar annotations.
new CanaryService(new Chart(app, "payment-canary"), "payment-service", {
  port: 8080,
  release: Release.pinned({
    stable: { name: "v1", image: "registry.example.no/payment:1.8.0" },
    canary: { name: "v2", image: "registry.example.no/payment:2.0.0", weight: 5 },
  }),
  tls: "ISTIO_MUTUAL",
  timeout: "2s",
  retries: { attempts: 3, perTryTimeout: "2s", on: "default", methods: "all" },
  sidecar: { cpu: "100m", memory: "128Mi", cpuLimit: "2000m", memoryLimit: "1024Mi" },
  suppress: { MG0301: asPublished, MG0302: asPublished, MG0303: asPublished },
  defaults: "none",
});

// 07: the nodes' kernel profile.
new TunedNodePool(app, "oslo", {
  nodes: { count: 3, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
  distribution: "kubeadm",
  kernel: KernelProfile.mesh(),
  suppress: { MG0601: asPublished, MG0604: asPublished },
});

console.log(`${app.synth()}`);
