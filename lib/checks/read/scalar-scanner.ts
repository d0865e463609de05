import { character, kind, kinds } from "./characters";
import { doubt, LineScanner } from "./line-scanner";
import { isUnbounded, plainScalar, plainWords } from "./plain-scalar";
import { hashedWith, TextPool } from "./text-pool";

const { newline, blank, quote, hash, apostrophe, comma, dash, zero, nine, colon, greater, backslash, pipe } = character;
const { openList, closeList, openMap, closeMap, letterU } = character;

const longestKey = 500;
const deepestFlow = 20;
/** Longest of the words that are no text: `false`; and of the whole numbers that are exact. */
const longestWord = 5;
const longestNumber = 15;
/** Keys of all maps that are open. */
const mostKeys = 8192;
/** Keys of one map. They are compared in pairs. */
const mostOfMap = 100;
/** `"`, `\`, `/` and the letters of escapes that JSON has as well. */
const simpleEscapes: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((text) => text.charCodeAt(0)));

/** Which words may be no text, by the end of their hash. */
const words: Uint8Array = new Uint8Array(256);
for (const word of plainWords) words[[...word].reduce((hashed, letter) => hashedWith(hashed, letter.charCodeAt(0)), 0) & 255] = 1;

function mayBeWord(hashed: number): boolean {
  return words[hashed & 255] === 1;
}

