import type { NodeConfiguration } from "./node-configuration";
import type { NodeFile } from "./node-file";
import { labelPairs, sortedTaints, taintText } from "./node-registration";
import { yamlList } from "./yaml-text";

/** What k3s's kubelet allows for ServiceLB. A list of ours replaces k3s's own, so it contains them. */
export const serviceLbSysctls: readonly string[] = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"];

/**
 * A drop-in of k3s's configuration, for servers and agents alike.
 *
 * The `+` adds to lists of earlier files. A later file, or an argument of the command line, that names a list without it replaces
 * ours: hence the late name.
 *
 * k3s writes kube-proxy's conntrack value itself whenever the kernel's differs; 0 a core stops it.
 *
 * @see https://docs.k3s.io/installation/configuration#multiple-config-files
 */
export function k3sFiles({
  labels,
  taints,
  keepsConntrack,
  allowedUnsafeSysctls,
  protectKernelDefaults,
}: NodeConfiguration): readonly NodeFile[] {
  const allowed = [...new Set([...serviceLbSysctls, ...allowedUnsafeSysctls])].sort().join(",");
  const kubelet = allowedUnsafeSysctls.length > 0 ? [`allowed-unsafe-sysctls=${allowed}`] : [];
  const kubeProxy = keepsConntrack ? ["conntrack-max-per-core=0", "conntrack-min=0"] : [];
  const content = [
    list("node-label+", labelPairs(labels)),
    list("node-taint+", sortedTaints(taints).map(taintText)),
    list("kubelet-arg+", kubelet),
    list("kube-proxy-arg+", kubeProxy),
    protectKernelDefaults ? "protect-kernel-defaults: true\n" : "",
  ].join("");
  return [{ path: "/etc/rancher/k3s/config.yaml.d/90-meshground.yaml", content, mode: "0644" }];
}

function list(key: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `${key}:\n${yamlList(items, "  ")}`;
}
