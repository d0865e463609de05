import { specialOutputValueSig, specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { GroundProvider } from "../../../lib/pulumi/provider/ground-provider";
import { HostAccess } from "../../../lib/pulumi/provider/host-access";
import { KubernetesNodeOperations } from "../../../lib/pulumi/provider/kubernetes-node-operations";
import type { ResourceLog } from "../../../lib/pulumi/provider/resource-operations";
import { type QualifyHost, TunedHostOperations } from "../../../lib/pulumi/provider/tuned-host-operations";
import type { HostDouble } from "./host-double";

/** A value as the engine sends one that is secret. */
export function secret(value: unknown): Record<string, unknown> {
  return { [specialSigKey]: specialSecretSig, value };
}

/** An output as the engine sends it: a value, or none yet. */
export function output(rest: { readonly value?: unknown; readonly secret?: boolean }): Record<string, unknown> {
  return { [specialSigKey]: specialOutputValueSig, ...rest };
}

export { unknownValue };

export const urn = "urn:pulumi:dev::shop::meshground:index:TunedHost::oslo-1";

/** A key that was made for these tests and opens nothing. */
export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";

export const sudoPassword = "correct horse battery staple";

/** Inputs of a host with one exact value, one floor, one file and one link. */
export function hostInputs(rest: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    connection: { address: "10.0.0.11", user: "admin", hostKey, sudoPassword: secret(sudoPassword) },
    pool: "oslo",
    kernel: { "net.core.somaxconn": "32768", "fs.file-max": "at least 2097152" },
    files: { "/etc/sysctl.d/99-k8s-mesh.conf": { content: "net.core.somaxconn = 32768\n", mode: "0644" } },
    links: { "/etc/systemd/system/multi-user.target.wants/profile.service": "/etc/systemd/system/profile.service" },
    modules: ["nf_conntrack"],
    ...rest,
  };
}

/** A provider over a double, with what it said. */
export function providerOver(host: HostDouble, qualify: QualifyHost = async () => "all good", forgotten: ReadonlySet<string> = new Set()) {
  const said: string[] = [];
  const log: ResourceLog = { info: (_urn, text) => void said.push(text), warn: (_urn, text) => void said.push(`warning: ${text}`) };
  const hosts = new HostAccess(host.connect, 4);
  const types = {
    "meshground:index:TunedHost": new TunedHostOperations({ hosts, qualify, log }),
    "meshground:index:KubernetesNode": new KubernetesNodeOperations(hosts, log),
  };
  return { provider: new GroundProvider("1.2.3", types, { onCancel: () => hosts.cancel(), forgotten }), said };
}
