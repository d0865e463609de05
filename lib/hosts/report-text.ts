/** Longest line of a report that is looked at. */
export const longestLine = 16_384;

/** `net.core.somaxconn` of `net/core/somaxconn`. */
export function keyName(path: string): string {
  return path.replaceAll("/", ".");
}

/** Text of a host on one line, without control characters and the like, cut when it is long. */
export function printable(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim()
    .toWellFormed();
}
