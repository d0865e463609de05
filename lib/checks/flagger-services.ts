import { record, text } from "./fields";
import type { MeshObject } from "./mesh-object";

/** Services that Flagger makes from the Canaries among the objects, as declarations of what lives outside: `"Service shop/pricing"`. */
export function flaggerServices(objects: readonly MeshObject[]): readonly string[] {
  return objects.flatMap(({ group, kind, namespace, spec }) => {
    const name = text(record(spec.service).name) ?? text(record(spec.targetRef).name);
    if (group !== "flagger.app" || kind !== "Canary" || name === undefined) return [];
    return ["", "-primary", "-canary"].map((role) => `Service ${namespace}/${name}${role}`);
  });
}
