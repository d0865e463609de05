import type { Command } from "commander" with { "resolution-mode": "import" };
import { safeText } from "../checks/report/safe-text";
import { addCheck } from "./commands/check";
import type { AddCommand } from "./commands/command";
import { addExplain } from "./commands/explain";
import { addGraph } from "./commands/graph";
import { addMtls } from "./commands/mtls";
import type { Console } from "./console";
import { packageVersion } from "./package-version";
import { UsageError } from "./usage-error";

/** In the order in which the help lists them. */
const commands: readonly AddCommand[] = [addCheck, addGraph, addExplain, addMtls];

/**
 * Runs the command line.
 *
 * @param args - without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], console: Console): Promise<number> {
  const { Command, CommanderError } = await import("commander");
  let code = 0;
  const exitCode = (given: number): void => {
    code = given;
  };
  const program = new Command("meshground")
    .description("Finds in the objects of an Istio mesh, before they are applied, what would break in production.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpCommand(false)
    .configureOutput({ writeOut: console.write, writeErr: console.error })
    .exitOverride();
  for (const add of commands) add(program, { console, environment: process.env, exitCode });
  teachHelp(program, "meshground");
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError)) throw error;
    for (const problem of error.problems) console.error(`meshground: ${safeText(problem)}\n`);
    return 2;
  }
}

/** After a wrong call each command names its own help. */
function teachHelp(command: Command, name: string): void {
  command.showHelpAfterError(`Help: ${name} --help`);
  for (const child of command.commands) teachHelp(child, `${name} ${child.name()}`);
}
