import type { Command } from "commander" with { "resolution-mode": "import" };
import { diff } from "../diff";
import { type UpgradeOptions, upgradeDiff } from "../upgrade-diff";
import { UsageError } from "../usage-error";
import type { CommandContext } from "./command";

const examples = `
Examples:
  $ meshground diff manifests-before manifests               two folders of manifests or artefacts, or two files
  $ helm template shop ./chart | meshground diff shop.yaml -
  $ meshground diff --format markdown before after > comment.md
  $ meshground diff --istio 1.31.0                           what an upgrade changes: the program of cdk8s.yaml, run twice
  $ meshground diff --istio 1.31.0 --kubernetes 1.36 --app "node build/main.js"

Lists are matched by their merge key: containers by name, routes by name, destinations by host and subset.
What a Secret holds is never shown.
With --istio or --kubernetes the program writes into folders of its own, which are removed: nothing here changes.
Exit codes: 0 no difference, 1 they differ, 2 called wrongly, or something could not be read or run; nothing is compared then.`;

/** `meshground diff`. */
export function addDiff(program: Command, { console, environment, exitCode }: CommandContext): void {
  program
    .command("diff")
    .summary("compare two outputs by object and field, and say what follows")
    .description(
      "Compares two outputs by object and field, never by line, and says what follows for what runs: worst first. Or what another release changes.",
    )
    .usage("[options] <before> <after>")
    .argument("[before]", "folder or file; -: standard input")
    .argument("[after]", "folder or file; -: standard input")
    .option("--istio <release>", "compare what the program makes for its own release of Istio and for this one")
    .option("--kubernetes <release>", "the same for a release of Kubernetes")
    .option("-a, --app <command>", "the program, for --istio and --kubernetes (default: app of cdk8s.yaml)")
    .addOption(program.createOption("-f, --format <format>", "form of the report").choices(["text", "json", "markdown"]).default("text"))
    .option("--json", "the same as --format json", false)
    .addHelpText("after", examples)
    .action(async (before: string | undefined, after: string | undefined, options: UpgradeOptions) => {
      const paths = [before, after].filter((path) => path !== undefined);
      const isUpgrade = options.istio !== undefined || options.kubernetes !== undefined;
      if (isUpgrade && paths.length > 0) throw new UsageError(["name two outputs, or releases, not both."]);
      exitCode(isUpgrade ? await upgradeDiff(options, console, environment) : await diff(paths, options, console));
    });
}
