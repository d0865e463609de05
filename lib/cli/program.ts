import { styleText } from "node:util";
import type { Command } from "commander" with { "resolution-mode": "import" };
import { safeText } from "../checks/report/safe-text";
import { addCheck } from "./commands/check";
import type { AddCommand, CommandContext } from "./commands/command";
import { addDiff } from "./commands/diff";
import { addExplain } from "./commands/explain";
import { addGraph } from "./commands/graph";
import { addHosts } from "./commands/hosts";
import { addImport } from "./commands/import";
import { addInit } from "./commands/init";
import { addMtls } from "./commands/mtls";
import { addSynth } from "./commands/synth";
import { addVersions } from "./commands/versions";
import type { Console } from "./console";
import { packageVersion } from "./package-version";
import { UsageError } from "./usage-error";
import { wrappedLines } from "./wrapped-lines";

/** In the order in which the help lists them. */
const commands: readonly (readonly [group: string, commands: readonly AddCommand[]])[] = [
  ["Begin:", [addInit, addImport]],
  ["Render:", [addSynth, addDiff, addGraph]],
  ["Judge manifests:", [addCheck]],
  ["Look at what runs:", [addMtls, addHosts]],
  ["Look up:", [addExplain, addVersions]],
];

const help = `
Examples:
  $ meshground init shop            a new project, which renders, tests and deploys a mesh
  $ meshground check manifests      what would break, in any YAML: no cluster and no program is needed
  $ meshground explain MG0301       what a code means, and what to do

Exit codes: 0 good, 1 something was found, 2 called wrongly or something could not be read. Each command's help says what it adds.
Colours: on a terminal, unless NO_COLOR is set; FORCE_COLOR=1 wants them elsewhere too.
Documentation: the folder docs of this package, beginning with docs/command.md. Help of a command: meshground COMMAND --help`;

/**
 * Runs the command line.
 *
 * @param args - without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], console: Console): Promise<number> {
  const { CommanderError } = await import("commander");
  let code = 0;
  const exitCode = (given: number): void => {
    code = given;
  };
  const program = await meshgroundProgram({ console, environment: process.env, exitCode });
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

/** The whole program, with each of its commands. Throws what ends it, instead of ending the process. */
export async function meshgroundProgram(context: CommandContext): Promise<Command> {
  const { Command, Help } = await import("commander");
  const { console } = context;
  const standard = new Help();
  const width = console.columns ?? 80;
  const program = new Command("meshground")
    .description(
      "Builds, judges and explains a service mesh (Istio) and the Linux nodes under it: from a program of yours, or in any YAML.",
    )
    .usage("COMMAND [options]")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureOutput({
      writeOut: (text) => console.write(wrappedLines(text, width)),
      writeErr: console.error,
      getOutHelpWidth: () => width,
      getOutHasColors: () => console.colour,
    })
    .configureHelp({
      styleTitle: (title) => styleText("bold", title, { validateStream: false }),
      // That a switch is off and a list is empty, unless something is said, goes without saying.
      optionDescription: (option) => standard.optionDescription(option).replace(/ \(default: (?:false|\[\])\)$/, ""),
    })
    .addHelpText("after", help)
    .exitOverride();
  for (const [group, members] of commands) {
    program.commandsGroup(group);
    for (const add of members) add(program, context);
  }
  teachHelp(program, "meshground");
  return program;
}

/** After a wrong call each command names its own help. */
function teachHelp(command: Command, name: string): void {
  command.showHelpAfterError(`Help: ${name} --help`).helpCommand(false);
  for (const child of command.commands) teachHelp(child, `${name} ${child.name()}`);
}
