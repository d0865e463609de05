/** What a terminal or a log would obey instead of showing, or show as something else: controls, marks that turn the direction of text, what is invisible. */
const unsafe = /[\p{Cc}\u{ad}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}]|\p{Cs}/gu;

/** A text on one line in which nothing is a command to a terminal: what would be is shown as its code. Names and messages come from outside. */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** JSON in which nothing is a command to a terminal either. Ends with a line break. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value, null, 2);
  return `${json.replace(unsafe, (character) => (character === "\n" ? character : `\\u${hex(character.charCodeAt(0), 4)}`))}\n`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** A text that is cut when it is longer than a line can bear. Unit: UTF-16 code units. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text;
}
