/** Names in a sentence: `a`, `a and b`, `a, b and c`; of more than five, the first five and how many are left. */
export function listed(names: Iterable<string>): string {
  const sorted = [...new Set(names)].sort();
  if (sorted.length > 5) return `${sorted.slice(0, 5).join(", ")} and ${sorted.length - 5} more`;
  const last = sorted.pop() ?? "";
  return sorted.length === 0 ? last : `${sorted.join(", ")} and ${last}`;
}
