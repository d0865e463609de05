import type { Command } from "commander" with { "resolution-mode": "import" };
import { type ImportOptions, importCommand } from "../import";
import type { CommandContext } from "./command";

const examples = `
Examples:
  $ meshground import manifests                              a program in ./imported, one file for each namespace
  $ meshground import --istio 1.30 --output src manifests
  $ kubectl get deployments,services,virtualservices,destinationrules --namespace shop --output yaml | meshground import -

The program renders the same objects: same data, in any order. Secrets, what controllers make, and what an API server writes are left out and named.
Exit codes: 0 written, 2 called wrongly, or something cannot be read or kept as it is: nothing was written. No file is ever overwritten.`;

/** `meshground import`. */
export function addImport(program: Command, { console }: CommandContext): void {
  program
    .command("import")
    .summary("make a typed program of YAML that there is")
    .description(
      "Reads objects of Kubernetes from files, folders and standard input (-), and writes a TypeScript program that renders the same: Istio's kinds typed, all else as it is.",
    )
    .argument("[files...]", "files and folders; - or nothing: standard input")
    .option("-o, --output <folder>", "folder of the program", "imported")
    .option("--istio <release>", "release of Istio that the mesh runs (default: the newest known)")
    .option("--kubernetes <release>", "release of Kubernetes (default: the newest that this Istio supports)")
    .option("--json", "say what was done as JSON", false)
    .addHelpText("after", examples)
    .action((files: readonly string[], options: ImportOptions) => importCommand(files, options, console));
}
