import { character, kind, kinds } from "./characters";
import { isUnbounded, plainScalar, plainWords } from "./plain-scalar";
import { doubt, Transcript } from "./transcript";

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

function hashedWith(hashed: number, code: number): number {
  return (Math.imul(hashed, 31) + code) | 0;
}

function mayBeWord(hashed: number): boolean {
  return words[hashed & 255] === 1;
}

/** Keys, scalars on one line and short flow collections of a {@link Transcript}. */
export class ScalarTranscript extends Transcript {
  /** Hashes of the keys of all maps that are open. */
  readonly #keys: Int32Array = new Int32Array(mostKeys);
  protected keyCount = 0;
  /** The key that was found last. */
  #from = 0;
  #to = 0;
  #hash = 0;

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
    if (((kinds[this.code(this.#from)] as number) & kind.letter) === 0) return this.#plainValue(this.#from, this.#to) === undefined;
    return this.#to - this.#from > longestWord || !mayBeWord(this.#hash) || this.#plainValue(this.#from, this.#to) === undefined;
  }

  /** What a scalar without quotes stands for, as JSON; undefined for text. */
  #plainValue(start: number, end: number): string | undefined {
    const word = this.slice(start, end);
    if (isUnbounded(word)) throw doubt;
    const value = plainScalar(word);
    return typeof value === "string" ? undefined : JSON.stringify(value);
  }

  /** Writes the key that was found last. A map that has one like it already is not for this reader. */
  protected key(first: number): void {
    const { keyCount } = this;
    if (keyCount - first >= mostOfMap || keyCount >= mostKeys) throw doubt;
    for (let index = first; index < keyCount; index++) if (this.#keys[index] === this.#hash) throw doubt;
    this.#keys[keyCount] = this.#hash;
    this.keyCount = keyCount + 1;
    this.string(this.#from, this.#to);
    this.byte(colon);
  }

  /** A scalar without quotes, to the end of its line. */
  protected plain(): void {
    const start = this.at;
    const first = this.code(start);
    const isMark = first === dash && this.isBreak(start + 1);
    if (((kinds[first] as number) & kind.plainStart) === 0 || isMark) throw doubt;
    const end = this.#plainEnd(start);
    this.skipLine();
    this.#resolved(start, end);
  }

  /** End of the text that begins here, without the blanks and the comment behind it. Goes to the end of the line, or to the comment. */
  #plainEnd(start: number): number {
    const { bytes } = this;
    let end = start;
    let at = start;
    for (let code = bytes[at] as number; code !== newline; code = bytes[++at] as number) {
      if (((kinds[code] as number) & kind.plainPart) !== 0) end = at + 1;
      else if (code !== blank) {
        if (code === hash && bytes[at - 1] === blank) break;
        this.#special(code, at);
        end = at + 1;
      }
    }
    this.at = at;
    return end;
  }

  /** Characters of a scalar without quotes that depend on what is around them. */
  #special(code: number, at: number): void {
    const isText = code === hash || code === quote || code === backslash || (code === colon && !this.isBreak(at + 1));
    if (!isText) throw doubt;
  }

  /** Writes a scalar without quotes for what it stands for. */
  #resolved(start: number, end: number): void {
    const first = kinds[this.code(start)] as number;
    if ((first & kind.resolving) === 0) this.string(start, end);
    else if ((first & kind.letter) === 0) this.#number(start, end);
    else this.#word(start, end);
  }

  #number(start: number, end: number): void {
    if (this.#isPlainNumber(start, end)) this.copy(start, end);
    else this.#value(start, end);
  }

  #word(start: number, end: number): void {
    if (end - start > longestWord || !mayBeWord(this.#hashOf(start, end))) this.string(start, end);
    else this.#value(start, end);
  }

  #value(start: number, end: number): void {
    const value = this.#plainValue(start, end);
    if (value === undefined) this.string(start, end);
    else this.word(value);
  }

  #hashOf(start: number, end: number): number {
    let hashed = 0;
    for (let at = start; at < end; at++) hashed = hashedWith(hashed, this.code(at));
    return hashed;
  }

  /** A whole number as JSON writes it as well. */
  #isPlainNumber(start: number, end: number): boolean {
    if (end - start > longestNumber || (this.code(start) === zero && end - start > 1)) return false;
    for (let at = start; at < end; at++) {
      const code = this.code(at);
      if (code < zero || code > nine) return false;
    }
    return true;
  }

