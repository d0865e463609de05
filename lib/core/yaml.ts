import { dataProblems, tryPlain } from "./data-problems";
import { givenKeys, type Key, KeyOrder } from "./key-order";
import { notPlain, tooDeep } from "./not-plain";
import { refuse } from "./problem";
import { type Style, YamlWriter } from "./yaml-writer";

/** The style of data as it is: keys in their order, null where null stands. */
export function givenStyle(keys: Map<string, Key>): Style {
  return { order: new KeyOrder(givenKeys, keys), nulls: true, empties: true, oddKeys: true, plain };
}

/**
 * One YAML document.
 *
 * Block style, two blanks a level, keys in their order, several lines as a literal block where that is safe. Every reader, of YAML 1.1
 * as in Kubernetes or of 1.2, takes the same data from it as from `JSON.stringify`: undefined is left out of maps and null in lists.
 *
 * @throws InvalidInput naming what YAML cannot carry: NaN, infinities, half surrogate pairs, functions, cycles.
 */
export function yamlDocument(value: unknown): string {
  return yamlDocuments([value]);
}

/**
 * Several YAML documents with `---` between them; undefined ones are left out.
 *
 * @throws InvalidInput as {@link yamlDocument} does.
 */
export function yamlDocuments(values: readonly unknown[]): string {
  const style = givenStyle(new Map());
  const writer = new YamlWriter(style);
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue;
    writeData(writer, value, { style, subject: values.length > 1 ? `document ${index + 1}` : "document" });
  }
  return textOf(writer.take());
}

/** The text of its pieces in UTF-8. */
export function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString("utf8");
}

/** Writes a document of any data, or says everything that is wrong with it. */
export function writeData(
  writer: YamlWriter,
  value: unknown,
  { style, subject }: { readonly style: Style; readonly subject: string },
): void {
  writer.begin();
  try {
    writer.document(value, style);
  } catch (error) {
    if (error === notPlain || error === tooDeep) refuse(subject, dataProblems(value));
    throw error;
  }
}

function plain(value: object): unknown {
  const data = tryPlain(value);
  if (data === undefined) throw notPlain;
  return data;
}
