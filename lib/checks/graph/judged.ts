import type { MeshObject } from "../mesh-object";
import type { KnownKind, ObjectGraph } from "../object-graph";
import { remembered } from "./remembered";

/** Namespaces of Kubernetes itself. Istio neither puts sidecars there nor judges what lies in them. */
const system: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);

/** Whether a namespace is one of Kubernetes' own. */
export function isSystemNamespace(name: string): boolean {
  return system.has(name);
}

/** Objects of a kind that Istio's analyzers judge: all but those in Kubernetes' own namespaces, and these namespaces themselves. */
export function judged(graph: ObjectGraph, kind: KnownKind): readonly MeshObject[] {
  return remembered(graph, byKind, kind, () =>
    graph.of(kind).filter((object) => !system.has(kind === "Namespace" ? object.name : object.namespace)),
  );
}

/** Some rules ask for the same kinds as others: they get the same list. */
function byKind(): Map<string, readonly MeshObject[]> {
  return new Map();
}
