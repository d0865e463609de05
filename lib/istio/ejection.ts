/** Share of the pods that may be ejected where nobody says how many. Unit: percent. */
export const defaultEjectionPercent = 10;

/**
 * Share of a version's pods that may be out at the same time. Unit: percent, rounded down.
 *
 * Envoy ejects a pod only while the share of ejected pods, that pod included, is not above this. Rounding down never ejects one too
 * many; with two pods and one to keep it is 50, and Istio's own default of 10 would eject none.
 */
export function maxEjectionPercent(pods: number, keepAtLeast: number): number {
  return pods <= 0 ? 0 : Math.max(0, Math.floor((100 * (pods - keepAtLeast)) / pods));
}

/**
 * Most pods that can be out at the same time.
 *
 * @param strict - whether the percentage holds for the first pod too (from Istio 1.20). Before, one was always ejected, and more as long as
 *   the share of those that are out already was below the percentage.
 */
export function mostEjected(pods: number, percent: number, strict: boolean): number {
  const share = Math.min(100, Math.max(0, percent));
  if (pods <= 0) return 0;
  // Times before division: 7 pods of which 100 * 7 / 7 percent may go are 7.
  return strict ? Math.floor((share * pods) / 100) : Math.min(pods, Math.max(1, Math.ceil((share * pods) / 100)));
}
