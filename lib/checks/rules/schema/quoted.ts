const most = 5;

/** Words as a message lists them: quoted, the first few of many. */
export function quoted(words: readonly string[]): string {
  const list = words.slice(0, most).map((word) => JSON.stringify(word.length > 80 ? `${word.slice(0, 77)}…` : word));
  const more = words.length - list.length;
  return more > 0 ? `${list.join(", ")} and ${more} more` : list.join(", ");
}
