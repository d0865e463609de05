/** Places of the pool. A power of two. */
const size = 1 << 13;
/** What is longer hardly comes twice. Unit: bytes. */
const longest = 64;

/** One more byte of a text, in the hash that the pool asks for. */
export function hashedWith(hashed: number, code: number): number {
  return (Math.imul(hashed, 31) + code) | 0;
}

/** Texts of a file. Those that come again are made once: most of a manifest is names that others have as well. */
export class TextPool {
  readonly #bytes: Buffer;
  /** One character a byte. */
  readonly #text: string;
  readonly #known: (string | undefined)[] = new Array<string | undefined>(size).fill(undefined);
  readonly #isKey: boolean;

  /** @param isKey - whether its texts become names of fields: the engine wants those in a form of its own */
  constructor(bytes: Buffer, text: string, isKey: boolean) {
    this.#bytes = bytes;
    this.#text = text;
    this.#isKey = isKey;
  }

  /** The text between two offsets, with its hash. */
  of(start: number, end: number, hashed: number): string {
    if (end - start > longest) return this.made(start, end);
    const place = hashed & (size - 1);
    const known = this.#known[place];
    if (known !== undefined && this.#is(known, start, end)) return known;
    const made = this.made(start, end);
    this.#known[place] = made;
    return made;
  }

  /** The text between two offsets, made anew. */
  made(start: number, end: number): string {
    const isWide = this.#isWide(start, end);
    const text = isWide ? this.#bytes.toString("utf8", start, end) : this.#text.slice(start, end);
    return this.#isKey ? (Object.keys({ [text]: 0 })[0] ?? text) : text;
  }

  /** Whether a text of the pool is that between two offsets. Texts beyond ASCII have fewer characters than bytes, and are always made anew. */
  #is(known: string, start: number, end: number): boolean {
    if (known.length !== end - start) return false;
    const bytes = this.#bytes;
    for (let at = start, index = 0; at < end; at++, index++) if (known.charCodeAt(index) !== bytes[at]) return false;
    return true;
  }

  #isWide(start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end; at++) if ((bytes[at] as number) >= 0x80) return true;
    return false;
  }
}
