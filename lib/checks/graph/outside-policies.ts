import type { ObjectGraph } from "../object-graph";
import { meshConfig } from "./mesh-config";

/** Kinds of policies that hold for what they select, wherever they are written. */
export type PolicyKind = "AuthorizationPolicy" | "PeerAuthentication";

/**
 * Whether policies of a kind that may hold for a namespace are declared to live outside: `"AuthorizationPolicy shop/edge"`,
 * `"PeerAuthentication istio-system/*"`. What they say cannot be known, so nothing is claimed of what they could change.
 */
export function hasOutsidePolicies(graph: ObjectGraph, kind: PolicyKind, namespace: string): boolean {
  const outside = graph.derive(outsidePolicies);
  if (outside.size === 0) return false;
  return [namespace, graph.derive(meshConfig).rootNamespace, "*"].some((place) => outside.has(`${kind} ${place}`));
}

const declaration = /^(AuthorizationPolicy|PeerAuthentication) (?:([^/]*)\/)?[^/]+$/;

function outsidePolicies(graph: ObjectGraph): ReadonlySet<string> {
  const found = (graph.surroundings.externals ?? []).flatMap((line) => {
    const [, kind, namespace = "*"] = declaration.exec(line) ?? [];
    return kind === undefined ? [] : [`${kind} ${namespace}`];
  });
  return new Set(found);
}
