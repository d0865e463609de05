import { type ApiObjectMetadata, type ApiObjectProps, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { refuse } from "../core/problem";
import type { IstioKind } from "./catalogue";
import { type Kind, problemsOf } from "./kind";
import { apiVersionOf, releasesOf } from "./release";

/** Props of a resource: its metadata and its spec. */
export interface ResourceProps {
  readonly metadata?: ApiObjectMetadata;
  readonly spec: object;
}

/**
 * The object of a kind, for the releases of the tree.
 *
 * @throws InvalidInput when the release or Istio's own validation would refuse the props.
 */
export function manifest(scope: Construct, id: string, props: ResourceProps, kind: Kind<IstioKind>): ApiObjectProps {
  const { istio } = releasesOf(scope);
  // Callers without types may leave the props out.
  const { metadata, spec } = props ?? {};
  const namespaced = { namespace: Chart.of(scope).namespace, ...metadata };
  refuse(scope.node.path === "" ? id : `${scope.node.path}/${id}`, problemsOf(kind, { metadata: namespaced, spec }, istio));
  return {
    apiVersion: apiVersionOf(kind.kind, istio),
    kind: kind.kind,
    ...(props.metadata !== undefined && { metadata: props.metadata }),
    spec: props.spec,
  } as ApiObjectProps;
}
