import * as cdk8s from "cdk8s";
import { ApiObject, ApiObjectMetadataDefinition, App, Chart, Lazy } from "cdk8s";
import { givenKeys, type Key, KeyOrder, sortedKeys } from "../core/key-order";
import { deepest, notPlain, tooDeep } from "../core/not-plain";
import { refuse } from "../core/problem";
import { givenStyle, textOf, writeData } from "../core/yaml";
import { type Style, YamlWriter } from "../core/yaml-writer";

type Data = Readonly<Record<string, unknown>>;

/** What cdk8s keeps to itself in an ApiObject; looked at before use, because no version promises it. */
interface Innards {
  readonly props: Data;
  readonly patches: readonly unknown[];
  readonly metadata: { readonly [field: string]: unknown; readonly _additionalAttributes: Data };
}

/**
 * Writes ApiObjects as YAML, byte for byte what {@link writeData} writes of their `toJson()`.
 *
 * Where an object is what cdk8s makes of plain data, the text comes from the data itself, without the copies that `toJson()` makes
 * of it: one to resolve, one to sanitize, one to sort. Whatever is out of the ordinary goes through `toJson()`.
 */
export class ObjectWriter {
  readonly #yaml: YamlWriter;
  readonly #direct: boolean;
  readonly #given: Style;
  readonly #sorted: Style;
  readonly #metadata: Style;
  readonly #top: KeyOrder;
  #tokens = false;

  constructor(app: App, direct: boolean = isKnown(app) && provenDirect()) {
    const keys = new Map<string, Key>();
    const order = process.env.CDK8S_DISABLE_SORT ? givenKeys : sortedKeys;
    this.#direct = direct;
    this.#given = givenStyle(keys);
    this.#sorted = {
      order: new KeyOrder(order, keys),
      nulls: false,
      empties: true,
      oddKeys: false,
      plain: (value) => this.#produced(value),
    };
    this.#metadata = { ...this.#sorted, order: new KeyOrder(sortedKeys, keys), empties: false };
    this.#top = new KeyOrder((names) => topKeys(order(names)), keys);
    this.#yaml = new YamlWriter(this.#given);
  }

  /** One document. Gives the data where it had to be made, undefined where the object's own fields say the same. */
  write(object: ApiObject): unknown {
    if (this.#direct && isOrdinary(object) && this.#tryDirect(object)) return undefined;
    const data: unknown = object.toJson();
    this.writeData(data, object.node.path);
    return data;
  }

  /** The data of the object that was just written, given what {@link write} gave: its own fields where they hold no token. */
  dataOf(object: ApiObject, written: unknown): unknown {
    if (written !== undefined) return written;
    if (this.#tokens) return object.toJson();
    const { props, metadata } = object as unknown as Innards;
    return { ...props, metadata: attributes(metadata) };
  }

  /** One document of data that is no ApiObject's. */
  writeData(value: unknown, subject: string): void {
    writeData(this.#yaml, value, { style: this.#given, subject });
  }

  /** The text of all documents since the last call, as UTF-8 in pieces. */
  take(): readonly Uint8Array[] {
    return this.#yaml.take();
  }

  #produced(value: object): unknown {
    this.#tokens = true;
    return produced(value);
  }

  #tryDirect(object: ApiObject): boolean {
    this.#tokens = false;
    const { props, metadata } = object as unknown as Innards;
    this.#yaml.begin();
    try {
      const shape = this.#top.shape(props);
      if (shape.odd) throw notPlain;
      for (const key of shape.keys) {
        if (key.name === "metadata") this.#yaml.entry(key, attributes(metadata), this.#metadata);
        else this.#yaml.entry(key, props[key.name], this.#sorted);
      }
    } catch (error) {
      // What contains itself has no end in cdk8s's way either. All else goes that way, and fails there in cdk8s's words if it must.
      if (error === tooDeep)
        refuse(object.node.path, [{ path: "", message: `got more than ${deepest} levels, or an object that contains itself.` }]);
      this.#yaml.abandon();
      return false;
    }
    return true;
  }
}

