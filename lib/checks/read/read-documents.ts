import { isAscii, isUtf8 } from "node:buffer";
import { deepest } from "../../core/not-plain";
import { BlockReader } from "./block-reader";
import { isPrintable, readCarefully } from "./careful-reader";
import { DocumentCursor } from "./document-cursor";
import type { Fault } from "./document-data";

/** What a document is written in: what the fast reader takes, JSON, or anything else that is YAML. */
export type DocumentForm = "plain" | "json" | "yaml";

/** A document of a file. */
export interface FoundDocument {
  /** Plain data; null of an empty document, undefined where none can be had. */
  readonly data: unknown;
  /** What is wrong with it. Offsets are in the text of the document; of one that is not UTF-8, in its bytes. */
  readonly faults: readonly Fault[];
  readonly form: DocumentForm;
  /** Where it lies in the file. Unit: bytes. */
  readonly start: number;
  readonly end: number;
}

const none: readonly Fault[] = [];

/** Reads the documents of a file one by one: fast where they are plain, carefully where they are not. Never throws. */
export function* readDocuments(bytes: Buffer): Iterable<FoundDocument> {
  const cursor = new DocumentCursor(bytes);
  const reader = new BlockReader(endedByBreak(bytes));
  const ascii = isAscii(bytes);
  for (let start = 0, end = 0; start < bytes.length; start = cursor.after(end)) {
    const isTaken = reader.read(start);
    end = isTaken ? Math.min(reader.end, bytes.length) : cursor.endOf(start);
    const isPlain = isTaken && (ascii || isSound(bytes.subarray(start, end)));
    yield isPlain ? { data: reader.data, faults: none, form: "plain", start, end } : carefully(bytes, start, end);
  }
}

function carefully(bytes: Buffer, start: number, end: number): FoundDocument {
  return { ...contentOf(bytes.subarray(start, end)), start, end };
}

/** The reader of plain documents looks for the end of a line alone, never for that of the file. */
function endedByBreak(bytes: Buffer): Buffer {
  return bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, Buffer.from("\n")]);
}

function isSound(bytes: Buffer): boolean {
  return isAscii(bytes) || (isUtf8(bytes) && isPrintable(bytes.toString()));
}

type Content = Pick<FoundDocument, "data" | "faults" | "form">;

function contentOf(bytes: Buffer): Content {
  if (!isUtf8(bytes)) return { data: undefined, faults: [{ offset: firstInvalid(bytes), message: "it is not UTF-8." }], form: "yaml" };
  const text = bytes.toString();
  return jsonOf(bytes, text) ?? { ...readCarefully(text), form: "yaml" };
}

/** The data of a document in JSON. */
function jsonOf(bytes: Buffer, text: string): Content | undefined {
  const first = bytes.find((byte) => byte > 32);
  if ((first !== openMap && first !== openList) || !isFlat(bytes)) return undefined;
  try {
    const data: unknown = JSON.parse(text);
    return countKeys(data) === countColons(bytes) ? { data, faults: none, form: "json" } : undefined;
  } catch {
    // YAML says where it is wrong.
    return undefined;
  }
}

const quote = 34;
const colon = 58;
const openList = 91;
const backslash = 92;
const closeList = 93;
const openMap = 123;
const closeMap = 125;

/** Whether brackets alone, those in texts included, show that no more levels are there than a document may have. */
function isFlat(bytes: Buffer): boolean {
  let depth = 0;
  for (const byte of bytes) {
    if (byte === openMap || byte === openList) depth++;
    else if (byte === closeMap || byte === closeList) depth--;
    if (depth > deepest) return false;
  }
  return true;
}

/** Colons outside texts: one for each key that is written. Of two alike, JSON's own parser keeps one and says nothing. */
function countColons(bytes: Buffer): number {
  let count = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) inText = !inText;
    else if (byte === backslash) at++;
    else if (byte === colon && !inText) count++;
  }
  return count;
}

function countKeys(data: unknown): number {
  if (typeof data !== "object" || data === null) return 0;
  const values = Object.values(data);
  return values.reduce((count: number, value) => count + countKeys(value), Array.isArray(data) ? 0 : values.length);
}

/** First byte that is no UTF-8. */
function firstInvalid(bytes: Buffer): number {
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(wholeCharacters(bytes, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/** The bytes before an end, without a last character that is cut in two. */
function wholeCharacters(bytes: Buffer, end: number): Buffer {
  let cut = end;
  while (cut > 0 && end - cut < 3 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut--;
  return bytes.subarray(0, cut);
}
