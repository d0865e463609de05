/** Lines that say nothing to a reader, or something else each time. */
const noise: readonly RegExp[] = [
  /^> /, // what npm echoes
  /^npm (?:warn|notice)/,
  /^\s*RUN /,
  /^\s*(?:Snapshots|Start at|Duration) /,
  /^Error: Snapshot /,
  /^⎯/,
  /^[-+] (?:Expected|Received)$/,
  /^\s*❯ \S+:\d+:\d+$/,
  /^\s*(?:\d+)?\|/,
  /^ {3,}✓ /, // vitest names the tests of a file when they were slow
  /^\d+ packages are looking for funding|^ {2}run `npm fund`|^found 0 vulnerabilities/,
];

/** What a command said, as a page shows it: without times, counts that packages decide, and what is of no interest. */
export function shortened(text: string): string {
  const lines = text
    .replaceAll(/ \d+ms$/gm, "")
    .replaceAll(/^added \d+ packages.*$/gm, "added … packages")
    .split("\n")
    .filter((line) => !noise.some((pattern) => pattern.test(line)));
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replaceAll(/^\n+|\n+$/g, "");
}
