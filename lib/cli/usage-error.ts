/** A command that was called in a way that it cannot follow: every reason at once. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
  /** One sentence each. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Throws one {@link UsageError} when there are problems. */
export function refuseUsage(problems: readonly string[]): void {
  if (problems.length > 0) throw new UsageError(problems);
}
