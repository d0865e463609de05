import fc from "fast-check";
import {
  type CanaryService,
  ExternalService,
  IstioControlPlane,
  KernelProfile,
  Kubeadm,
  MeshApp,
  Release,
  StrictMtlsNamespace,
  TunedNodePool,
} from "../../lib/index";
import { service } from "./tree";

/** A system as data: services in layers, each of which calls services of the next layer only. */
export interface Plan {
  readonly istio: string;
  readonly layers: readonly number[];
  readonly weight: number;
  readonly strict: boolean;
  readonly borders: boolean;
  readonly retries: boolean;
  readonly kubeadm: boolean;
  readonly gateway: string;
}

/** Timeouts that become shorter from layer to layer, so that no callee outlives its caller. */
const timeouts = ["4s", "900ms", "180ms"] as const;

/** The tree of a system, in which nothing is wrong. */
export function built({ istio, layers, weight, strict, borders, retries, kubeadm, gateway }: Plan): MeshApp {
  const app = new MeshApp({ istio, kubernetes: "1.33", checks: { externals } });
  const pool = addPools(app, kubeadm);
  const stage = strict ? "strict" : "permissive";
  const mesh = new IstioControlPlane(app, "mesh", { cni: true, mtls: stage, outbound: "REGISTRY_ONLY" });
  const edge = mesh.addIngressGateway(gateway);
  const shop = new StrictMtlsNamespace(app, "shop", {
    stage,
    pool,
    ...(borders && { sidecarScope: "calls" as const, networkPolicies: "calls" as const }),
  });
  const release = Release.pinned({
    stable: { name: "v1", image: "registry.example.no/app:1.0.0" },
    canary: { name: "v2", image: "registry.example.no/app:1.1.0", weight },
  });
  const made = layers.map((count, layer) =>
    Array.from({ length: count }, (_, index) =>
      service(shop, `s${layer}-${index}`, {
        release,
        timeout: timeouts[layer] ?? "100ms",
        circuitBreaker: { maxPendingRequests: 100, eject: { after5xx: 5, for: "30s", keepAtLeast: 1 } },
        ...(retries ? { retries: { attempts: 1, perTryTimeout: "1900ms", on: ["gateway-error"], methods: ["GET"] } } : {}),
        ...(layer > 0 || !retries ? { retries: { attempts: 0, perTryTimeout: "1s", on: "default", methods: "all" } } : {}),
      }),
    ),
  );
  connect(made);
  const bank = new ExternalService(shop, "bank", { hosts: ["api.bank.example"] });
  made[0]?.[0]?.calls(bank);
  for (const [index, one] of (made[0] ?? []).entries()) {
    edge.expose(one, { host: `s${index}.example.no`, tls: { secret: `edge-tls-${index}` } });
  }
  return app;
}

/** Three servers where the library makes the cluster, and enough workers for everything. */
function addPools(app: MeshApp, kubeadm: boolean): TunedNodePool {
  const nodes = { cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country: "NO" } as const;
  const kernel = KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } });
  if (!kubeadm) return new TunedNodePool(app, "oslo", { nodes: { ...nodes, count: 400 }, kernel, distribution: "k3s" });
  const cluster = new Kubeadm({
    release: "v1.33.4",
    checksums: { amd64: { kubeadm: "0".repeat(64), kubelet: "1".repeat(64), kubectl: "2".repeat(64) } },
    api: "api.example.no",
    podNetwork: { cidr: "10.244.0.0/16", manifest: "https://example.no/network.yaml", sha256: "3".repeat(64) },
  });
  new TunedNodePool(app, "servers", { nodes: { ...nodes, count: 3 }, kernel, kubernetes: cluster.controlPlane() });
  return new TunedNodePool(app, "oslo", { nodes: { ...nodes, count: 400 }, kernel, kubernetes: cluster.worker() });
}

function connect(layers: readonly (readonly CanaryService[])[]): void {
  for (const [index, callees] of layers.slice(1).entries()) {
    const callers = layers[index] ?? [];
    for (const [place, callee] of callees.entries()) callers[place % Math.max(1, callers.length)]?.calls(callee);
  }
}

/** The gateway's certificates are made by others. */
export const externals = ["Secret istio-system/*"];

/** Any system. */
export const plan: fc.Arbitrary<Plan> = fc.record({
  istio: fc.constantFrom("1.27.3", "1.28.1"),
  layers: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  weight: fc.integer({ min: 0, max: 99 }),
  strict: fc.boolean(),
  borders: fc.boolean(),
  retries: fc.boolean(),
  kubeadm: fc.boolean(),
  gateway: fc.constantFrom("istio-ingressgateway", "edge"),
});
