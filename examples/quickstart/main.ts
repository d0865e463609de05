import { CanaryService, IstioControlPlane, KernelProfile, MeshApp, Release, StrictMtlsNamespace, TunedNodePool } from "meshground";

const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });

const oslo = new TunedNodePool(app, "oslo", {
  nodes: { count: 3, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
  distribution: "kubeadm",
  kernel: KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } }),
});

const mesh = new IstioControlPlane(app, "mesh", { cni: true, mtls: "permissive", outbound: "REGISTRY_ONLY" });
const edge = mesh.addIngressGateway("istio-ingressgateway");

const shop = new StrictMtlsNamespace(app, "shop", { stage: "strict", pool: oslo });
const pricing = new CanaryService(shop, "pricing", {
  port: 8080,
  timeout: "2s",
  release: Release.pinned({
    stable: { name: "v1", image: "registry.example.no/pricing:1.8.0" },
    canary: { name: "v2", image: "registry.example.no/pricing:2.0.0", weight: 5 },
  }),
});
edge.expose(pricing, { host: "pricing.example.no", tls: { secret: "pricing-tls" } });

console.log(`${app.synth()}`);
