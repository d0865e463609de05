import { character } from "./characters";
import { ScalarTranscript } from "./scalar-transcript";
import { doubt } from "./transcript";

const { newline, blank, quote, hash, apostrophe, comma, dash, dot, openList, closeList, openMap, closeMap } = character;

const map = 0;
const list = 1;
/** Levels. What has more is left to the other reader. */
const deepest = 64;
const nullText = "null";
const newlineText = "\\n";

/**
 * Reads the YAML that nearly all manifests are written in, fast: block maps and lists, scalars on one line, simple blocks and flow collections.
 *
 * It writes a document as JSON, and has that parsed. At the slightest doubt it gives up; what it reads, it reads as the reader of all of YAML
 * does. What is a fault of a document is a doubt as well: a duplicate key, a tab.
 */
export class BlockReader extends ScalarTranscript {
  /** The collections that are open: what they are, their column, where the hashes of their keys begin. */
  readonly #kinds: Uint8Array = new Uint8Array(deepest + 1);
  readonly #columns: Int32Array = new Int32Array(deepest + 1);
  readonly #firstKeys: Int32Array = new Int32Array(deepest + 1);
  #depth = 0;
  #start = 0;
  #end = 0;
  /** Whether the entry that was written last has no value yet. */
  #isOpen = false;

