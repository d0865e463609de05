import { quoted } from "../core/yaml-scalar";

/** Texts as the lines of a YAML list, indented. */
export function yamlList(items: readonly string[], indent: string): string {
  return items.map((item) => `${indent}- ${quoted(item)}\n`).join("");
}
