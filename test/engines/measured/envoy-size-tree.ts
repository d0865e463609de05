import type { Construct } from "constructs";
import { CanaryService, IstioControlPlane, type MeshApp, Release, StrictMtlsNamespace } from "meshground";
import { meshApp } from "../../support/tree";

/** A mesh of many services, each of which calls a few others. */
export interface LargeTree {
  readonly app: MeshApp;
  readonly controlPlane: IstioControlPlane;
  /** Hosts that a service calls, in full. */
  hostsCalledBy(index: number): readonly string[];
}

const namespaces = 20;

/** How many others the first service calls, and each of the others. */
export const calls = { first: 10, each: 5 } as const;

/** A tree of so many services, spread over twenty namespaces. A service is the same one in a tree of more. */
export function largeTree(services: number, sidecarScope: "mesh" | "calls"): LargeTree {
  const app = meshApp({ istio: "1.31" });
  const controlPlane = new IstioControlPlane(app, "mesh", { mtls: "strict", outbound: "REGISTRY_ONLY", cni: true });
  const teams = Array.from(
    { length: namespaces },
    (_, index) => new StrictMtlsNamespace(app, `team-${index}`, { stage: "strict", sidecarScope }),
  );
  const all = Array.from({ length: services }, (_, index) => service(teams[index % namespaces] ?? app, index));
  const calleesOf = (index: number): readonly CanaryService[] =>
    Array.from({ length: index === 0 ? calls.first : calls.each }, (_, call) => all[(index + 7 * (call + 1)) % services] ?? []).flat();
  for (const [index, caller] of all.entries()) caller.calls(...calleesOf(index));
  const hostsCalledBy = (index: number): readonly string[] =>
    calleesOf(index).map(({ serviceName, namespaceName }) => `${serviceName}.${namespaceName}.svc.cluster.local`);
  return { app, controlPlane, hostsCalledBy };
}

function service(scope: Construct, index: number): CanaryService {
  const name = `service-${index}`;
  return new CanaryService(scope, name, {
    port: 8080,
    timeout: "2s",
    retries: { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error", "connect-failure"], methods: ["GET", "HEAD"] },
    circuitBreaker: { maxPendingRequests: 100, eject: { after5xx: 5, for: "30s" } },
    release: Release.pinned({
      stable: { name: "v1", image: `registry.example.no/shop/${name}:1.0.3` },
      canary: { name: "v2", image: `registry.example.no/shop/${name}:2.0.0`, weight: 5 },
    }),
  });
}
