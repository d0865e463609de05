import { mayResolve } from "./plain-scalar";

/** Codes of the characters that mean something in YAML. */
export const character = {
  tab: 9,
  newline: 10,
  blank: 32,
  quote: 34,
  hash: 35,
  apostrophe: 39,
  comma: 44,
  dash: 45,
  dot: 46,
  zero: 48,
  nine: 57,
  colon: 58,
  greater: 62,
  openList: 91,
  backslash: 92,
  closeList: 93,
  letterN: 110,
  letterU: 117,
  openMap: 123,
  pipe: 124,
  closeMap: 125,
} as const;

/** What a character may be, as bits of {@link kinds}. */
export const kind = {
  /** Begins a key without quotes. */
  keyStart: 1,
  keyPart: 2,
  /** Begins a scalar without quotes. */
  plainStart: 4,
  /** Stands in a scalar without quotes, whatever is around it. */
  plainPart: 8,
  /** Begins what may be a number, a boolean or null. */
  resolving: 16,
  /** Stands between quotes as it is, in YAML and in JSON. */
  quotedPart: 32,
  letter: 64,
  /** Stands in a comment. */
  commentPart: 128,
} as const;

/** What each byte of a text may be. Those beyond ASCII are parts of characters that stand wherever a letter does. */
export const kinds: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => kindOf(String.fromCharCode(code), code));

function kindOf(text: string, code: number): number {
  const isShown = code >= 0x80 || (code >= character.blank && code < 0x7f);
  const is = (pattern: RegExp, bit: number): number => (pattern.test(text) && (isShown || code === character.tab) ? bit : 0);
  return (
    is(/[A-Za-z_/.]/, kind.keyStart) |
    is(/[A-Za-z\d_/.-]/, kind.keyPart) |
    is(/[^\t ?:,[\]{}#&*!|>'"%@`]/, kind.plainStart) |
    is(/[^\t :#"\\]/, kind.plainPart) |
    is(mayResolve, kind.resolving) |
    is(/[^\t"'\\]/, kind.quotedPart) |
    is(/[A-Za-z]/, kind.letter) |
    is(/./s, kind.commentPart)
  );
}