  protected doubleQuoted(): void {
    const { at: start, bytes } = this;
    let at = start + 1;
    for (let code = bytes[at] as number; code !== quote; code = bytes[at] as number) {
      if (((kinds[code] as number) & kind.quotedPart) !== 0 || code === apostrophe) at++;
      else if (code === backslash) at += this.#escape(at);
      else throw doubt;
    }
    this.copy(start, at + 1);
    this.at = at + 1;
  }

  /** Length of an escape that means in JSON what it means in YAML. */
  #escape(at: number): number {
    const code = this.code(at + 1);
    if (code === letterU && /^[\da-fA-F]{4}$/.test(this.slice(at + 2, at + 6))) return 6;
    if (!simpleEscapes.has(code)) throw doubt;
    return 2;
  }

  protected singleQuoted(): void {
    this.byte(quote);
    let at = this.at + 1;
    for (let code = this.code(at); code !== apostrophe || this.code(at + 1) === apostrophe; code = this.code(++at)) {
      if (code === apostrophe) at++;
      else if (code === quote || code === backslash) this.byte(backslash);
      else if (((kinds[code] as number) & kind.quotedPart) === 0) throw doubt;
      this.byte(code);
    }
    this.byte(quote);
    this.at = at + 1;
  }

  /** A flow collection on one line, of simple words and texts in quotes. */
  protected flow(depth: number): void {
    const isMap = this.code(this.at) === openMap;
    const close = isMap ? closeMap : closeList;
    const firstKey = this.keyCount;
    if (depth > deepestFlow) throw doubt;
    this.byte(this.code(this.at++));
    this.blanks();
    if (this.code(this.at) !== close) this.#flowEntries(isMap, depth);
    if (this.code(this.at) !== close) throw doubt;
    this.byte(close);
    this.at++;
    this.keyCount = firstKey;
  }

  #flowEntries(isMap: boolean, depth: number): void {
    const firstKey = this.keyCount;
    for (;;) {
      if (isMap) this.#flowKey(firstKey);
      this.#flowValue(depth);
      this.blanks();
      if (this.code(this.at) !== comma) return;
      this.byte(comma);
      this.at++;
      this.blanks();
    }
  }

  #flowKey(firstKey: number): void {
    if (!this.isKey()) throw doubt;
    this.key(firstKey);
    this.blanks();
  }

  #flowValue(depth: number): void {
    const code = this.code(this.at);
    if (code === openList || code === openMap) this.flow(depth + 1);
    else if (code === quote) this.doubleQuoted();
    else if (code === apostrophe) this.singleQuoted();
    else this.#flowWord(code);
  }

  #flowWord(first: number): void {
    const start = this.at;
    const isDigit = first >= zero && first <= nine;
    if (((kinds[first] as number) & kind.keyStart) === 0 && !isDigit) throw doubt;
    while (((kinds[this.code(this.at)] as number) & kind.keyPart) !== 0) this.at++;
    this.#resolved(start, this.at);
    this.blanks();
    const next = this.code(this.at);
    if (next !== comma && next !== closeList && next !== closeMap) throw doubt;
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

  /** Writes a line of a block scalar, from an offset on. */
  protected blockLine(from: number): void {
    let at = from;
    for (let code = this.code(at); code !== newline; code = this.code(++at)) {
      if (code === quote || code === backslash) this.byte(backslash);
      else if (((kinds[code] as number) & kind.quotedPart) === 0 && code !== apostrophe) throw doubt;
      this.byte(code);
    }
    this.at = at + 1;
  }
}
