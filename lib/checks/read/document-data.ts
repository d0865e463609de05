import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { deepest } from "../../core/not-plain";
import { isUnbounded } from "./plain-scalar";

/** Something that makes a document unreadable, or one of its fields. */
export interface Fault {
  /** Where, in the text of the document. Unit: UTF-16 code units. */
  readonly offset: number;
  /** What is wrong. One sentence. */
  readonly message: string;
}

/** Data of a node, with what it takes to keep aliases from making something huge of something small. */
interface Converted {
  readonly value: unknown;
  /** Number of values in it, those that aliases repeat included. */
  readonly size: number;
  /** Number of levels. */
  readonly height: number;
}

type Nodes = typeof import("yaml");

/** Values that the aliases of a document may repeat: as many as go-yaml bears without asking further. */
const mostRepeated = 400_000;
const nothing: Converted = { value: null, size: 1, height: 0 };

/** Plain data of a document, as Kubernetes reads it: merge keys followed, keys as text, the last of several of one name. */
export class DocumentData {
  /** What is wrong, in the order of the text. The data is what remains. */
  readonly faults: Fault[] = [];
  readonly #nodes: Nodes;
  readonly #anchors: Map<string, Converted> = new Map();
  #repeated = 0;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  read(document: Document.Parsed): unknown {
    return this.#convert(document.contents, 0).value;
  }

  #convert(node: unknown, depth: number): Converted {
    const { isAlias, isMap, isSeq, isScalar } = this.#nodes;
    if (isAlias(node)) return this.#alias(node, depth);
    if (depth > deepest) return this.#fault(node, `there are more than ${deepest} levels.`);
    const converted = isMap(node)
      ? this.#map(node, depth)
      : isSeq(node)
        ? this.#list(node, depth)
        : isScalar(node)
          ? this.#scalar(node)
          : nothing;
    const { anchor } = (node ?? {}) as Partial<Scalar>;
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #alias(node: Alias, depth: number): Converted {
    const target = this.#anchors.get(node.source);
    if (target === undefined) return this.#fault(node, `*${node.source} stands for no &${node.source} before it.`);
    if (depth + target.height > deepest) return this.#fault(node, `there are more than ${deepest} levels.`);
    this.#repeated += target.size;
    if (this.#repeated > mostRepeated) return this.#fault(node, `aliases repeat more than ${mostRepeated} values.`);
    return target;
  }

  #scalar(node: Scalar): Converted {
    const { source = "", type } = node;
    if (type === "PLAIN" && isUnbounded(source)) return this.#fault(node, `${source} is no number that an object can carry.`);
    return { value: node.value, size: 1, height: 0 };
  }

  #list(node: YAMLSeq, depth: number): Converted {
    const value: unknown[] = [];
    let [size, height] = [1, 1];
    for (const item of node.items) {
      const converted = this.#convert(item, depth + 1);
      size += converted.size;
      height = Math.max(height, 1 + converted.height);
      value.push(converted.value);
    }
    return { value, size, height };
  }

  #map(node: YAMLMap, depth: number): Converted {
    const entries = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    let [size, height] = [1, 1];
    for (const pair of node.items) {
      const converted = this.#convert(pair.value, depth + 1);
      size += converted.size;
      height = Math.max(height, 1 + converted.height);
      if (this.#isMerge(pair)) this.#merge(pair, merged, converted.value);
      else this.#enter(pair, entries, converted.value);
    }
    for (const [name, value] of merged) if (!entries.has(name)) entries.set(name, value);
    return { value: Object.fromEntries(entries), size, height };
  }

  #enter({ key }: Pair, entries: Map<string, unknown>, value: unknown): void {
    const name = this.#convert(key, 0).value;
    if (typeof name !== "string" && typeof name !== "number" && typeof name !== "boolean") {
      this.#fault(key, "a key of a map has to be text.");
      return;
    }
    if (entries.has(String(name))) this.#fault(key, `the key ${JSON.stringify(name)} is written twice in one map.`);
    entries.set(String(name), value);
  }

  #isMerge({ key }: Pair): boolean {
    return this.#nodes.isScalar(key) && key.type === "PLAIN" && key.source === "<<";
  }

  /** Maps that are merged do not override each other: the first counts. */
  #merge({ value: node }: Pair, merged: Map<string, unknown>, value: unknown): void {
    const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!sources.every(isMapData)) this.#fault(node, "<< merges maps, and this is none.");
    for (const [name, inner] of sources.filter(isMapData).flatMap(Object.entries)) {
      if (!merged.has(name)) merged.set(name, inner);
    }
  }

  #fault(node: unknown, message: string): Converted {
    const [offset = 0] = (node as Partial<Node> | null)?.range ?? [];
    this.faults.push({ offset, message });
    return nothing;
  }
}

function isMapData(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
