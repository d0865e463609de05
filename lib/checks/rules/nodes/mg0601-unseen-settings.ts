import { unseenByPods } from "../../../nodes/pod-sysctls";
import { nodePools } from "../../graph/node-pools";
import { podSysctlRequests } from "../../graph/pod-sysctls";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { kernelField, keys } from "./pool-fields";

/** A key of the network namespace that is set on the node reaches no pod. */
export const unseenSettings: Rule = {
  code: "MG0601",
  title: "kernel settings that no pod sees",
  severity: "note",
  consequence:
    "Each pod has a network namespace of its own, which starts with the kernel's defaults. The node's values reach its daemons and pods with hostNetwork; sidecars and applications run without them.",
  fix: "Let the pods that need them ask for them in securityContext.sysctls, or leave them to the node's own daemons.",
  see: ["https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/", "https://docs.kernel.org/networking/ip-sysctl.html"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    net.ipv4.tcp_keepalive_time: 600
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    net.ipv4.tcp_keepalive_time: 600
  podSysctls:
    - name: net.ipv4.tcp_keepalive_time
      value: "600"
`,
  },
  *check(graph) {
    const byPods = graph.derive(askedByPods);
    for (const { object, settings, podSysctls } of graph.derive(nodePools)) {
      const asked = new Set([...byPods, ...podSysctls.map(({ name }) => name)]);
      const { all, safe, unsafe } = unseenByPods(settings, asked, graph.surroundings.releases.kubernetes.minor);
      const [first] = all;
      if (first === undefined) continue;
      yield {
        object,
        field: all.length === 1 ? kernelField(first.key) : "spec.kernel",
        message: `${keys(all)} belong to each network namespace: pods keep the kernel's own values, sidecars among them; only the node's daemons and hostNetwork pods have these.`,
        fix: fixOf(keys(safe), keys(unsafe)),
      };
    }
  },
};

function fixOf(safe: string, unsafe: string): string {
  if (safe === "" && unsafe === "") return "Set them exactly for pods to ask for them.";
  return [
    ...(safe === "" ? [] : [`Pods may ask for ${safe} in securityContext.sysctls (on a TunedNodePool, podSysctls: { safe: true }).`]),
    ...(unsafe === "" ? [] : [`For ${unsafe} the kubelet has to allow it first (podSysctls.unsafe).`]),
  ].join(" ");
}

/** Names that any pod asks for. */
function askedByPods(graph: ObjectGraph): ReadonlySet<string> {
  return new Set(graph.derive(podSysctlRequests).map(({ name }) => name));
}
