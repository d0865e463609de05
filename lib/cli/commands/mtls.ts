import type { Command } from "commander" with { "resolution-mode": "import" };
import { type MtlsStatusOptions, mtlsStatusCommand, tokenVariable } from "../mtls-status";
import { type CommandContext, several } from "./command";

const examples = `
Examples:
  $ kubectl --namespace monitoring port-forward service/prometheus 9090 &
  $ meshground mtls status --prometheus http://127.0.0.1:9090 --expect artefacts/report/mtls.json
  $ meshground mtls status --prometheus http://127.0.0.1:9090 --namespace shop --over 168h
  $ kubectl --namespace shop logs --selector meshground.io/service=pricing --container istio-proxy --since 24h --tail -1 > calls.log
  $ meshground mtls status --prometheus http://127.0.0.1:9090 --expect artefacts/report/mtls.json --access-log calls.log

Verdicts: safe, safe-with-declared; plaintext; too-little, no-metric, unreachable. No data is never safe.
Exit codes: 0 STRICT is safe, 1 plaintext is left that nobody declared, 2 called wrongly, 3 cannot be said.
What the namespaces need first: stage "permissive", which puts the port into the metrics.`;

/** `meshground mtls status`. */
export function addMtls(program: Command, { console, environment, exitCode }: CommandContext): void {
  program
    .command("mtls")
    .summary("say whether a namespace can go to STRICT")
    .command("status")
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
    .addHelpText("after", examples)
    .action(async (options: MtlsStatusOptions) => exitCode(await mtlsStatusCommand(options, console, environment)));
}
