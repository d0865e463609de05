import { createRequire } from "node:module";
import type { CST, Document, ParseOptions, ScalarTag } from "yaml";
import { deepest } from "../../core/not-plain";
import { DocumentData, type Fault } from "./document-data";
import type { Step } from "./field-path";
import { mayResolve, plainScalar } from "./plain-scalar";

/** What a document holds; or what is wrong with it, with the data that can be had all the same. */
export interface DocumentContent {
  /** Plain data; undefined where there is none. */
  readonly data: unknown;
  readonly faults: readonly Fault[];
}

/** The package is loaded where a document needs it: most need the fast reader only. */
let loaded: typeof import("yaml") | undefined;
const load = createRequire(__filename);
const yaml = (): typeof import("yaml") => {
  loaded ??= load("yaml") as typeof import("yaml");
  return loaded;
};

/** Characters that YAML does not allow, written or not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]/;

const plainTag: ScalarTag = {
  tag: "meshground:plain",
  default: true,
  test: mayResolve,
  resolve: (text) => plainScalar(text),
};
const explicit: readonly ScalarTag[] = ["null", "bool", "int", "float", "timestamp"].map((name) => ({
  tag: `tag:yaml.org,2002:${name}`,
  resolve: (text) => (name === "timestamp" ? text : plainScalar(text)),
}));
const options: ParseOptions & Readonly<Record<string, unknown>> = {
  schema: "failsafe",
  customTags: [plainTag, ...explicit],
  resolveKnownTags: false,
  // Looked for once all keys of a map are known: in pairs it takes quadratic time.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "silent",
};

/** Whether a text holds nothing but what YAML allows. */
export function isPrintable(text: string): boolean {
  return !forbidden.test(text);
}

/** Reads one document by the whole of YAML. Never throws. */
export function readCarefully(text: string): DocumentContent {
  const at = text.search(forbidden);
  if (at !== -1) return { data: undefined, faults: [{ offset: at, message: `the character U+${code(text, at)} is not allowed.` }] };
  try {
    const document = parse(text);
    const [error] = document.errors;
    if (error !== undefined) return { data: undefined, faults: [{ offset: error.pos[0], message: sentence(error.message) }] };
    const reading = new DocumentData(yaml());
    return { data: reading.read(document), faults: reading.faults };
  } catch (error) {
    return { data: undefined, faults: [{ offset: 0, message: failure(error) }] };
  }
}

/**
 * Finds where the fields of a document are written, or the nearest around them that are.
 *
 * Unit: UTF-16 code units from the start of the text.
 */
export function fieldOffsets(text: string): (steps: readonly Step[]) => number {
  try {
    const document = parse(text);
    return (steps) => offsetIn(document, steps);
  } catch {
    return () => 0;
  }
}

function offsetIn(document: Document.Parsed, steps: readonly Step[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const step of steps) {
    const found = entryOf(node, step);
    if (found === undefined) break;
    offset = rangeStart(found.at) ?? offset;
    node = found.node;
  }
  return offset;
}

/** What stands at a step, and what shows where. */
function entryOf(node: unknown, step: Step): { readonly at: unknown; readonly node: unknown } | undefined {
  const { isMap, isSeq, isScalar } = yaml();
  if (isMap(node)) {
    const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { at: pair.key, node: pair.value };
  }
  const item = isSeq(node) && typeof step === "number" ? node.items[step] : undefined;
  return item === undefined ? undefined : { at: item, node: item };
}

function rangeStart(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] } | null)?.range?.[0];
}

/** The parser keeps its own stack, what composes nodes uses the program's: a document that is nested too deeply must not get there. */
function parse(text: string): Document.Parsed {
  const { Composer, Parser } = yaml();
  const tokens = [...new Parser().parse(text)];
  if (isDeeper(tokens, deepest)) throw new Error(`there are more than ${deepest} levels.`);
  const [document, another] = new Composer(options).compose(tokens, true, text.length);
  if (document === undefined) throw new Error("there is no document.");
  if (another !== undefined) throw new Error("there is more than one document.");
  return document as Document.Parsed;
}

/** Whether tokens contain each other to more than so many levels. */
function isDeeper(tokens: readonly CST.Token[], levels: number): boolean {
  let level: readonly unknown[] = tokens;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap(inner);
  }
  return false;
}

/** What a token contains: the value of a document, the keys and values of a collection. */
function inner(token: unknown): readonly unknown[] {
  const { value, items = [] } = token as { readonly value?: unknown; readonly items?: readonly { key?: unknown; value?: unknown }[] };
  return [value, ...items.flatMap((item) => [item.key, item.value])].filter((part) => typeof part === "object" && part !== null);
}

function failure(error: unknown): string {
  return sentence(error instanceof Error ? error.message : String(error));
}

function sentence(message: string): string {
  const [line = ""] = message.split("\n");
  return `${line.slice(0, 1).toLowerCase()}${line.slice(1, 200).replace(/[.:]?$/, ".")}`;
}

function code(text: string, at: number): string {
  return text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
}
