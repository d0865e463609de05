import { type Data, number, record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";

/**
 * What a document of kind `CallGraph` says: which Services call which. No cluster is ever given one; it tells the checks what no manifest says.
 * A tree makes it from what its services say they call; beside YAML files somebody writes it. Several are read as one.
 *
 * ```yaml
 * apiVersion: meshground.io/v1
 * kind: CallGraph
 * metadata:
 *   name: shop
 * spec:
 *   calls:
 *     - from: { namespace: shop, name: checkout }
 *       to: { namespace: shop, name: pricing, port: 8080 }
 * ```
 */
export interface CallGraphSpec {
  readonly calls: readonly {
    /** The Service whose pods call. */
    readonly from: { readonly namespace?: string; readonly name: string };
    /** The Service that is called. Port of the Service. @default - any of its ports */
    readonly to: { readonly namespace?: string; readonly name: string; readonly port?: number };
  }[];
}

/** An end of a call: a Service, by its namespace and name. */
export interface CallEnd {
  readonly namespace: string;
  readonly name: string;
}

/** A call that somebody declared: pods behind one Service call another Service. */
export interface Call {
  readonly from: CallEnd;
  readonly to: CallEnd;
  /** Port of the Service that is called. @default - any of them */
  readonly port?: number;
  /** The CallGraph that says so. */
  readonly object: MeshObject;
  /** `spec.calls[0]`. */
  readonly field: string;
}

/** `shop/pricing`: what stands for a Service in lists and tables. */
export function serviceKey({ namespace, name }: CallEnd): string {
  return `${namespace}/${name}`;
}

/**
 * The calls that the CallGraphs declare, each once, in the order of declaration.
 *
 * An end without a namespace lies in that of its CallGraph. Entries that lack a name are left out: they are `unreadableCalls`.
 */
export function calls(graph: ObjectGraph): readonly Call[] {
  const seen = new Set<string>();
  return entries(graph).flatMap(({ call }) => {
    if (call === undefined) return [];
    const key = JSON.stringify([call.from, call.to, call.port]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [call];
  });
}

/** Entries of CallGraphs that name no two Services. */
export function unreadableCalls(graph: ObjectGraph): readonly Pick<Call, "object" | "field">[] {
  return entries(graph).filter(({ call }) => call === undefined);
}

function entries(graph: ObjectGraph): readonly { readonly object: MeshObject; readonly field: string; readonly call: Call | undefined }[] {
  return graph.of("CallGraph").flatMap((object) =>
    records(object.spec.calls).map((data, index) => {
      const field = `spec.calls[${index}]`;
      return { object, field, call: callOf(data, object, field) };
    }),
  );
}

function callOf(data: Data, object: MeshObject, field: string): Call | undefined {
  const [from, to] = [end(record(data.from), object), end(record(data.to), object)];
  if (from === undefined || to === undefined) return undefined;
  const port = number(record(data.to).port);
  return { from, to, ...(port !== undefined && { port }), object, field };
}

function end({ namespace, name }: Data, object: MeshObject): CallEnd | undefined {
  const named = text(name) ?? "";
  return named === "" ? undefined : { namespace: text(namespace) ?? object.namespace, name: named };
}
