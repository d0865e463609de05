import type { CheckedKind } from "../../../istio/kinds";
import { type Data, record } from "../../fields";
import type { SpecWarning } from "./spec-warning";

interface Selection {
  readonly field: "selector" | "workloadSelector";
  readonly labels: "matchLabels" | "labels";
}

const policy: Selection = { field: "selector", labels: "matchLabels" };
const workloads: Selection = { field: "workloadSelector", labels: "labels" };

/** How each kind selects pods. */
const selections: Readonly<Partial<Record<CheckedKind, Selection>>> = {
  AuthorizationPolicy: policy,
  DestinationRule: { field: "workloadSelector", labels: "matchLabels" },
  EnvoyFilter: workloads,
  PeerAuthentication: policy,
  ProxyConfig: policy,
  RequestAuthentication: policy,
  ServiceEntry: workloads,
  Sidecar: workloads,
  Telemetry: policy,
  WasmPlugin: policy,
};

/** A selector that names no label, and so selects as none does. */
export function* selectorWarnings(kind: CheckedKind, spec: Data): Iterable<SpecWarning> {
  const selection = selections[kind];
  if (selection === undefined) return;
  const { field, labels } = selection;
  if (!isThere(spec[field]) || Object.keys(record(record(spec[field])[labels])).length > 0) return;
  yield {
    field: `spec.${field}`,
    message: `${field} names no label, so the ${kind} is for all that it would be for without one: every pod of the namespace, or of the mesh where it lies in the root namespace.`,
    fix: `Name the labels of the pods in ${field}.${labels}, or remove ${field} if all are meant.`,
  };
}

/** A selector that can be read: what is no object is refused, not warned of. */
function isThere(selector: unknown): boolean {
  return typeof selector === "object" && selector !== null && !Array.isArray(selector);
}
