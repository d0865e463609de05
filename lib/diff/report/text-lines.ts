/** Lines of one side only, in their order: what a person looks at when a text has changed. */
export interface LineChanges {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Lines that differ between two texts: those between what both begin with and what both end with, but for those that stand there on both sides. */
export function lineChanges(before: string, after: string): LineChanges {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const [left, right] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  return { removed: without(left, right), added: without(right, left) };
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}
