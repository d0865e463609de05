import type { Command } from "commander" with { "resolution-mode": "import" };
import type { Console } from "../../lib/cli/console";
import { meshgroundProgram } from "../../lib/cli/program";

/** The path of every command, the program itself first: `["mtls", "status"]`. */
export async function everyCommand(): Promise<readonly (readonly string[])[]> {
  const console: Console = {
    stdin: async () => Buffer.alloc(0),
    stdinIsTerminal: true,
    write: () => {},
    error: () => {},
    errorIsTerminal: false,
    colour: false,
    onInterrupt: () => () => {},
  };
  return below(await meshgroundProgram({ console, environment: {}, exitCode: () => {} }), []);
}

function below(command: Command, path: readonly string[]): readonly (readonly string[])[] {
  return [path, ...command.commands.flatMap((child) => below(child, [...path, child.name()]))];
}
