/**
 * A text as a YAML scalar in double quotes, which no content can leave.
 *
 * JSON's quoting is YAML's. Characters beyond ASCII are escaped, since YAML 1.1 takes some of them for line breaks.
 */
export function yamlText(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Texts as the lines of a YAML list, indented. */
export function yamlList(items: readonly string[], indent: string): string {
  return items.map((item) => `${indent}- ${yamlText(item)}\n`).join("");
}
