import type { TestContext } from "vitest";

/** What a test has seen, as docs/evidence.md shows it. */
export interface Evidence {
  /** What the library claims, in a sentence. */
  readonly claim: string;
  /** What was measured, with its unit. */
  readonly measured: string;
  /** What the test takes for the claim being kept, and why that much. @default exactly this */
  readonly tolerance?: string;
}

declare module "vitest" {
  interface TaskMeta {
    evidence?: Evidence[];
  }
}

/** Keeps what a test has seen. `npm run evidence` writes it down, with the tests that passed. */
export function evidence({ task }: TestContext, ...seen: readonly Evidence[]): void {
  task.meta.evidence = [...(task.meta.evidence ?? []), ...seen];
}
