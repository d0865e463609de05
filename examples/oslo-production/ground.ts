import type { Input } from "@pulumi/pulumi";
import { MeshApp } from "meshground";
import { MeshStack, type Stage, ssh } from "meshground/pulumi";
import { type EnvironmentName, environments } from "./environment";
import { platform } from "./platform";

/** A server in Oslo, as its vendor hands it over. */
export interface Server {
  readonly name: string;
  readonly address: string;
  /** From the server's own console, not from the network. */
  readonly hostKey: string;
  readonly port?: number;
}

/** What a stack says that the tree does not: which machines, how to get in, how far to go. */
export interface Ground {
  readonly environment: EnvironmentName;
  readonly servers: readonly Server[];
  readonly login: { readonly user: string; readonly privateKey: Input<string>; readonly sudoPassword?: Input<string> };
  readonly stages: readonly Stage[];
  readonly kubeconfig?: Input<string>;
  /** Prometheus as this machine reaches it: asked before a namespace goes from permissive to strict. */
  readonly prometheus?: Input<string>;
}

/** The tree of an environment: the same that `main.ts` renders. */
function tree(environment: EnvironmentName): MeshApp {
  const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
  platform(app, environments[environment]);
  return app;
}

/** The platform on its machines. */
export function ground(
  { environment, servers, login, stages, kubeconfig, prometheus }: Ground,
  app: MeshApp = tree(environment),
): MeshStack {
  return new MeshStack(`oslo-${environment}`, {
    app,
    machines: { oslo: ssh(servers.map((server) => ({ ...server, ...login }))) },
    stages,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(prometheus !== undefined && { mtlsGate: { prometheus, over: "168h" } }),
  });
}
