import { serviceLbSysctls } from "../../../nodes/k3s-config";
import { nodePools } from "../../graph/node-pools";
import { allows } from "../../graph/pod-sysctls";
import type { Rule } from "../../rule";
import { listed } from "./pool-fields";

/** A list of unsafe settings replaces the one that k3s makes for its own load balancer. */
export const serviceLbSettings: Rule = {
  code: "MG0617",
  title: "list of unsafe settings without those of k3s's ServiceLB",
  severity: "error",
  consequence:
    "The kubelet refuses ServiceLB's pods with SysctlForbidden: no Service of type LoadBalancer gets an address any more, an Istio gateway among them.",
  fix: "Add net.ipv4.ip_forward and net.ipv6.conf.all.forwarding to the list, or disable servicelb.",
  see: ["https://docs.k3s.io/networking/networking-services", "https://github.com/k3s-io/k3s/blob/main/pkg/daemons/agent/agent_linux.go"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: k3s
  k3s:
    disable: [traefik]
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: k3s
  k3s:
    disable: [traefik]
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn, net.ipv4.ip_forward, net.ipv6.conf.all.forwarding]
`,
  },
  *check(graph) {
    for (const { object, distribution, disabled, allowedUnsafeSysctls = [] } of graph.derive(nodePools)) {
      if (distribution !== "k3s" || allowedUnsafeSysctls.length === 0 || disabled?.includes("servicelb") === true) continue;
      const dropped = serviceLbSysctls.filter((name) => !allows(allowedUnsafeSysctls, name));
      if (dropped.length === 0) continue;
      yield {
        object,
        field: "spec.kubelet.allowedUnsafeSysctls",
        severity: disabled === undefined ? "warning" : "error",
        message: `the list replaces k3s's own and lacks ${listed(dropped)}, which the pods of ServiceLB ask for: the kubelet refuses them.`,
        fix: `Add ${listed(dropped)} to the list, or disable servicelb where another load balancer answers.`,
      };
    }
  },
};
