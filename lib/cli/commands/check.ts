import type { Command } from "commander" with { "resolution-mode": "import" };
import { check } from "../check";
import type { CheckOptions } from "../check-settings";
import type { CommandContext } from "./command";
import { addSurroundings } from "./surroundings";

const examples = `
Examples:
  $ meshground check manifests                               all YAML and JSON below a folder
  $ helm template shop ./chart | meshground check -          what a chart makes of itself
  $ meshground check --istio 1.30 --kubernetes 1.36 shop.yaml
  $ meshground check --external "Service shop/legacy" --external "Host api.example.no" manifests
  $ meshground check --ignore "IST0102=injected by another label" manifests
  $ meshground check --format sarif --output meshground.sarif manifests

Exit codes: 0 no error, 1 errors, 2 called wrongly or something could not be read (the rest was checked).
To accept a finding where it is, annotate the object: suppress.meshground.io/CODE: "why"
What a code means: meshground explain CODE`;

/** `meshground check`. */
export function addCheck(program: Command, { console, exitCode }: CommandContext): void {
  const command = program
    .command("check")
    .summary("check YAML or JSON of Kubernetes, and say what breaks")
    .description(
      "Reads objects of Kubernetes from files, folders (all *.yaml, *.yml and *.json below them) and standard input (-), and says what breaks.",
    )
    .argument("[files...]", "files and folders; - or nothing: standard input")
    .addOption(
      program.createOption("-f, --format <format>", "form of the report").choices(["text", "json", "sarif", "github"]).default("text"),
    )
    .addOption(program.createOption("--json", "short for --format json").conflicts("format"));
  addSurroundings(command)
    .option("--strict", "let warnings fail as errors do", false)
    .option("-o, --output <file>", "write the report there")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], { json, ...options }: CheckOptions & { readonly json?: true }) =>
      exitCode(await check(files, { ...options, ...(json === true && { format: "json" }) }, console)),
    );
}
