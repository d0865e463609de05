import type { Key, KeyOrder, Shape } from "./key-order";
import { deepest, notPlain, tooDeep } from "./not-plain";
import { isReserved, numberText, stringText } from "./yaml-scalar";

/** How one kind of data is written. */
export interface Style {
  /** Order of the keys. */
  readonly order: KeyOrder;
  /** Whether null stays in a map. In a list it always stays, because the places of a list count. */
  readonly nulls: boolean;
  /** Whether empty maps and lists stay. */
  readonly empties: boolean;
  /** Plain data for an object that is none; throws {@link notPlain} when there is none. */
  readonly plain: (value: object) => unknown;
  /** Whether an object may have keys that make cdk8s take it for something else. */
  readonly oddKeys: boolean;
}

const mostKnown = 5_000;
const longestKnown = 100;

const inner = 1;
const between = 2;
const first = 4;
/** Starts a word, or an exponent, that may be reserved. */
const wordly = 8;
const exponent = 16;
const longestWord = 8;
/** What each character is in a plain text: the hot loop's form of the pattern in yaml-scalar.ts. */
const kinds: Uint8Array = characterKinds();

/** Size from which finished documents are put aside: few pieces, and a block of bytes that stays in the processor's cache. */
const enough = 1 << 17;

/**
 * Writes YAML documents, with `---` between them.
 *
 * In bytes, because a text of a million lines put together from strings costs several times as much. Each document starts with a line
 * break, which is cut off the first one.
 */
export class YamlWriter {
  #bytes: Buffer = Buffer.allocUnsafe(2 * enough);
  #end = 0;
  #style: Style;
  #documents = 0;
  /** Where the present document starts, with the line that parts it from the one before, and without. */
  #start = 0;
  #body = 0;
  readonly #finished: Buffer[] = [];
  /** Texts that took a closer look, as they are written: the same few come again and again. */
  readonly #known: Map<string, string> = new Map();

  constructor(style: Style) {
    this.#style = style;
  }

