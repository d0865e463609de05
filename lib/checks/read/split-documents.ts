/** A document of a file. Unit: bytes. */
export interface DocumentRange {
  readonly start: number;
  readonly end: number;
}

const newline = 10;
const carriageReturn = 13;
const tab = 9;
const blank = 32;
const percent = 37;

/**
 * Where the documents of a YAML text lie.
 *
 * They are parted by lines that begin with `---` or `...`, wherever such a line stands: no document can contain one. A document that begins
 * on the line of its marker (`--- {}`) begins with the marker. Directives belong to the document after them.
 */
export function splitDocuments(bytes: Buffer): readonly DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let start = 0;
  const add = (end: number): void => {
    if (end > start) ranges.push({ start, end });
  };
  for (const { at, ends } of markers(bytes)) {
    const after = lineEnd(bytes, at);
    const directives = !ends && isDirectives(bytes, start, at);
    if (!directives) add(at);
    if (ends) start = after;
    else if (!directives) start = hasContent(bytes, at + 3, after) ? at : after;
  }
  add(bytes.length);
  return ranges;
}

interface Marker {
  readonly at: number;
  /** `...` instead of `---`. */
  readonly ends: boolean;
}

function* markers(bytes: Buffer): Iterable<Marker> {
  let dashes = nextMarker(bytes, "---", 0);
  let dots = nextMarker(bytes, "...", 0);
  while (dashes !== -1 || dots !== -1) {
    const ends = dashes === -1 || (dots !== -1 && dots < dashes);
    const at = ends ? dots : dashes;
    yield { at, ends };
    if (ends) dots = nextMarker(bytes, "...", at + 3);
    else dashes = nextMarker(bytes, "---", at + 3);
  }
}

/** The next line that begins with a marker and a blank. */
function nextMarker(bytes: Buffer, marker: string, from: number): number {
  if (from === 0 && bytes.subarray(0, 3).equals(Buffer.from(marker)) && isBlank(bytes[3])) return 0;
  const wanted = Buffer.from(`\n${marker}`);
  let at = bytes.indexOf(wanted, Math.max(from - 1, 0));
  while (at !== -1 && !isBlank(bytes[at + 4])) at = bytes.indexOf(wanted, at + 4);
  return at === -1 ? -1 : at + 1;
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
    if (bytes[at] === 35) return false;
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
