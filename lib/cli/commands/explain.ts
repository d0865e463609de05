import type { Command } from "commander" with { "resolution-mode": "import" };
import { explanation, explanations } from "../explain";
import type { CommandContext } from "./command";

const examples = `
Examples:
  $ meshground explain MG0301                a code of a finding
  $ meshground explain net.core.somaxconn    a kernel key; net/core/somaxconn and /proc/sys/net/core/somaxconn are the same
  $ meshground explain                       everything that can be explained

Exit codes: 0 explained, 2 called wrongly or nothing is known of it.`;

/** `meshground explain`. */
export function addExplain(program: Command, { console }: CommandContext): void {
  program
    .command("explain")
    .summary("say what a code or a kernel key means")
    .description(
      "Says what a code means: what breaks, what to do, and an example of both. Of a kernel key it says what it does, whether pods have it, what the kernel, the profile and others set it to.",
    )
    .argument("[code-or-key]", "code of a finding, or kernel key (default: list them)")
    .option("--json", "write it as JSON", false)
    .addHelpText("after", examples)
    .action((name: string | undefined, { json }: { readonly json: boolean }) =>
      console.write(name === undefined ? explanations(json) : explanation(name, json)),
    );
}
