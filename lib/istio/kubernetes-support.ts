/**
 * Last day on which a minor release of Kubernetes is maintained, by the number after `1.`. Dates that lie ahead are the planned ones.
 *
 * @see https://kubernetes.io/releases/ and its data, data/releases/eol.yaml and schedule.yaml of kubernetes/website
 */
const endsOfLife: ReadonlyMap<number, string> = new Map([
  [22, "2022-12-08"],
  [23, "2023-02-28"],
  [24, "2023-07-28"],
  [25, "2023-10-28"],
  [26, "2024-02-28"],
  [27, "2024-07-16"],
  [28, "2024-10-22"],
  [29, "2025-02-28"],
  [30, "2025-07-15"],
  [31, "2025-11-11"],
  [32, "2026-02-28"],
  [33, "2026-06-28"],
  [34, "2026-10-27"],
  [35, "2027-02-28"],
  [36, "2027-06-28"],
  [37, "2027-10-28"],
]);

/** Last day on which a minor release of Kubernetes is maintained, ISO date; undefined for one that the table does not have. */
export function kubernetesEndOfLife(minor: number): string | undefined {
  return endsOfLife.get(minor);
}
