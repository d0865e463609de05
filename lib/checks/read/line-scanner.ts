import { character, kind, kinds } from "./characters";
import { TextPool } from "./text-pool";

/** Thrown at the slightest doubt whether a document is plain enough. Carries nothing: whoever catches it takes another reader. */
export const doubt: Error = new Error("not plain block YAML");

const { newline, blank, hash } = character;

/** A place in a file, and what goes on from there. These loops see every character of all manifests. */
export class LineScanner {
  /** The file. It ends with a line break. */
  protected readonly bytes: Buffer;
  /** The file as Latin 1: one character a byte. */
  protected readonly text: string;
  protected readonly pool: TextPool;
  protected at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.text = bytes.toString("latin1");
    this.pool = new TextPool(bytes, this.text, false);
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
}
