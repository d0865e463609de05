import { at, text } from "../fields";
import type { ObjectGraph } from "../object-graph";

/**
 * Whether Istio's CNI plugin sets up the pods' redirection; undefined where nothing says so.
 *
 * Its DaemonSet says so, and an IstioOperator that installs istiod: without a word about the plugin there is none.
 */
export function hasCniPlugin(graph: ObjectGraph): boolean | undefined {
  if (graph.of("DaemonSet").some(({ name, labels }) => name === "istio-cni-node" || labels["k8s-app"] === "istio-cni-node")) return true;
  const installations = graph.of("IstioOperator").filter(({ spec }) => installsIstiod(spec));
  if (installations.some(({ spec }) => asksForPlugin(spec))) return true;
  return installations.length === 0 ? undefined : false;
}

/** Profiles of istioctl that have the plugin. */
const withPlugin: ReadonlySet<string> = new Set(["ambient", "openshift", "openshift-ambient"]);

function installsIstiod(spec: unknown): boolean {
  return text(at(spec, "profile")) !== "empty" || at(spec, "components", "pilot", "enabled") === true;
}

function asksForPlugin(spec: unknown): boolean {
  const switches = [
    at(spec, "components", "cni", "enabled"),
    at(spec, "values", "pilot", "cni", "enabled"),
    at(spec, "values", "istio_cni", "enabled"),
    at(spec, "values", "cni", "enabled"),
  ];
  return (
    switches.includes(true) ||
    withPlugin.has(text(at(spec, "profile")) ?? "") ||
    text(at(spec, "values", "global", "platform")) === "openshift"
  );
}
