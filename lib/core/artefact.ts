import type { Construct } from "constructs";

/**
 * A file that is not for the cluster: a node's configuration, an installer's input, a chart's values.
 *
 * Artefacts never lie among the manifests, because `kubectl apply -R` takes every YAML file it finds there.
 */
export interface Artefact {
  /** Path below the artefacts' folder, with forward slashes: `nodes/oslo/etc/sysctl.d/99-zz-meshground.conf`. */
  readonly path: string;
  /** The whole file, as text. */
  readonly content: string;
}

const renderersOf = new WeakMap<object, () => readonly Artefact[]>();

/** Declares what files a construct yields. Called once a construct; rendered when the tree is complete. */
export function yieldArtefacts(construct: Construct, render: () => readonly Artefact[]): void {
  renderersOf.set(construct, render);
}

/** Every artefact of the constructs below a root, itself included, in the order of the tree. */
export function artefacts(root: Construct): readonly Artefact[] {
  return root.node.findAll().flatMap((construct) => renderersOf.get(construct)?.() ?? []);
}
