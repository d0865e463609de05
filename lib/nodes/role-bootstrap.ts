import type { Artefact } from "../core/artefact";
import { k3sBootstrap, k3sInstallScript, k3sSecretNames, renderK3sConfig } from "./k3s-bootstrap";
import { kubeadmBootstrap, kubeadmInstallScript, kubeadmSecretNames } from "./kubeadm-bootstrap";
import { type KubeadmNode, renderKubeadmInit, renderKubeadmJoin } from "./kubeadm-config";
import type { BootstrapNode, NodeBootstrap } from "./node-bootstrap";
import type { NodeFile } from "./node-file";
import type { NodeRole } from "./node-role";

/** How a machine becomes a node, whatever the distribution. */
export function roleBootstrap(role: NodeRole, node: BootstrapNode, kubeadmNode: KubeadmNode): NodeBootstrap {
  if (role.distribution === "k3s") return k3sBootstrap(role, node);
  const text = node.first ? renderKubeadmInit(role, kubeadmNode) : renderKubeadmJoin(role, kubeadmNode);
  return kubeadmBootstrap(role, node, { text, patched: kubeadmNode.patched });
}

/** Names of the secrets that a bootstrap reads. */
export function secretNames(role: NodeRole, node: Pick<BootstrapNode, "first">): readonly string[] {
  return role.distribution === "k3s" ? k3sSecretNames(role) : kubeadmSecretNames(role, node);
}

/** The script that installs the release, as a file of a new machine. */
export function installFile(role: NodeRole): NodeFile {
  const script = role.distribution === "k3s" ? k3sInstallScript(role) : kubeadmInstallScript(role);
  return { path: "/usr/local/lib/meshground/install-kubernetes.sh", content: `#!/bin/sh\n${script}`, mode: "0755" };
}

/** What the machines of a pool are given, for a look at it and for the hands of whoever does without Pulumi. */
export function roleArtefacts(role: NodeRole, kubeadmNode: KubeadmNode): readonly Artefact[] {
  const install = { path: `${role.distribution}/install.sh`, content: installFile(role).content };
  if (role.distribution === "k3s") {
    const joining = { path: `k3s/${role.controlPlane ? "server" : "agent"}.yaml`, content: renderK3sConfig(role, { first: false }) };
    return role.controlPlane
      ? [{ path: "k3s/first-server.yaml", content: renderK3sConfig(role, { first: true }) }, install, joining]
      : [joining, install];
  }
  const join = { path: "kubeadm/join.yaml", content: renderKubeadmJoin(role, kubeadmNode) };
  return role.controlPlane
    ? [{ path: "kubeadm/init.yaml", content: renderKubeadmInit(role, kubeadmNode) }, install, join]
    : [join, install];
}