  /**
   * Reads the document that begins at an offset. False for one that is not plain enough; else it ended at {@link end}, and {@link data} is what
   * it holds.
   */
  read(start: number): boolean {
    this.begin();
    this.at = start;
    this.#start = start;
    this.#end = this.bytes.length;
    this.#depth = 0;
    this.keyCount = 0;
    this.#isOpen = false;
    try {
      while (this.at < this.#end) this.#line();
    } catch (error) {
      if (error === doubt) return false;
      throw error;
    }
    if (this.#isOpen) this.word(nullText);
    if (this.#depth === 0) this.word(nullText);
    this.#close(0);
    return this.fitted() || this.read(start);
  }

  /** Where the document that was read last ended: at a line that begins with `---` or `...`, or at the end of the file. */
  get end(): number {
    return this.#end;
  }

  /** The data of the document that was read last: null of an empty one. */
  data(isAscii: boolean): unknown {
    return JSON.parse(this.json(isAscii));
  }

  #line(): void {
    this.reserve();
    const column = this.blanks();
    if (this.at >= this.#end || this.endsLine()) return;
    if (column === 0 && this.#isMarker()) this.#stop();
    else this.#entry(column);
  }

  /** `---` and `...` end a document, wherever they stand. */
  #isMarker(): boolean {
    const { at } = this;
    const code = this.code(at);
    return (code === dash || code === dot) && code === this.code(at + 1) && code === this.code(at + 2) && this.isBreak(at + 3);
  }

  /** A document that begins on the line of its own marker goes on behind it. */
  #stop(): void {
    if (this.at === this.#start && this.code(this.at + 3) !== newline) throw doubt;
    this.#end = this.at;
  }

  /** What begins at a column: items of lists, one in the other, and then a key with its value, or a scalar. */
  #entry(from: number): void {
    let column = from;
    let isInline = false;
    while (this.code(this.at) === dash && this.isBreak(this.at + 1)) {
      this.#place(column, list, isInline);
      const start = this.at++;
      this.blanks();
      this.#isOpen = true;
      if (this.endsLine()) return;
      column += this.at - start;
      isInline = true;
    }
    if (this.isKey()) {
      this.#place(column, map, isInline);
      this.key(this.#firstKeys[this.#depth] as number);
      this.blanks();
      this.#isOpen = this.endsLine();
      if (!this.#isOpen) this.#scalar();
    } else if (isInline) this.#scalar();
    else throw doubt;
  }

  /** Makes the collection at a column, of a kind, the innermost one, and begins an entry of it. */
  #place(column: number, kind: number, isInline: boolean): void {
    if (this.#opens(column, kind, isInline)) {
      this.#push(column, kind);
      return;
    }
    if (this.#isOpen) this.word(nullText);
    this.#isOpen = false;
    let depth = this.#depth;
    while (depth > 1 && this.#column(depth) > column) depth--;
    // The list of a key may stand at the key's own column.
    if (kind === map && this.#kinds[depth] === list && depth > 1 && this.#column(depth - 1) === column) depth--;
    if (this.#column(depth) !== column || this.#kinds[depth] !== kind) throw doubt;
    this.#close(depth);
    this.byte(comma);
  }

  /** Whether an entry begins a collection that was not there before. */
  #opens(column: number, kind: number, isInline: boolean): boolean {
    if (isInline || this.#depth === 0) return true;
    const outer = this.#column(this.#depth);
    return this.#isOpen && (column > outer || (column === outer && kind === list && this.#kinds[this.#depth] === map));
  }

  #column(depth: number): number {
    return this.#columns[depth] as number;
  }

  #push(column: number, kind: number): void {
    if (this.#depth >= deepest) throw doubt;
    const depth = ++this.#depth;
    this.#kinds[depth] = kind;
    this.#columns[depth] = column;
    this.#firstKeys[depth] = this.keyCount;
    this.#isOpen = false;
    this.byte(kind === map ? openMap : openList);
  }

  /** Closes all collections below a depth. */
  #close(depth: number): void {
    for (; this.#depth > depth; this.#depth--) {
      this.byte(this.#kinds[this.#depth] === map ? closeMap : closeList);
      this.keyCount = this.#firstKeys[this.#depth] as number;
    }
  }

  /** A scalar or a flow collection, and the rest of its line. */
  #scalar(): void {
    this.#isOpen = false;
    const code = this.code(this.at);
    const header = this.blockHeader();
    if (header !== undefined) this.#block(header);
    else if (code === quote || code === apostrophe || code === openList || code === openMap) this.#delimited(code);
    else this.plain();
  }

  #delimited(code: number): void {
    if (code === quote) this.doubleQuoted();
    else if (code === apostrophe) this.singleQuoted();
    else this.flow(0);
    this.#rest();
  }

  /** Nothing but blanks and a comment may follow on the line. */
  #rest(): void {
    const blanks = this.blanks();
    if ((blanks === 0 && this.code(this.at) === hash) || !this.endsLine()) throw doubt;
  }

  /** The lines of a block scalar. */
  #block({ folds, strips }: { readonly folds: boolean; readonly strips: boolean }): void {
    const outer = this.#column(this.#depth);
    let indent = 0;
    this.byte(quote);
    for (;;) {
      const breaks = this.#emptyLines(indent || outer + 1);
      const column = this.#columnAhead();
      if (this.at >= this.#end || column <= outer) break;
      if (folds) this.#foldedLine(column, indent, breaks);
      else this.#literalLine(column, indent, breaks);
      indent ||= column;
    }
    if (indent === 0 || this.at > this.#end) throw doubt;
    if (!strips) this.word(newlineText);
    this.byte(quote);
  }

  /** Goes over lines that are empty, or blank to a column, and says how many there were. */
  #emptyLines(furthest: number): number {
    for (let count = 0; ; count++) {
      const column = this.#columnAhead();
      if (this.code(this.at + column) !== newline || this.at >= this.#end) return count;
      if (column > furthest) throw doubt;
      this.at += column + 1;
    }
  }

  /** Where the text of this line begins. */
  #columnAhead(): number {
    const column = this.blanks();
    this.at -= column;
    return column;
  }

  #literalLine(column: number, indent: number, breaks: number): void {
    if (column < indent) throw doubt;
    for (let count = indent === 0 ? breaks : breaks + 1; count > 0; count--) this.word(newlineText);
    this.blockLine(this.at + (indent || column));
  }

  /** Lines that are folded have no empty lines between them here, begin at one column, and end without a blank. */
  #foldedLine(column: number, indent: number, breaks: number): void {
    if (breaks > 0 || (indent > 0 && column !== indent)) throw doubt;
    if (indent > 0) this.byte(blank);
    this.blockLine(this.at + column);
    if (this.code(this.at - 2) === blank) throw doubt;
  }
}