/** Keys, scalars on one line and short flow collections. */
export class ScalarScanner extends LineScanner {
  readonly #names: TextPool;
  /** Hashes of the keys of all maps that are open. */
  readonly #keys: Int32Array = new Int32Array(mostKeys);
  protected keyCount = 0;
  /** The key that was found last. */
  #from = 0;
  #to = 0;
  /** Hash of what was looked at last. */
  #hash = 0;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#names = new TextPool(bytes, this.text, true);
  }

  /** Whether a key with its colon stands here. Goes behind the colon if so. */
  protected isKey(): boolean {
    const code = this.code(this.at);
    const isQuoted = code === quote || code === apostrophe;
    if (!isQuoted && ((kinds[code] as number) & kind.keyStart) === 0) return false;
    const end = isQuoted ? this.#scanKey(this.at + 1, kind.quotedPart) : this.#scanKey(this.at, kind.keyPart);
    if (isQuoted && this.code(end) !== code) return false;
    const at = isQuoted ? end + 1 : end;
    if (this.code(at) !== colon || !this.isBreak(at + 1) || at - this.at > longestKey) return false;
    if (!isQuoted && ((kinds[code] as number) & kind.resolving) !== 0 && !this.#isText()) return false;
    this.at = at + 1;
    return true;
  }

  #scanKey(from: number, part: number): number {
    const { bytes } = this;
    let at = from;
    let hashed = 0;
    for (let code = bytes[at] as number; ((kinds[code] as number) & part) !== 0; code = bytes[++at] as number) {
      hashed = hashedWith(hashed, code);
    }
    this.#from = from;
    this.#to = at;
    this.#hash = hashed;
    return at;
  }

  /** Whether the key that was found last is text without quotes around it. */
  #isText(): boolean {
    const isLetter = ((kinds[this.code(this.#from)] as number) & kind.letter) !== 0;
    if (isLetter && (this.#to - this.#from > longestWord || !mayBeWord(this.#hash))) return true;
    const name = this.text.slice(this.#from, this.#to);
    return typeof plainScalar(name) === "string" && !isUnbounded(name);
  }

  /** The key that was found last. A map that has one like it already is not for this reader. */
  protected key(first: number): string {
    const { keyCount } = this;
    const keys = this.#keys;
    const hashed = this.#hash;
    if (keyCount - first >= mostOfMap || keyCount >= mostKeys) throw doubt;
    for (let index = first; index < keyCount; index++) if (keys[index] === hashed) throw doubt;
    keys[keyCount] = hashed;
    this.keyCount = keyCount + 1;
    const name = this.#names.of(this.#from, this.#to, hashed);
    // To set it would be to set the prototype.
    if (name === "__proto__") throw doubt;
    return name;
  }

  /** A scalar without quotes, to the end of its line. */
  protected plain(): unknown {
    const start = this.at;
    const first = this.code(start);
    const isMark = first === dash && this.isBreak(start + 1);
    if (((kinds[first] as number) & kind.plainStart) === 0 || isMark) throw doubt;
    const end = this.#plainEnd(start);
    this.skipLine();
    return this.#resolved(start, end);
  }

  /** End of the text that begins here, without the blanks and the comment behind it. Goes to the end of the line, or to the comment. */
  #plainEnd(start: number): number {
    const { bytes } = this;
    let end = start;
    let at = start;
    let hashed = 0;
    for (let code = bytes[at] as number; code !== newline; code = bytes[++at] as number) {
      hashed = hashedWith(hashed, code);
      if (((kinds[code] as number) & kind.plainPart) === 0) {
        if (code === blank) continue;
        if (code === hash && bytes[at - 1] === blank) break;
        this.#special(code, at);
      }
      end = at + 1;
      this.#hash = hashed;
    }
    this.at = at;
    return end;
  }

  /** Characters of a scalar without quotes that depend on what is around them. */
  #special(code: number, at: number): void {
    const isText = code === hash || code === quote || code === backslash || (code === colon && !this.isBreak(at + 1));
    if (!isText) throw doubt;
  }

  /** What a scalar without quotes stands for. Its hash is that of what was looked at last. */
  #resolved(start: number, end: number): unknown {
    const first = kinds[this.code(start)] as number;
    if ((first & kind.resolving) === 0) return this.pool.of(start, end, this.#hash);
    if ((first & kind.letter) === 0) return this.#wholeNumber(start, end) ?? this.#value(start, end);
    if (end - start > longestWord || !mayBeWord(this.#hash)) return this.pool.of(start, end, this.#hash);
    return this.#value(start, end);
  }

  #value(start: number, end: number): unknown {
    const word = this.pool.of(start, end, this.#hash);
    if (isUnbounded(word)) throw doubt;
    return plainScalar(word);
  }

  /** A whole number in decimal digits; undefined for anything else. */
  #wholeNumber(start: number, end: number): number | undefined {
    if (end - start > longestNumber || (this.code(start) === zero && end - start > 1)) return undefined;
    let value = 0;
    for (let at = start; at < end; at++) {
      const code = this.code(at);
      if (code < zero || code > nine) return undefined;
      value = 10 * value + code - zero;
    }
    return value;
  }

  protected doubleQuoted(): string {
    const { at: start, bytes } = this;
    let at = start + 1;
    let hashed = 0;
    let escapes = false;
    for (let code = bytes[at] as number; code !== quote; code = bytes[at] as number) {
      hashed = hashedWith(hashed, code);
      if (((kinds[code] as number) & kind.quotedPart) !== 0 || code === apostrophe) at++;
      else if (code === backslash) {
        at += this.#escape(at);
        escapes = true;
      } else throw doubt;
    }
    this.at = at + 1;
    return escapes ? (JSON.parse(this.pool.made(start, at + 1)) as string) : this.pool.of(start + 1, at, hashed);
  }

  /** Length of an escape that means in JSON what it means in YAML. */
  #escape(at: number): number {
    const code = this.code(at + 1);
    if (code === letterU && /^[\da-fA-F]{4}$/.test(this.text.slice(at + 2, at + 6))) return 6;
    if (!simpleEscapes.has(code)) throw doubt;
    return 2;
  }

  protected singleQuoted(): string {
    const start = this.at + 1;
    let at = start;
    let hashed = 0;
    let doubled = false;
    for (let code = this.code(at); code !== apostrophe || this.code(at + 1) === apostrophe; code = this.code(++at)) {
      hashed = hashedWith(hashed, code);
      if (code === apostrophe) {
        at++;
        doubled = true;
      } else if (((kinds[code] as number) & kind.quotedPart) === 0 && code !== quote && code !== backslash) throw doubt;
    }
    this.at = at + 1;
    return doubled ? this.pool.made(start, at).replaceAll("''", "'") : this.pool.of(start, at, hashed);
  }

  /** A flow collection on one line, of simple words and texts in quotes. */
  protected flow(depth: number): unknown {
    if (depth > deepestFlow) throw doubt;
    const isMap = this.code(this.at++) === openMap;
    const firstKey = this.keyCount;
    const value = isMap ? this.#flowMap(depth) : this.#flowList(depth);
    this.keyCount = firstKey;
    return value;
  }

  #flowMap(depth: number): unknown {
    const first = this.keyCount;
    const map: Record<string, unknown> = {};
    this.blanks();
    for (let more = !this.#closes(closeMap); more; more = this.#continues(closeMap)) {
      if (!this.isKey()) throw doubt;
      const key = this.key(first);
      this.blanks();
      map[key] = this.#flowValue(depth);
    }
    return map;
  }

  #flowList(depth: number): unknown {
    const list: unknown[] = [];
    this.blanks();
    for (let more = !this.#closes(closeList); more; more = this.#continues(closeList)) list.push(this.#flowValue(depth));
    return list;
  }

  /** Goes behind the end of a flow collection where it stands here. */
  #closes(close: number): boolean {
    if (this.code(this.at) !== close) return false;
    this.at++;
    return true;
  }

  /** Goes to the next entry; false where there is none. */
  #continues(close: number): boolean {
    this.blanks();
    if (this.#closes(close)) return false;
    if (this.code(this.at++) !== comma) throw doubt;
    this.blanks();
    return true;
  }

  #flowValue(depth: number): unknown {
    const code = this.code(this.at);
    if (code === openList || code === openMap) return this.flow(depth + 1);
    if (code === quote) return this.doubleQuoted();
    return code === apostrophe ? this.singleQuoted() : this.#flowWord(code);
  }

  #flowWord(first: number): unknown {
    const start = this.at;
    const isDigit = first >= zero && first <= nine;
    if (((kinds[first] as number) & kind.keyStart) === 0 && !isDigit) throw doubt;
    this.at = this.#scanKey(start, kind.keyPart);
    const value = this.#resolved(start, this.at);
    this.blanks();
    const next = this.code(this.at);
    if (next !== comma && next !== closeList && next !== closeMap) throw doubt;
    return value;
  }

  /** `|`, `|-`, `>` or `>-`: whether it folds, and whether it strips the last line break. Goes to the next line. */
  protected blockHeader(): { readonly folds: boolean; readonly strips: boolean } | undefined {
    const code = this.code(this.at);
    if (code !== pipe && code !== greater) return undefined;
    const strips = this.code(++this.at) === dash;
    if (strips) this.at++;
    if (this.code(this.at++) !== newline) throw doubt;
    return { folds: code === greater, strips };
  }

  /** A line of a block scalar, from an offset on. */
  protected blockLine(from: number): string {
    const { bytes } = this;
    let at = from;
    for (let code = bytes[at] as number; code !== newline; code = bytes[++at] as number) {
      const isText = ((kinds[code] as number) & kind.quotedPart) !== 0 || code === quote || code === apostrophe || code === backslash;
      if (!isText) throw doubt;
    }
    this.at = at + 1;
    return this.pool.made(from, at);
  }
}
