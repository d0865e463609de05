import type { Command } from "commander" with { "resolution-mode": "import" };
import type { Console } from "../console";

/** What a command runs in. */
export interface CommandContext {
  readonly console: Console;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends the command with an exit code. @default - 0, when it is not called */
  readonly exitCode: (code: number) => void;
}

/** Adds a command to the program: its arguments and options, its help, and what it does. */
export type AddCommand = (program: Command, context: CommandContext) => void;

/** Gathers an option that may be repeated. */
export function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
