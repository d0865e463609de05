/** Space below which wrapping helps nobody. Unit: characters. */
const narrowest = 20;
/** What follows a command stands this much further in. Unit: characters. */
const further = 4;

/** A text whose lines are wrapped at blanks to fit a width. The second column of a line stays a column. */
export function wrappedLines(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => (line.length <= width ? [line] : wrapped(line, width)))
    .join("\n");
}

function wrapped(line: string, width: number): readonly string[] {
  const [, term = "", explanation = ""] = /^( *\S.*? {2,})(\S.*)$/.exec(line) ?? [];
  if (term.length > 0 && width - term.length >= narrowest)
    return folded(explanation, { first: term, next: " ".repeat(term.length), width });
  const indent = /^ */.exec(line)?.[0] ?? "";
  const next = indent === "" ? "" : `${indent}${" ".repeat(further)}`;
  if (term.length > 0) return [...wrapped(term.trimEnd(), width), ...folded(explanation, { first: next, next, width })];
  return folded(line.trim(), { first: indent, next, width });
}

interface Fold {
  /** What the first line begins with. */
  readonly first: string;
  /** What all others begin with. */
  readonly next: string;
  readonly width: number;
}

function folded(text: string, { first, next, width }: Fold): readonly string[] {
  const lines: string[] = [];
  let current = first;
  let isEmpty = true;
  for (const word of text.split(/ +/)) {
    if (!isEmpty && current.length + 1 + word.length > width) {
      lines.push(current);
      [current, isEmpty] = [next, true];
    }
    current = isEmpty ? `${current}${word}` : `${current} ${word}`;
    isEmpty = false;
  }
  return [...lines, current];
}
