import type { Step } from "./field-path";

/** A field or an item, and where it is written. */
interface Place {
  /** Unit: UTF-16 code units from the start of the text. Undefined for an item that nothing is written of. */
  offset: number | undefined;
  /** What is in it, by key or index. */
  readonly inner: Map<string, Place>;
  /** Whether it is written in flow style: what is in it is not known here. */
  isFlow: boolean;
}

/** A block collection that is open. */
interface Frame {
  readonly column: number;
  readonly isList: boolean;
  readonly place: Place;
}

const key = /("[^"]*"|'[^']*'|[\w/.-]+):(?: +|$)/y;
const dashes = /- *(?=[^ ]|$)/y;

/** Where the fields of a document are written that the fast reader took: it is known to be sound, so lines and columns tell it all. */
export class PlainPlaces {
  readonly #root: Place = placeAt(undefined);
  readonly #frames: Frame[] = [];
  /** The entry that was found last: what begins further in is its value. */
  #last: Place = this.#root;
  /** Lines further in than this belong to a block scalar. */
  #block = Number.POSITIVE_INFINITY;

  constructor(text: string) {
    let start = 0;
    for (const line of text.split("\n")) {
      this.#line(line, start);
      start += line.length + 1;
    }
  }

  /** Where a field is written, or the nearest around it that is; undefined where only a reader of all of YAML can tell. */
  offsetOf(steps: readonly Step[]): number | undefined {
    let place = this.#root;
    for (const step of steps) {
      if (place.isFlow) return undefined;
      const inner = place.inner.get(String(step));
      if (inner === undefined) break;
      place = inner;
    }
    return place.offset;
  }

  #line(line: string, start: number): void {
    const column = line.search(/[^ ]/);
    if (column === -1 || column > this.#block) return;
    this.#block = Number.POSITIVE_INFINITY;
    if (line[column] === "#") return;
    this.#close(column, line.startsWith("- ", column) || line.slice(column) === "-");
    const rest = this.#items(line, start, column);
    if (rest < line.length && line[rest] !== "#") this.#entry(line, start, rest);
  }

  #close(column: number, isItem: boolean): void {
    for (let top = this.#frames.at(-1); top !== undefined; top = this.#frames.at(-1)) {
      if (top.column < column || (top.column === column && (isItem || !top.isList))) return;
      this.#frames.pop();
      this.#last = placeAt(undefined);
    }
  }

  /** Begins the items that begin on a line, and says where the rest of it begins. */
  #items(line: string, start: number, from: number): number {
    let column = from;
    for (dashes.lastIndex = column; isDash(line, column) && dashes.test(line); dashes.lastIndex = column) {
      const list = this.#collection(column, true, start + column);
      this.#last = placeAt(undefined);
      list.inner.set(String(list.inner.size), this.#last);
      column = dashes.lastIndex;
    }
    return column;
  }

  /** A key with its value, or a scalar that is an item. */
  #entry(line: string, start: number, column: number): void {
    key.lastIndex = column;
    const [, name] = key.exec(line) ?? [];
    if (name !== undefined) {
      const map = this.#collection(column, false, start + column);
      this.#last = placeAt(start + column);
      map.inner.set(/^["']/.test(name) ? name.slice(1, -1) : name, this.#last);
    } else this.#last.offset ??= start + column;
    const value = line[name === undefined ? column : key.lastIndex];
    this.#last.isFlow = value === "[" || value === "{";
    if (value === "|" || value === ">") this.#block = this.#frames.at(-1)?.column ?? 0;
  }

  /** The collection at a column: the innermost one, or a new one, which is the value of the entry that was found last. */
  #collection(column: number, isList: boolean, offset: number): Place {
    const top = this.#frames.at(-1);
    if (top?.column === column && top.isList === isList) return top.place;
    this.#last.offset ??= offset;
    this.#frames.push({ column, isList, place: this.#last });
    return this.#last;
  }
}

function placeAt(offset: number | undefined): Place {
  return { offset, inner: new Map(), isFlow: false };
}

function isDash(line: string, column: number): boolean {
  return line[column] === "-" && (line[column + 1] === " " || line.length === column + 1);
}
