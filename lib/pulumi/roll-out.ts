/**
 * The machines that one machine of a pool waits for: the first goes alone, and after it at most `atATime` at once.
 *
 * Each waits for the first and for the one that stands `atATime` before it. So the window slides, and whoever runs this stops at the first
 * failure: nothing that waits for it, however far along, is begun.
 */
export function predecessors(index: number, atATime: number): readonly number[] {
  if (index === 0) return [];
  return [...new Set([0, Math.max(0, index - atATime)])];
}
