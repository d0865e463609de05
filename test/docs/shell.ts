/** What stands between the commands of a line. */
const between = new Set(["|", "||", "&", "&&", ";"]);
const word = /\s*(?:(?<comment>#.*)|(?<operator>\|\|?|&&?|;|>>?\s*\S+)|(?<word>(?:"[^"]*"|'[^']*'|[^\s"'|&;>])+))/gy;

/** The commands of a shell's lines, each as its words, without quotes: enough of a shell to read what documentation shows. */
export function commandsOf(lines: string): readonly (readonly string[])[] {
  return lines
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/^\s*\$ /, ""))
    .flatMap(commandsOfLine);
}

function commandsOfLine(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const { groups } of line.matchAll(word)) {
    if (between.has(groups?.operator ?? "")) commands.push([]);
    else if (groups?.word !== undefined) commands.at(-1)?.push(groups.word.replaceAll(/["']/g, ""));
  }
  return commands.filter(({ length }) => length > 0);
}
