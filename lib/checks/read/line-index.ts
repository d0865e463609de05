/** Where the lines of a text start: looked for when the first place in it is asked for. */
export class LineIndex {
  readonly #text: string | Buffer;
  #starts: readonly number[] | undefined;

  /** Unit of all offsets: that of the text, bytes of a buffer and UTF-16 code units of a string. */
  constructor(text: string | Buffer) {
    this.#text = text;
  }

  /** The line that holds an offset, and the place in it. Both from 1. */
  position(offset: number): { readonly line: number; readonly column: number } {
    this.#starts ??= lineStarts(this.#text);
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string | Buffer): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
