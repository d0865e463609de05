import type { Command } from "commander" with { "resolution-mode": "import" };
import { type GraphOptions, graph } from "../graph";
import type { CommandContext } from "./command";
import { addSurroundings } from "./surroundings";

const examples = `
Examples:
  $ meshground graph manifests --output report/index.html    one page, for a browser
  $ meshground graph manifests pools.yaml calls.yaml > mesh.html
  $ helm template shop ./chart | meshground graph --format mermaid -
  $ meshground graph --json manifests | jq '.findings[] | select(.severity == "error")'

What no manifest says comes from documents of meshground.io/v1: a CallGraph says who calls whom, a NodePool what the nodes are.
Exit codes: 0 drawn, 2 called wrongly or something could not be read (the rest was drawn). Findings are shown, and fail nothing: meshground check does.`;

/** `meshground graph`. */
export function addGraph(program: Command, { console, exitCode }: CommandContext): void {
  const command = program
    .command("graph")
    .summary("draw the mesh and the nodes under it")
    .description(
      "Reads objects as check does, and draws them: namespaces, services and who calls whom, gateways, what is outside, node pools, and everything that check finds.",
    )
    .argument("[files...]", "files and folders; - or nothing: standard input")
    .addOption(program.createOption("-f, --format <format>", "what to draw").choices(["html", "mermaid", "json"]).default("html"))
    .option("--json", "the same as --format json", false);
  addSurroundings(command)
    .option("-o, --output <file>", "write the picture there (default: standard output)")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], options: GraphOptions) => exitCode(await graph(files, options, console)));
}
