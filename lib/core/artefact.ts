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

/** What yields the artefacts of each tree, in the order of declaration. */
const renderersOf = new WeakMap<object, { readonly construct: Construct; readonly render: () => readonly Artefact[] }[]>();

/** Declares what files a construct yields. Rendered when the tree is complete. */
export function yieldArtefacts(construct: Construct, render: () => readonly Artefact[]): void {
  const { root } = construct.node;
  const list = renderersOf.get(root) ?? [];
  renderersOf.set(root, list);
  list.push({ construct, render });
}

/** Every artefact of the constructs below a construct, itself included, in the order of declaration. */
export function artefacts(scope: Construct): readonly Artefact[] {
  const all = renderersOf.get(scope.node.root) ?? [];
  return all.filter(({ construct }) => construct.node.scopes.includes(scope)).flatMap(({ render }) => render());
}
