import { ApiObject, JsonPatch, Lazy } from "cdk8s";
import type { Construct } from "constructs";
import { addFinding } from "../core/finding";
import { sidecarScopeProblems } from "./sidecar-scope";
import { type StrictMtlsNamespaceProps, systemNamespace } from "./strict-mtls-namespace-props";
import { type ControlPlane, controlPlaneOf, controlPlanesOf, type MeshNamespace } from "./tree";

type NamespaceConstruct = MeshNamespace & Construct;

/** What is wrong with a namespace in the tree that it stands in. */
export function treeProblems(namespace: NamespaceConstruct): string[] {
  const { namespaceName, controlPlane, podSecurity } = namespace;
  const all = controlPlanesOf(namespace);
  const own = controlPlaneOf(namespace);
  const narrowed = namespace.sidecarScope === "calls" ? sidecarScopeProblems(own) : [];
  const strictLevel = podSecurity !== undefined && podSecurity !== "privileged";
  return [
    ...(controlPlane === undefined && all.length > 1
      ? [`controlPlane: got nothing, expected one of the ${all.length} control planes of the tree: without it no sidecar is injected.`]
      : []),
    ...narrowed,
    ...(all.some((plane) => plane.namespaceName === namespaceName) ? [systemNamespace(namespaceName).message] : []),
    ...(strictLevel && own !== undefined && !own.cni
      ? [
          `podSecurity: got "${podSecurity}", expected "privileged": without Istio's CNI plugin each pod's init container needs NET_ADMIN, and no pod would start. Set cni: true on the control plane.`,
        ]
      : []),
  ];
}

/** Labels of a namespace that decide injection: by name for the default control plane, by revision for another. */
function injectionLabels(revision: string | undefined): Record<string, string> {
  return revision === undefined || revision === "default" ? { "istio-injection": "enabled" } : { "istio.io/rev": revision };
}

/** Label by label, because the control plane that decides them may be added to the tree later. A value of undefined is left out. */
function namespaceLabels(namespace: NamespaceConstruct, { podSecurity, labels = {} }: StrictMtlsNamespaceProps): Record<string, string> {
  const later = (value: () => string | undefined): string => Lazy.any({ produce: value });
  const injection = (key: string) => (): string | undefined => injectionLabels(controlPlaneOf(namespace)?.revision)[key];
  return {
    ...labels,
    "istio-injection": later(injection("istio-injection")),
    "istio.io/rev": later(injection("istio.io/rev")),
    "pod-security.kubernetes.io/enforce": later(() => podSecurity ?? podSecurityLevel(controlPlaneOf(namespace))),
  };
}

function podSecurityLevel(controlPlane: ControlPlane | undefined): "baseline" | "privileged" | undefined {
  if (controlPlane === undefined) return undefined;
  return controlPlane.cni ? "baseline" : "privileged";
}

/** The Namespace object, or a note on what an existing one needs. */
export function addNamespace(namespace: NamespaceConstruct, props: StrictMtlsNamespaceProps): void {
  if (props.existing === true) {
    const [label] = Object.entries(injectionLabels(controlPlaneOf(namespace)?.revision));
    addFinding(namespace, {
      code: "MG0401",
      severity: "note",
      message: `namespace ${namespace.namespaceName} exists already, and nothing here labels it: without the injection label its pods get no sidecar, and STRICT breaks every call to them.`,
      fix: `kubectl label namespace ${namespace.namespaceName} ${label?.join("=")}; without Istio's CNI plugin also pod-security.kubernetes.io/enforce=privileged, where a level is enforced.`,
    });
    return;
  }
  const metadata = { name: namespace.namespaceName, labels: namespaceLabels(namespace, props) };
  const object = new ApiObject(namespace, "namespace", { apiVersion: "v1", kind: "Namespace", metadata });
  // cdk8s gives every object of a chart the chart's namespace, and the API server refuses it on one that has none.
  object.addJsonPatch(JsonPatch.remove("/metadata/namespace"));
}
