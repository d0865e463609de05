import { type Data, record, text, textMap } from "./fields";

/** A place in a file. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. Unit: UTF-16 code units. */
  readonly column: number;
}

/** Where an object was found: a construct of a tree, or a document of a file. */
export interface Origin {
  /** Path of the construct that made the object. */
  readonly path?: string;
  /** Name of the file that it was read from. */
  readonly file?: string;
  /** Place of a field in the file, or of the nearest field around it that is written there. */
  readonly position?: (field: string) => Position | undefined;
  /** Why the construct, or one around it, accepts a code; undefined when it does not. */
  readonly accepts?: (code: string) => string | undefined;
}

/** An object of a graph: its data as found, which may be anything, and what names it. */
export interface MeshObject {
  /** `networking.istio.io/v1`. */
  readonly apiVersion: string;
  /** `networking.istio.io`; empty for the core group. */
  readonly group: string;
  /** `VirtualService`. */
  readonly kind: string;
  readonly name: string;
  /** Namespace as written; undefined where none is. */
  readonly writtenNamespace: string | undefined;
  /** Namespace to look things up in: as written, `default` where none is. Objects without a namespace (a Namespace, a CRD) have it as well. */
  readonly namespace: string;
  /** Those whose values are text. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those whose values are text. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Its spec; an empty object where it has none. Its fields may hold anything. */
  readonly spec: Data;
  /** The whole object. */
  readonly data: Data;
  /** Where it was found. */
  readonly origin: Origin;
}

/** Reads what names an object. Undefined for data that is no object of Kubernetes: without a kind, an apiVersion or a name. */
export function meshObject(data: unknown, origin: Origin): MeshObject | undefined {
  const { apiVersion, kind, metadata, spec } = record(data);
  const { name, namespace, labels, annotations, generateName } = record(metadata);
  const named = text(name) ?? text(generateName);
  if (typeof apiVersion !== "string" || typeof kind !== "string" || named === undefined) return undefined;
  const slash = apiVersion.indexOf("/");
  return {
    apiVersion,
    group: slash === -1 ? "" : apiVersion.slice(0, slash),
    kind,
    name: named,
    writtenNamespace: text(namespace),
    namespace: text(namespace) ?? "default",
    labels: textMap(labels),
    annotations: textMap(annotations),
    spec: record(spec),
    data: record(data),
    origin,
  };
}

/** `VirtualService shop/pricing`, as findings and messages name an object. */
export function objectName({ kind, name, writtenNamespace }: Pick<MeshObject, "kind" | "name" | "writtenNamespace">): string {
  return `${kind} ${writtenNamespace === undefined ? "" : `${writtenNamespace}/`}${name}`;
}
