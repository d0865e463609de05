import type { Command } from "commander" with { "resolution-mode": "import" };
import { type SynthOptions, synth } from "../synth";
import type { CommandContext } from "./command";

const examples = `
Examples:
  $ meshground synth
  $ meshground synth --output out/manifests                  artefacts go beside it, into out/artefacts
  $ meshground synth --app "node build/main.js" --json

The program is the app: of cdk8s.yaml, run by the shell as cdk8s does. It is told where to write by CDK8S_OUTDIR and MESHGROUND_ARTEFACTS.
With --json what it prints goes to standard error.
Exit codes: 0 written, 1 the program failed, 2 called wrongly, or the program wrote nothing where it was told to.`;

/** `meshground synth`. */
export function addSynth(program: Command, { console, environment, exitCode }: CommandContext): void {
  program
    .command("synth")
    .summary("run the program, and say what it wrote and found")
    .description("Runs the program of cdk8s.yaml, and says which files it wrote, changed and removed, and what it found.")
    .option("-a, --app <command>", "the program (default: app of cdk8s.yaml)")
    .option("-o, --output <folder>", "folder of the manifests (default: output of cdk8s.yaml, else dist)")
    .option("--artefacts <folder>", "folder of the artefacts (default: MESHGROUND_ARTEFACTS, else artefacts beside the manifests)")
    .option("--json", "write what became of the files, and the findings, as JSON", false)
    .addHelpText("after", examples)
    .action(async (options: SynthOptions) => exitCode(await synth(options, console, environment)));
}
