import { join } from "../../../core/problem";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { type IstioAnnotation, istioAnnotations, isWithin } from "./istio-annotations";

/** An annotation of Istio's domain on an object. */
export interface Annotated {
  readonly object: MeshObject;
  readonly name: string;
  readonly value: string;
  /** `metadata.annotations["sidecar.istio.io/inject"]`. */
  readonly field: string;
  /** What the release knows of it; undefined for one that it does not know. */
  readonly known: IstioAnnotation | undefined;
}

/** Kinds whose annotations Istio's analyzers look at. */
const kinds = ["Namespace", "Service", "Pod", "Deployment"] as const;

/** Annotations that Istio writes itself. */
const ownWriting: ReadonlySet<string> = new Set(["sidecar.istio.io/status", "gateway.istio.io/controller-version", "istio.io/rev"]);

/**
 * Istio's annotations on Namespaces, Services, Pods and Deployments; not on the template of a Deployment's pods.
 *
 * Those that Istio writes itself are left out.
 */
export function annotated(graph: ObjectGraph): readonly Annotated[] {
  const { minor } = graph.surroundings.releases.istio;
  return kinds
    .flatMap((kind) => judged(graph, kind))
    .flatMap((object) =>
      Object.entries(object.annotations)
        .filter(([name]) => isOfIstio(name) && !ownWriting.has(name))
        .map(([name, value]) => ({
          object,
          name,
          value,
          field: join("metadata.annotations", name),
          known: knownAnnotation(name, minor),
        })),
    );
}

/** What a release of Istio knows of an annotation; undefined for one that it does not know. */
function knownAnnotation(name: string, minor: string): IstioAnnotation | undefined {
  const found = istioAnnotations.get(name);
  return found !== undefined && isWithin(minor, found.from, found.before) ? found : undefined;
}

/** Kinds that an annotation may stand on in a release of Istio; `Any` for all. */
export function kindsOf({ kinds: all }: IstioAnnotation, minor: string): readonly string[] {
  return all.filter(({ from }) => isWithin(minor, from, undefined)).map(({ kind }) => kind);
}

/** Whether an annotation may stand on an object of a kind. */
export function mayStandOn(annotation: IstioAnnotation, kind: string, minor: string): boolean {
  const all = kindsOf(annotation, minor);
  return all.includes("Any") || all.includes(kind);
}

/** Whether a name is of Istio's domain, or the one annotation of Kubernetes that Istio documents. */
function isOfIstio(name: string): boolean {
  const [domain = ""] = name.split("/", 1);
  return domain === "istio.io" || domain.endsWith(".istio.io") || name === "kubernetes.io/ingress.class";
}
