import { kubernetesEndOfLife } from "../../../istio/kubernetes-support";
import { at, text } from "../../fields";
import { nodePools } from "../../graph/node-pools";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** A release that gets no more fixes. */
export const kubernetesPastItsEnd: Rule = {
  code: "MG0626",
  title: "Kubernetes past its end of life",
  severity: "warning",
  consequence: "Faults of the API server and the kubelet that become known are not mended in this release any more.",
  fix: "Go to a release that is maintained, one minor at a time.",
  see: ["https://kubernetes.io/releases/"],
  example: {
    istio: "1.28",
    kubernetes: "1.34",
    today: "2026-11-27",
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  release: v1.34.2+k3s1
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  release: v1.35.1+k3s1
`,
  },
  *check(graph) {
    const { today } = graph.surroundings;
    if (today === undefined) return;
    for (const { minor, object, field } of graph.derive(releases).values()) {
      const end = kubernetesEndOfLife(minor);
      if (end === undefined || today <= end) continue;
      yield {
        object,
        ...(field !== undefined && { field }),
        message: `Kubernetes 1.${minor} has had no fixes since ${end}; today is ${today}.`,
      };
    }
  },
};

interface Running {
  readonly minor: number;
  readonly object: MeshObject;
  readonly field?: string;
}

/** Releases that nodes run, each with the first that runs it; where no node says, the one that the objects are for. */
function releases(graph: ObjectGraph): ReadonlyMap<number, Running> {
  const pools = graph.derive(nodePools).map(({ object, release }) => ({ object, release, field: "spec.release" }));
  const nodes = graph.of("Node").map((object) => ({
    object,
    release: text(at(object.data, "status", "nodeInfo", "kubeletVersion")),
    field: "status.nodeInfo.kubeletVersion",
  }));
  const found = new Map<number, Running>();
  for (const { object, release, field } of [...pools, ...nodes]) {
    const minor = /^v?1\.(\d{1,3})(?!\d)/.exec(release ?? "")?.[1];
    if (minor !== undefined && !found.has(Number(minor))) found.set(Number(minor), { minor: Number(minor), object, field });
  }
  const [first] = graph.objects;
  const { minor } = graph.surroundings.releases.kubernetes;
  return found.size > 0 || first === undefined ? found : new Map([[minor, { minor, object: pools[0]?.object ?? first }]]);
}
