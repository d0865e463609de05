import type { Console } from "../../lib/cli/console";
import { run } from "../../lib/cli/program";

/** What the command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export async function meshground(args: readonly string[], given: Partial<Console> = {}): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const code = await run(args, {
    stdin: async () => Buffer.alloc(0),
    stdinIsTerminal: true,
    write: (text) => {
      stdout += text;
    },
    error: (text) => {
      stderr += text;
    },
    errorIsTerminal: false,
    colour: false,
    onInterrupt: () => () => undefined,
    ...given,
  });
  return { code, stdout, stderr };
}
