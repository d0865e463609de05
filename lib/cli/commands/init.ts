import type { Command } from "commander" with { "resolution-mode": "import" };
import { type InitOptions, init } from "../init";
import { templateNames } from "../project-template";
import type { CommandContext } from "./command";

const examples = `
Templates:
  quickstart   one namespace and one service with a canary, for a cluster that has Istio: read in a minute
  platform     nodes, control plane, gateway, two namespaces, services that call each other, staging and production, observability

Examples:
  $ meshground init shop
  $ meshground init platform --template platform --package-manager pnpm

The project renders manifests (npm run synth), tests what would be applied (npm test), checks it (npm run check), and has a program for Pulumi (npm run preview, npm run up).
Nothing is overwritten: if one file is there already, none is written.

Exit codes: 0 written, 2 a file is there already or the folder cannot be written to (nothing was written), or called wrongly.`;

/** `meshground init`. */
export function addInit(program: Command, { console, environment }: CommandContext): void {
  const manager = environment.npm_config_user_agent?.startsWith("pnpm/") === true ? "pnpm" : "npm";
  program
    .command("init")
    .summary("write a new project: a tree, its tests, its deployment")
    .description("Writes a project that renders, tests, checks and deploys a service mesh. It is yours from then on.")
    .argument("[folder]", "where to; it is made if it is not there", ".")
    .addOption(program.createOption("--template <name>", "what to begin with").choices(templateNames).default("quickstart"))
    .addOption(
      program
        .createOption("--package-manager <name>", "what installs its packages")
        .choices(["npm", "pnpm"])
        .default(manager, "the one that runs this command, else npm"),
    )
    .option("--json", "say what was written as JSON", false)
    .addHelpText("after", examples)
    .action((folder: string, options: InitOptions) => init(folder, options, console));
}
