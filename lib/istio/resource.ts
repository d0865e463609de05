import type { ApiObjectMetadata, ApiObjectProps } from "cdk8s";
import type { Construct } from "constructs";
import { isRecord } from "../core/check";
import { type Problem, problem, refuse } from "../core/problem";
import type { IstioKind } from "./catalogue";
import { apiVersionOf, releasesOf } from "./release";
import { type Since, tooNew } from "./since";

/** What is to know of a kind to make one of its objects. */
export interface Kind<Props> {
  readonly kind: IstioKind;
  /** What is wrong with the props, whatever the release. */
  readonly problems: (props: Props) => readonly Problem[];
  /** What came with which release. */
  readonly since: Since;
}

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
export function manifest<Props extends ResourceProps>(scope: Construct, id: string, props: Props, kind: Kind<Props>): ApiObjectProps {
  const { istio } = releasesOf(scope);
  const problems = isRecord(props) && isRecord(props.spec) ? kind.problems(props) : [problem("spec", props?.spec, "an object")];
  refuse(
    scope.node.path === "" ? id : `${scope.node.path}/${id}`,
    problems.length > 0 ? problems : tooNew(props.spec, "spec", kind.since, istio),
  );
  return {
    apiVersion: apiVersionOf(kind.kind, istio),
    kind: kind.kind,
    ...(props.metadata !== undefined && { metadata: props.metadata }),
    spec: props.spec,
  } as ApiObjectProps;
}
