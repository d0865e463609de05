import { MeshApp } from "meshground";
import { type SshServer, ssh } from "meshground/pulumi";
import { type Environment, environments } from "../../examples/oslo-production/environment";
import { platform } from "../../examples/oslo-production/platform";

export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";

/** A MeshApp with nothing in it. */
export function emptyApp({ residency = [] }: { readonly residency?: readonly string[] } = { residency: ["NO"] }): MeshApp {
  return new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency });
}

/** The platform of the example, with what a test wants to be different. */
export function oslo(different: Partial<Environment> = {}): MeshApp {
  const app = emptyApp();
  platform(app, { ...environments.production, ...different });
  return app;
}

/** The three servers that the platform needs. */
export const servers: readonly SshServer[] = ["10.0.0.11", "10.0.0.12", "10.0.0.13"].map((address) => ({ address, user: "ops", hostKey }));

export const machines = { oslo: ssh(servers) };
