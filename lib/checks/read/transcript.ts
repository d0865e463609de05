import { character, kind, kinds } from "./characters";

/** Thrown at the slightest doubt whether a document is plain enough. Carries nothing: whoever catches it takes another reader. */
export const doubt: Error = new Error("not plain block YAML");

const { newline, blank, quote, hash, backslash } = character;

/** Room for the JSON of a line. Unit: bytes. */
const ordinary = 1 << 15;

/** A document of a file that is read, and the JSON that is written of it. Both in bytes: these loops see every character of all manifests. */
export class Transcript {
  /** The file, and a line break behind it. */
  protected readonly bytes: Buffer;
  protected at = 0;
  #out: Buffer = Buffer.allocUnsafe(2 * ordinary);
  #written = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  protected begin(): void {
    this.#written = 0;
  }

  /** Makes room for the JSON of a line that is not extraordinarily long. */
  protected reserve(): void {
    if (this.#written + ordinary > this.#out.length) this.#grow(2 * this.#out.length);
  }

  /** Whether all fitted that was written. If not, it does the next time: bytes beyond the end are lost, and counted. */
  protected fitted(): boolean {
    if (this.#written <= this.#out.length) return true;
    this.#grow(this.#written + ordinary);
    return false;
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(size);
    this.#out.copy(larger);
    this.#out = larger;
  }

  protected json(isAscii: boolean): string {
    return this.#out.toString(isAscii ? "latin1" : "utf8", 0, this.#written);
  }

  protected code(at: number): number {
    return this.bytes[at] as number;
  }

  /** A blank or the end of a line: what makes a mark of a dash or a colon. */
  protected isBreak(at: number): boolean {
    const code = this.bytes[at] as number;
    return code === blank || code === newline;
  }

  /** Goes over blanks, and says how many there were. */
  protected blanks(): number {
    const { bytes, at: start } = this;
    let at = start;
    while (bytes[at] === blank) at++;
    this.at = at;
    return at - start;
  }

  /** Goes behind the end of the line where nothing but a comment stands before it. */
  protected endsLine(): boolean {
    const code = this.bytes[this.at] as number;
    if (code === newline) this.at++;
    else if (code === hash) this.skipLine();
    else return false;
    return true;
  }

  /** Goes behind the end of a line that may hold anything that a comment may. */
  protected skipLine(): void {
    const { bytes } = this;
    let { at } = this;
    for (let code = bytes[at] as number; code !== newline; code = bytes[++at] as number) {
      if (((kinds[code] as number) & kind.commentPart) === 0) throw doubt;
    }
    this.at = at + 1;
  }

  protected slice(start: number, end: number): string {
    return this.bytes.toString("latin1", start, end);
  }

  protected byte(code: number): void {
    this.#out[this.#written++] = code;
  }

  /** Writes what is ASCII, and JSON already. */
  protected word(text: string): void {
    for (let at = 0; at < text.length; at++) this.#out[this.#written++] = text.charCodeAt(at);
  }

  /** Writes bytes as they are. */
  protected copy(start: number, end: number): void {
    const { bytes } = this;
    const out = this.#out;
    let to = this.#written;
    for (let at = start; at < end; at++) out[to++] = bytes[at] as number;
    this.#written = to;
  }

  /** Writes bytes between quotes, with what JSON wants escaped. */
  protected string(start: number, end: number): void {
    const { bytes } = this;
    const out = this.#out;
    let to = this.#written;
    out[to++] = quote;
    for (let at = start; at < end; at++) {
      const code = bytes[at] as number;
      if (code === quote || code === backslash) out[to++] = backslash;
      out[to++] = code;
    }
    out[to++] = quote;
    this.#written = to;
  }
}
