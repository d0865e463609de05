import { at } from "../../checks/fields";
import type { ComparedObject, ConsequenceRule } from "../consequence";
import { type Path, pathText } from "../field-change";

/** Fields that kube-apiserver refuses to change, by group and kind; those below them count as well. */
const immutable: Readonly<Record<string, readonly string[]>> = {
  "apps Deployment": ["spec.selector"],
  "apps DaemonSet": ["spec.selector"],
  "apps ReplicaSet": ["spec.selector"],
  "batch Job": ["spec.selector", "spec.template", "spec.completionMode"],
  "rbac.authorization.k8s.io RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io ClusterRoleBinding": ["roleRef"],
  "storage.k8s.io StorageClass": ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
  "scheduling.k8s.io PriorityClass": ["value", "preemptionPolicy"],
  " Secret": ["type"],
};

/** Kinds of which only these fields of the spec can be changed. */
const mutable: Readonly<Record<string, readonly string[]>> = {
  "apps StatefulSet": [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
  ],
  " PersistentVolumeClaim": ["resources", "volumeAttributesClassName"],
};

/** An object that Kubernetes refuses to change in place. */
export const immutableFields: ConsequenceRule = (object) => {
  if (object.before === undefined || object.after === undefined) return [];
  const refused = object.fields.map(({ path }) => path).filter((path) => isImmutable(object, path));
  const names = [...new Set(refused.map((path) => pathText(path.slice(0, refusedDepth(object)))))];
  if (names.length === 0) return [];
  return [{ level: "danger", text: `${names.join(", ")} cannot be changed in place: it must be replaced, deleted and made anew.` }];
};

function refusedDepth({ kind }: ComparedObject): number {
  return ["StorageClass", "PriorityClass", "RoleBinding", "ClusterRoleBinding", "Secret", "ConfigMap"].includes(kind) ? 1 : 2;
}

function isImmutable(object: ComparedObject, path: Path): boolean {
  const { group, kind, before, after } = object;
  const [first, second] = path;
  const name = `${group} ${kind}`;
  if (group === "" && (kind === "ConfigMap" || kind === "Secret") && before?.immutable === true) {
    if (["data", "binaryData", "stringData", "immutable"].includes(String(first))) return true;
  }
  if (name === " Service" && first === "spec" && second === "clusterIP") return isAddress(before) && isAddress(after);
  const others = mutable[name];
  if (others !== undefined && first === "spec") return !others.includes(String(second));
  return (immutable[name] ?? []).some((field) => field === String(first) || field === `${String(first)}.${String(second)}`);
}

function isAddress(service: unknown): boolean {
  const address = at(service, "spec", "clusterIP");
  return typeof address === "string" && address !== "";
}
