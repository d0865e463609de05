import type { Command, Option } from "commander" with { "resolution-mode": "import" };
import { safeText } from "../checks/report/safe-text";
import { rulePage } from "../checks/rule-page";
import { allTexts } from "../checks/rules/all-rules";
import { didYouMean } from "../core/check";
import { check } from "./check";
import type { CheckOptions } from "./check-settings";
import type { Console } from "./console";
import { type MtlsStatusOptions, mtlsStatusCommand, tokenVariable } from "./mtls-status";
import { packageVersion } from "./package-version";
import { UsageError } from "./usage-error";

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

const mtlsExamples = `
Examples:
  $ kubectl --namespace monitoring port-forward service/prometheus 9090 &
  $ meshground mtls status --prometheus http://127.0.0.1:9090 --expect artefacts/report/mtls.json
  $ meshground mtls status --prometheus http://127.0.0.1:9090 --namespace shop --over 168h
  $ kubectl --namespace shop logs --selector meshground.io/service=pricing --container istio-proxy --since 24h --tail -1 > calls.log
  $ meshground mtls status --prometheus http://127.0.0.1:9090 --expect artefacts/report/mtls.json --access-log calls.log

Verdicts: safe, safe-with-declared; plaintext; too-little, no-metric, unreachable. No data is never safe.
Exit codes: 0 STRICT is safe, 1 plaintext is left that nobody declared, 2 called wrongly, 3 cannot be said.
What the namespaces need first: stage "permissive", which puts the port into the metrics.`;

/**
 * Runs the command line.
 *
 * @param args - without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], console: Console): Promise<number> {
  const { Command, CommanderError, Option } = await import("commander");
  let code = 0;
  const program = new Command("meshground")
    .description("Finds in the objects of an Istio mesh, before they are applied, what would break in production.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpCommand(false)
    .showHelpAfterError("Help: meshground check --help")
    .configureOutput({ writeOut: console.write, writeErr: console.error })
    .exitOverride();
  addCheck(program, Option, async (files, options) => {
    code = await check(files, options, console);
  });
  addExplain(program, console);
  addMtls(program, async (options) => {
    code = await mtlsStatusCommand(options, console, process.env);
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError)) throw error;
    for (const problem of error.problems) console.error(`meshground: ${safeText(problem)}\n`);
    return 2;
  }
}

type Action = (files: readonly string[], options: CheckOptions) => Promise<void>;

function addCheck(program: Command, Choice: typeof Option, action: Action): void {
  program
    .command("check")
    .summary("check YAML or JSON of Kubernetes, and say what breaks")
    .description(
      "Reads objects of Kubernetes from files, folders (all *.yaml, *.yml and *.json below them) and standard input (-), and says what breaks.",
    )
    .argument("[files...]", "files and folders; - or nothing: standard input")
    .addOption(new Choice("-f, --format <format>", "form of the report").choices(["text", "json", "sarif", "github"]).default("text"))
    .option("--istio <release>", "release of Istio that the objects are for (default: the newest known)")
    .option("--kubernetes <release>", "release of Kubernetes (default: the newest that this Istio supports)")
    .option("--ignore <CODE=reason>", "accept a code everywhere; may be repeated", several, [])
    .option("--external <object>", 'what lives elsewhere: "Service shop/legacy", "Host api.example.no"; may be repeated', several, [])
    .option("--mesh-config <file>", "MeshConfig of the mesh (default: that of a ConfigMap istio or an IstioOperator among the objects)")
    .option("--rules <file>", "module that exports rules of your own; may be repeated", several, [])
    .option("--residency <countries>", "countries that nodes have to stand in: NO,SE")
    .option("--today <date>", "day to judge ends of life by (default: today)")
    .option("--strict", "let warnings fail as errors do", false)
    .option("-o, --output <file>", "write the report there")
    .addHelpText("after", examples)
    .action(action);
}

function addExplain(program: Command, console: Console): void {
  program
    .command("explain")
    .summary("say what a code means")
    .description("Says what a code means: what breaks, what to do, and an example of both.")
    .argument("<code>", "code of a finding: IST0101")
    .action((code: string) => {
      const text = allTexts.find((rule) => rule.code === code);
      const codes = allTexts.map((rule) => rule.code);
      const near = didYouMean(code, codes) ?? "";
      if (text === undefined) throw new UsageError([`no rule has the code "${code}". ${near}`.trim()]);
      console.write(rulePage(text));
    });
}

function addMtls(program: Command, action: (options: MtlsStatusOptions) => Promise<void>): void {
  program
    .command("mtls")
    .summary("say whether a namespace can go to STRICT")
    .command("status")
    .showHelpAfterError("Help: meshground mtls status --help")
    .summary("say what plaintext is left, and whether STRICT is safe")
    .description(
      "Asks Prometheus, by workload and port, what still comes without mTLS and whether it is declared, and says whether STRICT is safe.",
    )
    .requiredOption("--prometheus <url>", `address of Prometheus; its bearer token, if it wants one, in ${tokenVariable}`)
    .option("--over <duration>", "window to look at, up to now: 24h, 90m", "24h")
    .option("--namespace <name>", "namespace to judge; may be repeated (default: those of --expect, else all)", several, [])
    .option("--expect <file>", "what the tree declares: report/mtls.json among the artefacts (default: no plaintext is declared)")
    .option("--access-log <file>", "access log of sidecars, in Istio's text or JSON: names the callers; may be repeated", several, [])
    .option("--at-least <requests>", "requests of a namespace, and of each of its services, below which nothing is said", "100")
    .option("--token-file <file>", "file that holds the bearer token")
    .option("--json", "write the report as JSON", false)
    .addHelpText("after", mtlsExamples)
    .action(action);
}

function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
