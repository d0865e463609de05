import { character } from "./characters";
import { doubt } from "./line-scanner";
import { ScalarScanner } from "./scalar-scanner";

const { newline, quote, hash, apostrophe, dash, dot, openList, openMap } = character;

/** A block collection that is being read. */
type Collection = Record<string, unknown> | unknown[];

/** Levels. What has more is left to the other reader. */
const deepest = 64;

/**
 * Reads the YAML that nearly all manifests are written in, fast: block maps and lists, scalars on one line, simple blocks and flow collections.
 *
 * At the slightest doubt it gives up; what it reads, it reads as the reader of all of YAML does. What is a fault of a document is a doubt as
 * well: a duplicate key, a tab. The bytes have to end with a line break.
 */
export class BlockReader extends ScalarScanner {
  /** The collections that are open, from 1: their column, where the hashes of their keys begin, the key whose value is not there yet. */
  readonly #collections: Collection[] = [[]];
  readonly #columns: Int32Array = new Int32Array(deepest + 1);
  readonly #firstKeys: Int32Array = new Int32Array(deepest + 1);
  #depth = 0;
  #start = 0;
  #end = 0;
  /** Whether the entry that was read last has no value yet. */
  #isOpen = false;
  /** Its key, where it is one of a map. */
  #openKey = "";
  #root: unknown;

  /**
   * Reads the document that begins at an offset. False for one that is not plain enough; else it ended at {@link end}, and {@link data} is what
   * it holds.
   */
  read(start: number): boolean {
    this.at = start;
    this.#start = start;
    this.#end = this.bytes.length;
    this.#depth = 0;
    this.keyCount = 0;
    this.#isOpen = false;
    this.#root = null;
    try {
      while (this.at < this.#end) this.#line();
    } catch (error) {
      if (error === doubt) return false;
      throw error;
    }
    if (this.#isOpen) this.#enter(null);
    return true;
  }

  /** Where the document that was read last ended: at a line that begins with `---` or `...`, or at the end of the file. */
  get end(): number {
    return this.#end;
  }

  /** The data of the document that was read last: null of an empty one. */
  get data(): unknown {
    return this.#root;
  }

  #line(): void {
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
      this.#place(column, true, isInline);
      const start = this.at++;
      this.blanks();
      this.#isOpen = true;
      if (this.endsLine()) return;
      column += this.at - start;
      isInline = true;
    }
    if (this.isKey()) {
      this.#place(column, false, isInline);
      this.#openKey = this.key(this.#firstKeys[this.#depth] as number);
      this.blanks();
      this.#isOpen = true;
      if (!this.endsLine()) this.#enter(this.#scalar());
    } else if (isInline) this.#enter(this.#scalar());
    else throw doubt;
  }

  /** Enters the value of the entry that was read last. */
  #enter(value: unknown): void {
    const collection = this.#collections[this.#depth] as Collection;
    if (Array.isArray(collection)) collection.push(value);
    else collection[this.#openKey] = value;
    this.#isOpen = false;
  }

  /** Makes the collection at a column, of a kind, the innermost one. */
  #place(column: number, isList: boolean, isInline: boolean): void {
    if (this.#opens(column, isList, isInline)) {
      this.#push(column, isList ? [] : {});
      return;
    }
    if (this.#isOpen) this.#enter(null);
    let depth = this.#depth;
    while (depth > 1 && this.#column(depth) > column) depth--;
    // The list of a key may stand at the key's own column.
    if (!isList && depth > 1 && this.#isList(depth) && this.#column(depth - 1) === column) depth--;
    if (this.#column(depth) !== column || this.#isList(depth) !== isList) throw doubt;
    if (depth < this.#depth) this.keyCount = this.#firstKeys[depth + 1] as number;
    this.#depth = depth;
  }

  /** Whether an entry begins a collection that was not there before. */
  #opens(column: number, isList: boolean, isInline: boolean): boolean {
    if (isInline || this.#depth === 0) return true;
    const outer = this.#column(this.#depth);
    return this.#isOpen && (column > outer || (column === outer && isList && !this.#isList(this.#depth)));
  }

  #column(depth: number): number {
    return this.#columns[depth] as number;
  }

  #isList(depth: number): boolean {
    return Array.isArray(this.#collections[depth]);
  }

  #push(column: number, collection: Collection): void {
    if (this.#depth >= deepest) throw doubt;
    if (this.#depth === 0) this.#root = collection;
    else this.#enter(collection);
    const depth = ++this.#depth;
    this.#collections[depth] = collection;
    this.#columns[depth] = column;
    this.#firstKeys[depth] = this.keyCount;
  }

  /** A scalar or a flow collection, and the rest of its line. */
  #scalar(): unknown {
    const code = this.code(this.at);
    const header = this.blockHeader();
    if (header !== undefined) return this.#block(header);
    if (code === quote || code === apostrophe || code === openList || code === openMap) return this.#delimited(code);
    return this.plain();
  }

  #delimited(code: number): unknown {
    const value = code === quote ? this.doubleQuoted() : code === apostrophe ? this.singleQuoted() : this.flow(0);
    this.#rest();
    return value;
  }

  /** Nothing but blanks and a comment may follow on the line. */
  #rest(): void {
    const blanks = this.blanks();
    if ((blanks === 0 && this.code(this.at) === hash) || !this.endsLine()) throw doubt;
  }

  /** The lines of a block scalar. */
  #block({ folds, strips }: { readonly folds: boolean; readonly strips: boolean }): string {
    const outer = this.#column(this.#depth);
    const lines: string[] = [];
    let indent = 0;
    for (;;) {
      const breaks = this.#emptyLines(indent || outer + 1);
      const column = this.#columnAhead();
      if (this.at >= this.#end || column <= outer) break;
      lines.push(folds ? this.#foldedLine(column, indent, breaks) : "\n".repeat(breaks) + this.#literalLine(column, indent));
      indent ||= column;
    }
    if (indent === 0 || this.at > this.#end) throw doubt;
    return `${lines.join(folds ? " " : "\n")}${strips ? "" : "\n"}`;
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

  #literalLine(column: number, indent: number): string {
    if (column < indent) throw doubt;
    return this.blockLine(this.at + (indent || column));
  }

  /** Lines that are folded have no empty lines between them here, begin at one column, and end without a blank. */
  #foldedLine(column: number, indent: number, breaks: number): string {
    if (breaks > 0 || (indent > 0 && column !== indent)) throw doubt;
    const line = this.blockLine(this.at + column);
    if (line.endsWith(" ")) throw doubt;
    return line;
  }
}