/** The metadata as cdk8s puts it together. */
function attributes({
  _additionalAttributes,
  name,
  namespace,
  annotations,
  finalizers,
  ownerReferences,
  labels,
}: Innards["metadata"]): Data {
  return { ..._additionalAttributes, name, namespace, annotations, finalizers, ownerReferences, labels };
}

/** The value of a token, as cdk8s's own resolvers find it. Anything else that is not plain data is for cdk8s to judge. */
function produced(value: object): unknown {
  if (value instanceof Lazy) return value.produce();
  if ("resolve" in value && typeof value.resolve === "function") return value.resolve();
  throw notPlain;
}

/** cdk8s writes these three first, and the metadata whether or not the props have some. */
function topKeys(names: readonly string[]): readonly string[] {
  if (names.some((name) => /^\d/.test(name))) throw notPlain;
  const head = ["apiVersion", "kind", "metadata"];
  return [...head, ...names.filter((name) => !head.includes(name))];
}

/** Whether an object is what cdk8s makes of its props and metadata, and nothing else. */
function isOrdinary(object: ApiObject): boolean {
  const { props, patches, metadata } = object as unknown as Innards;
  return (
    object.toJson === ApiObject.prototype.toJson &&
    object.metadata.toJson === ApiObjectMetadataDefinition.prototype.toJson &&
    patches.length === 0 &&
    typeof props.kind === "string" &&
    typeof metadata.name === "string" &&
    typeof metadata.namespace !== "object"
  );
}

/** Whether an app resolves tokens in cdk8s's own way, and in no other besides. */
function isKnown(app: App): boolean {
  const { resolvers } = app as { readonly resolvers?: readonly object[] };
  if (resolvers === undefined) return true;
  const own = ["LazyResolver", "ImplicitTokenResolver", "NumberStringUnionResolver"];
  const classes = cdk8s as unknown as Readonly<Record<string, { readonly prototype: object } | undefined>>;
  return (
    resolvers.length === own.length &&
    resolvers.every((resolver, index) => Object.getPrototypeOf(resolver) === classes[own[index] ?? ""]?.prototype)
  );
}

let proven: boolean | undefined;

/**
 * Whether the direct text of an object full of special cases is that of its `toJson()`, looked at once a process.
 *
 * A cdk8s that keeps its data elsewhere or renders it in another way gets the slow way, not wrong text.
 */
function provenDirect(): boolean {
  proven ??= isProven();
  return proven;
}

function isProven(): boolean {
  const app = new App({ outdir: "." });
  const object = specialCases(new Chart(app, "proof", { namespace: "proof", labels: { tier: "1" } }));
  const { props, patches, metadata } = object as unknown as Partial<Innards>;
  if (props === undefined || !Array.isArray(patches) || metadata?._additionalAttributes === undefined) return false;
  const [direct, through] = [true, false].map((way) => {
    const writer = new ObjectWriter(app, way);
    return { data: writer.write(object), text: textOf(writer.take()) };
  });
  return direct?.data === undefined && direct?.text === through?.text;
}

function specialCases(chart: Chart): ApiObject {
  const token = { resolve: () => ({ b: "yes", a: [undefined, {}] }) };
  const metadata = { labels: { b: "2", a: "1" }, annotations: {}, finalizers: [], odd: { list: [{}, []], map: { none: null }, token } };
  const spec = { b: [null, undefined, {}, [], [1, -0, 1e21]], a: { none: null, nothing: undefined }, 10: true, 9: "text\n", token };
  const lazy: unknown = Lazy.any({ produce: () => spec });
  const object = new ApiObject(chart, "Resource", { kind: "Proof", spec, lazy, apiVersion: "proof/v1", metadata });
  object.metadata.addAnnotation("later", "too");
  return object;
}