  /** Starts a document. */
  begin(): void {
    if (this.#end > enough) this.#flush();
    this.#start = this.#end;
    if (this.#documents++ > 0) this.#text("\n---");
    this.#body = this.#end;
  }

  /** Forgets the document that was started, so that it can be written in another way. */
  abandon(): void {
    this.#end = this.#start;
    this.#documents--;
  }

  /** The text of all documents since the last call, as UTF-8 in pieces: put together, a large one would take up memory twice. */
  take(): readonly Uint8Array[] {
    if (this.#documents > 0) this.#text("\n");
    this.#flush();
    this.#documents = 0;
    const [first, ...rest] = this.#finished.splice(0);
    return first === undefined ? [] : [first.subarray(1), ...rest];
  }

  #flush(): void {
    if (this.#end > 0) this.#finished.push(Buffer.from(this.#bytes.subarray(0, this.#end)));
    this.#end = 0;
  }

  /** The present document, whole. */
  document(value: unknown, style: Style): void {
    this.#style = style;
    if (!this.#value(value, 0, false)) this.#text(" null");
    this.#bytes[this.#body] = 10;
  }

  /** An entry of the present document: some in one style, some in another. */
  entry(key: Key, value: unknown, style: Style): void {
    this.#style = style;
    const start = this.#end;
    this.#copy(key.line(0));
    if (!this.#value(value, 1, false)) this.#end = start;
  }

  /** Writes a value behind its key or dash. False when there is nothing to write, so that the caller takes the key back. */
  #value(value: unknown, depth: number, inline: boolean): boolean {
    switch (typeof value) {
      case "string":
        return this.#string(value, depth);
      case "object":
        return value === null ? this.#null() : this.#object(value, depth, inline);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.#text(value ? " true" : " false");
      case "bigint":
        return this.#text(` ${value}`);
      case "undefined":
        return false;
      default:
        throw notPlain;
    }
  }

  #object(value: object, depth: number, inline: boolean): boolean {
    if (depth > deepest) throw tooDeep;
    if (Array.isArray(value)) return this.#list(value, depth, inline);
    const shape = Object.getPrototypeOf(value) === Object.prototype ? this.#style.order.shape(value) : undefined;
    if (shape === undefined || (shape.odd && !this.#style.oddKeys)) return this.#value(this.#style.plain(value), depth, inline);
    return this.#map(value as Readonly<Record<string, unknown>>, shape, depth, inline) || this.#empty(" {}");
  }

  #map(record: Readonly<Record<string, unknown>>, { keys }: Shape, depth: number, inline: boolean): boolean {
    let written = false;
    for (const key of keys) {
      const value = record[key.name];
      if (value === undefined) continue;
      const start = this.#end;
      this.#copy(inline && !written ? key.inline(depth) : key.line(depth));
      if (this.#value(value, depth + 1, false)) written = true;
      else this.#end = start;
    }
    return written;
  }

  #list(list: readonly unknown[], depth: number, inline: boolean): boolean {
    if (!this.#style.oddKeys && isOddList(list)) throw notPlain;
    for (let index = 0; index < list.length; index++) {
      if (inline && index === 0) this.#text(" -");
      else this.#dash(depth);
      if (!this.#value(list[index], depth + 1, true)) this.#text(" null");
    }
    return list.length > 0 || this.#empty(" []");
  }

  #empty(text: string): boolean {
    return this.#style.empties && this.#text(text);
  }

  #null(): boolean {
    return this.#style.nulls && this.#text(" null");
  }

  #number(value: number): boolean {
    if (!Number.isFinite(value)) throw notPlain;
    return this.#text(` ${numberText(value)}`);
  }

  #string(text: string, depth: number): boolean {
    if (this.#plain(text)) return true;
    const known = this.#known.get(text);
    if (known !== undefined) return this.#text(known);
    if (!text.isWellFormed()) throw notPlain;
    const written = ` ${stringText(text, depth)}`;
    // What stands on one line does not depend on the depth.
    if (text.length < longestKnown && this.#known.size < mostKnown && !written.includes("\n")) this.#known.set(text, written);
    return this.#text(written);
  }

  /** Writes a text that needs no quotes while it looks whether it needs some. */
  #plain(text: string): boolean {
    const { length } = text;
    const kind = length === 0 ? 0 : (kinds[text.charCodeAt(0)] ?? 0);
    if ((kind & first) === 0 || (mayBeReserved(kind, length) && isReserved(text))) return false;
    this.#ensure(length + 1);
    const bytes = this.#bytes;
    let end = this.#end;
    bytes[end++] = 32;
    let previous = inner;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      const now = (kinds[code] ?? 0) & (inner | between);
      if (now === 0 || (now & previous & between) !== 0) return false;
      bytes[end++] = code;
      previous = now;
    }
    if (previous === between) return false;
    this.#end = end;
    return true;
  }

  #dash(depth: number): void {
    const size = 2 * depth;
    this.#ensure(size + 2);
    const bytes = this.#bytes;
    let end = this.#end;
    bytes[end++] = 10;
    for (const stop = end + size; end < stop; end++) bytes[end] = 32;
    bytes[end++] = 45;
    this.#end = end;
  }

  /** Always true, so that it can end what returns whether something was written. */
  #text(text: string): true {
    const { length } = text;
    this.#ensure(3 * length);
    const bytes = this.#bytes;
    let end = this.#end;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 126) {
        this.#end += bytes.write(text, this.#end, "utf8");
        return true;
      }
      bytes[end++] = code;
    }
    this.#end = end;
    return true;
  }

  #copy(piece: Uint8Array): void {
    const { length } = piece;
    this.#ensure(length);
    const bytes = this.#bytes;
    let end = this.#end;
    for (let index = 0; index < length; index++) bytes[end++] = piece[index] ?? 0;
    this.#end = end;
  }

  #ensure(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + more));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

function mayBeReserved(kind: number, length: number): boolean {
  return (kind & exponent) !== 0 || ((kind & wordly) !== 0 && length <= longestWord);
}

/** A list that cdk8s would not take for one. */
function isOddList(list: readonly unknown[]): boolean {
  if (Object.getPrototypeOf(list) !== Array.prototype) return true;
  const { resolve, value } = list as { readonly resolve?: unknown; readonly value?: unknown };
  return resolve !== undefined || value !== undefined;
}

function characterKinds(): Uint8Array {
  const table = new Uint8Array(1 << 16);
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code);
    if (/[\w./,=@+%()-]/.test(character)) table[code] = inner;
    if (/[: ]/.test(character)) table[code] = between;
    if (/[A-Za-z/]/.test(character)) table[code] = inner | first;
    if (/[finoty]/i.test(character)) table[code] = inner | first | wordly;
    if (/e/i.test(character)) table[code] = inner | first | exponent;
  }
  return table;
}
