import { join, type Problem } from "../core/problem";
import { groupOf, isIstios, type KubernetesObject, objectProblems, resourceName, stageOf } from "../synth/kubernetes-object";
import { movedFields } from "../synth/moved-fields";
import { podTemplateOf, record, where } from "../synth/object-index";
import { references } from "../synth/object-references";
import type { RenderedObject } from "../synth/rendered-objects";
import type { Stage } from "./stage";
import { waitingOrder } from "./waiting-order";

/** An object of the tree, ready to be handed to a cluster. */
export interface ClusterObject {
  /** Name of its resource: its identity. */
  readonly name: string;
  readonly stage: Stage;
  readonly object: KubernetesObject;
  /** Fields that a controller moves once the object is there. */
  readonly moved: readonly string[];
  /** Objects that must be there first, by their place in the list. Each stands before this one. */
  readonly waitsFor: readonly number[];
}

/** What is wrong with the objects of a tree: each must be known by a name. */
export function clusterObjectProblems(rendered: readonly RenderedObject[]): readonly Problem[] {
  return rendered.flatMap(({ construct, data }) => objectProblems(join("app", construct.node.path), data));
}

/**
 * The objects of a tree in an order in which none comes before what it waits for.
 *
 * @param roots - namespaces whose policies hold for the whole mesh
 */
export function clusterObjects(stack: string, rendered: readonly RenderedObject[], roots: readonly string[]): readonly ClusterObject[] {
  const objects = rendered.map(({ data }) => data as KubernetesObject);
  const declared = rendered.map(({ waitsFor }) => new Set(waitsFor));
  const { order, waits } = waitingOrder(declared, references(objects, roots));
  const places = new Map(order.map((index, place) => [index, place]));
  const moved = movedFields(rendered);
  return order.map((index) => {
    const object = objects[index] as KubernetesObject;
    return {
      name: resourceName(stack, object),
      stage: stageOf(object),
      object,
      moved: moved[index] ?? [],
      waitsFor: [...(waits[index] ?? [])].map((other) => places.get(other) as number).sort((a, b) => a - b),
    };
  });
}

/**
 * Whether an object must not come before istiod: its webhooks judge Istio's resources, and put sidecars into pods. A Service is ready once
 * its pods are, so its time would be up before theirs begins.
 */
export function needsIstiod(object: KubernetesObject): boolean {
  const selects = object.kind === "Service" && groupOf(object) === "" && record(object.spec).selector !== undefined;
  return isIstios(object) || podTemplateOf(object) !== undefined || selects;
}

/** The namespace that an object is; undefined for any other object. */
export function namespaceMadeBy(object: KubernetesObject): string | undefined {
  return object.kind === "Namespace" && groupOf(object) === "" ? object.metadata.name : undefined;
}

/** The namespace that an object stands in; undefined for one of the whole cluster. */
export function namespaceAround(object: KubernetesObject): string | undefined {
  return where(object) === "" ? undefined : where(object);
}
