import type { Command } from "commander" with { "resolution-mode": "import" };
import { type DiffOptions, diff } from "../diff";
import type { CommandContext } from "./command";

const examples = `
Examples:
  $ meshground diff manifests-before manifests              two folders of manifests or artefacts, or two files
  $ helm template shop ./chart | meshground diff shop.yaml -
  $ meshground diff --format markdown before after > comment.md

Lists are matched by their merge key: containers by name, routes by name, destinations by host and subset.
What a Secret holds is never shown.
Exit codes: 0 no difference, 1 they differ, 2 called wrongly or something could not be read; nothing is compared then.`;

/** `meshground diff`. */
export function addDiff(program: Command, { console, exitCode }: CommandContext): void {
  program
    .command("diff")
    .summary("compare two outputs by object and field, and say what follows")
    .description("Compares two outputs by object and field, never by line, and says what follows for what runs: worst first.")
    .argument("<before>", "folder or file; -: standard input")
    .argument("<after>", "folder or file; -: standard input")
    .addOption(program.createOption("-f, --format <format>", "form of the report").choices(["text", "json", "markdown"]).default("text"))
    .option("--json", "the same as --format json", false)
    .addHelpText("after", examples)
    .action(async (before: string, after: string, options: DiffOptions) => exitCode(await diff(before, after, options, console)));
}
