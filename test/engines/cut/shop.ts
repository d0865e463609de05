import type { Construct } from "constructs";
import {
  CanaryService,
  type CanaryServiceProps,
  IstioControlPlane,
  type MeshApp,
  type ProgressiveReleaseProps,
  Release,
  StrictMtlsNamespace,
  suppress,
} from "meshground";
import { meshApp } from "../../support/tree";
import { prometheusUrl } from "./istio-metrics";

/** A service under test: what it is released by, and what else it has. */
export interface Released {
  readonly release: Release;
  readonly props?: Partial<CanaryServiceProps>;
}

/** A tree, with the control plane in it. */
export interface Shop {
  readonly app: MeshApp;
  readonly controlPlane: IstioControlPlane;
}

/** `web` calls every service under test, which may stand on objects beside it. Its own second version does not exist. */
export function shop(services: Readonly<Record<string, Released | ((scope: Construct) => Released)>>): Shop {
  const app = meshApp({ istio: "1.31" });
  const controlPlane = new IstioControlPlane(app, "mesh", { mtls: "strict", outbound: "REGISTRY_ONLY", cni: true });
  const namespace = new StrictMtlsNamespace(app, "shop", { stage: "strict" });
  const called = Object.entries(services).map(([name, released]) => {
    const { release, props } = typeof released === "function" ? released(namespace) : released;
    return new CanaryService(namespace, name, { port: 8080, release, ...props });
  });
  const release = Release.pinned({
    stable: { name: "v1", image: imageOf("web", "1") },
    canary: { name: "none", deployed: "elsewhere", weight: 0 },
  });
  const web = new CanaryService(namespace, "web", { port: 8080, replicas: 1, release }).calls(...called);
  for (const service of [web, ...called]) suppress(service, "IST0173", "nobody calls a second version that does not exist");
  return { app, controlPlane };
}

/** An image of a service; the tag may say how it misbehaves. */
export function imageOf(service: string, tag: string): string {
  return `registry.example.no/${service}:${tag}`;
}

/** A release that is cut on 200 ms and on 1 %, measured over the shortest window there is, unless told otherwise. */
export function progressive(how: Partial<ProgressiveReleaseProps>): Release {
  const abortWhen = { p99Above: "200ms", errorsAbove: "1%", over: "10s", noTraffic: "hold" } as const;
  return Release.progressive({ steps: [20, 50], pause: "10s", prometheus: prometheusUrl, abortWhen, ...how } as ProgressiveReleaseProps);
}
