import { at, record, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";

/** Name of the ConfigMap that an injector of a revision reads. */
export function injectorName(revision: string | undefined): string {
  return revision === undefined || revision === "" || revision === "default"
    ? "istio-sidecar-injector"
    : `istio-sidecar-injector-${revision}`;
}

/** The values of the injectors whose ConfigMaps are among the objects, by the name of the ConfigMap. What cannot be read is left out. */
export function injectorValues(graph: ObjectGraph): ReadonlyMap<string, unknown> {
  const configs = graph.of("ConfigMap").filter(({ name }) => name.startsWith("istio-sidecar-injector"));
  return new Map(configs.flatMap((config) => valuesOf(config)));
}

/** Whether the injector takes namespaces that no label speaks of: by its ConfigMap, or by the IstioOperator that it is installed with. */
export function injectsByDefault(graph: ObjectGraph): boolean {
  const operators = graph.of("IstioOperator").map(({ spec }) => spec.values);
  const injector = graph.derive(injectorValues).get(injectorName(undefined));
  return [injector, ...operators].some((values) => at(values, "sidecarInjectorWebhook", "enableNamespacesByDefault") === true);
}

function valuesOf({ name, data }: MeshObject): readonly (readonly [string, unknown])[] {
  try {
    return [[name, JSON.parse(text(record(data.data).values) ?? "")]];
  } catch {
    return [];
  }
}
