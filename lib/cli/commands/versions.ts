import type { Command } from "commander" with { "resolution-mode": "import" };
import { type VersionsOptions, versions } from "../versions";
import type { CommandContext } from "./command";

const examples = `
Examples:
  $ meshground versions                       every release of Istio that is known, and whether it is supported today
  $ meshground versions --today 2027-03-01    and on another day
  $ meshground versions --istio 1.30          one release: its Kubernetes, its apiVersions, its charts, what came and went

Exit codes: 0 shown, 2 called wrongly.`;

/** `meshground versions`. */
export function addVersions(program: Command, { console }: CommandContext): void {
  program
    .command("versions")
    .summary("list the releases of Istio and Kubernetes that are known")
    .description(
      "Lists the releases of Istio that the library knows, the Kubernetes that each supports, and until when they are supported.",
    )
    .option("--istio <release>", "show one release in detail: 1.30, 1.30.3")
    .option("--today <date>", "day to judge support by (default: today)")
    .option("--json", "write it as JSON", false)
    .addHelpText("after", examples)
    .action((options: VersionsOptions) => versions(options, console));
}
