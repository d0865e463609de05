import type { Step } from "./field-path";

/** A field or an item of a text in JSON. Unit: UTF-16 code units from its start. */
interface Place {
  /** Where it is written: its key, or the item itself. */
  readonly at: number;
  /** Where its value begins. */
  readonly value: number;
  /** What is in it, by key or index: looked for when somebody asks. */
  inner: ReadonlyMap<string, Place> | undefined;
}

const quote = 34;
const comma = 44;
const colon = 58;
const openList = 91;
const backslash = 92;
const closeList = 93;
const openMap = 123;
const closeMap = 125;

/** Where the fields of a document in JSON are written. The text is known to be sound; of a list of thousands only what is asked for is taken apart. */
export class JsonPlaces {
  readonly #text: string;
  readonly #root: Place;

  constructor(text: string) {
    this.#text = text;
    const start = this.#blanks(0);
    this.#root = { at: start, value: start, inner: undefined };
  }

  /** Where a field is written, or the nearest around it that is. */
  offsetOf(steps: readonly Step[]): number {
    let place = this.#root;
    for (const step of steps) {
      place.inner ??= this.#innerOf(place.value);
      const inner = place.inner.get(String(step));
      if (inner === undefined) break;
      place = inner;
    }
    return place.at;
  }

  #innerOf(start: number): ReadonlyMap<string, Place> {
    const inner = new Map<string, Place>();
    const open = this.#code(start);
    if (open !== openMap && open !== openList) return inner;
    for (let at = this.#blanks(start + 1); !this.#closes(at); at = this.#next(at)) {
      const value = open === openMap ? this.#valueOf(at) : at;
      inner.set(open === openMap ? this.#keyAt(at) : String(inner.size), { at, value, inner: undefined });
      at = this.#endOf(value);
    }
    return inner;
  }

  #keyAt(at: number): string {
    return String(JSON.parse(this.#text.slice(at, this.#endOf(at))));
  }

  /** Where the value of a key begins. */
  #valueOf(key: number): number {
    const at = this.#blanks(this.#endOf(key));
    return this.#blanks(this.#code(at) === colon ? at + 1 : at);
  }

  /** Where the next entry begins, or the collection ends. */
  #next(end: number): number {
    const at = this.#blanks(end);
    return this.#blanks(this.#code(at) === comma ? at + 1 : at);
  }

  #closes(at: number): boolean {
    const code = this.#code(at);
    return code === closeMap || code === closeList || Number.isNaN(code);
  }

  /** Where a value ends. */
  #endOf(start: number): number {
    const code = this.#code(start);
    if (code === quote) return this.#textEnd(start);
    return code === openMap || code === openList ? this.#collectionEnd(start) : this.#wordEnd(start);
  }

  #collectionEnd(start: number): number {
    const { length } = this.#text;
    let at = start + 1;
    for (let depth = 1; depth > 0 && at < length; ) {
      const code = this.#code(at);
      depth += nesting(code);
      at = code === quote ? this.#textEnd(at) : at + 1;
    }
    return at;
  }

  #wordEnd(start: number): number {
    let at = start;
    while (at < this.#text.length && !this.#isEnd(at)) at++;
    return at;
  }

  #textEnd(start: number): number {
    let at = start + 1;
    for (let code = this.#code(at); code !== quote && at < this.#text.length; code = this.#code(at)) at += code === backslash ? 2 : 1;
    return at + 1;
  }

  /** What may follow a value. */
  #isEnd(at: number): boolean {
    const code = this.#code(at);
    return code <= 32 || code === comma || code === colon || code === closeMap || code === closeList;
  }

  #blanks(from: number): number {
    let at = from;
    while (this.#code(at) <= 32) at++;
    return at;
  }

  #code(at: number): number {
    return this.#text.charCodeAt(at);
  }
}

function nesting(code: number): number {
  if (code === openMap || code === openList) return 1;
  return code === closeMap || code === closeList ? -1 : 0;
}
