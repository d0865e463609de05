const newline = 10;
const carriageReturn = 13;
const tab = 9;
const blank = 32;
const hash = 35;
const dash = 45;
const percent = 37;

/**
 * Finds where the documents of a YAML file end and begin.
 *
 * They are parted by lines that begin with `---` or `...`, wherever such a line stands: no document can contain one. A document that begins
 * on the line of its marker (`--- {}`) begins with the marker. Directives belong to the document after them.
 */
export class DocumentCursor {
  readonly #bytes: Buffer;
  /** The next markers from where somebody asked last. Undefined before anybody did. */
  #dashes: number | undefined;
  #dots: number | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Where the document that begins at an offset ends: at the next marker, or at the end of the file. Offsets must not go back. */
  endOf(start: number): number {
    const bytes = this.#bytes;
    let at = this.#marker(isMarker(bytes, start, "---") ? start + 3 : start);
    while (bytes[at] === dash && isDirectives(bytes, start, at)) at = this.#marker(at + 3);
    return at;
  }

  /** Where the document after a marker begins. */
  after(marker: number): number {
    if (this.#bytes[marker + 3] === newline) return marker + 4;
    const end = lineEnd(this.#bytes, marker);
    return this.#bytes[marker] === dash && hasContent(this.#bytes, marker + 3, end) ? marker : end;
  }

  #marker(from: number): number {
    if (this.#dashes === undefined || this.#dashes < from) this.#dashes = nextMarker(this.#bytes, "---", from);
    if (this.#dots === undefined || this.#dots < from) this.#dots = nextMarker(this.#bytes, "...", from);
    return Math.min(this.#dashes, this.#dots);
  }
}

/** The next line that begins with a marker, from an offset on; the end of the file where there is none. */
function nextMarker(bytes: Buffer, marker: string, from: number): number {
  if ((from === 0 || bytes[from - 1] === newline) && isMarker(bytes, from, marker)) return from;
  const wanted = `\n${marker}`;
  let at = bytes.indexOf(wanted, from, "latin1");
  while (at !== -1 && !isMarker(bytes, at + 1, marker)) at = bytes.indexOf(wanted, at + 4, "latin1");
  return at === -1 ? bytes.length : at + 1;
}

function isMarker(bytes: Buffer, at: number, marker: string): boolean {
  const code = marker.charCodeAt(0);
  return bytes[at] === code && bytes[at + 1] === code && bytes[at + 2] === code && isBlank(bytes[at + 3]);
}

function isBlank(byte: number | undefined): boolean {
  return byte === undefined || byte === newline || byte === blank || byte === carriageReturn || byte === tab;
}

function lineEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(newline, from);
  return at === -1 ? bytes.length : at + 1;
}

/** Anything but blanks and a comment. */
function hasContent(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] === hash) return false;
    if (!isBlank(bytes[at])) return true;
  }
  return false;
}

/** Lines that hold nothing but directives, one at least, and comments. */
function isDirectives(bytes: Buffer, start: number, end: number): boolean {
  let found = false;
  for (let at = start; at < end; at = lineEnd(bytes, at)) {
    if (bytes[at] === percent) found = true;
    else if (hasContent(bytes, at, Math.min(lineEnd(bytes, at), end))) return false;
  }
  return found;
}
