import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { mtlsJson, mtlsText } from "../checks/report/mtls-report";
import type { DurationText } from "../core/duration";
import { duration } from "../core/duration";
import { dnsLabel } from "../core/name";
import { CallerCount, type Callers } from "../prometheus/access-log";
import { type MtlsExpectation, mtlsExpectation } from "../prometheus/mtls-expectation";
import {
  isSafe,
  type MtlsQuestion,
  mtlsStatus,
  type NamespaceStatus,
  namespacesAsked,
  unreachableStatus,
  withUndeclaredCallers,
} from "../prometheus/mtls-status";
import { plaintextCounts } from "../prometheus/plaintext";
import { type PrometheusAddress, PrometheusError, prometheusProblems } from "../prometheus/prometheus-api";
import type { Console } from "./console";
import { reason } from "./source-files";
import { refuseUsage, UsageError } from "./usage-error";

/** Options of `meshground mtls status`, as the command line gives them. */
export interface MtlsStatusOptions {
  readonly prometheus: string;
  readonly over: string;
  readonly namespace: readonly string[];
  readonly expect?: string;
  readonly accessLog: readonly string[];
  readonly atLeast: string;
  readonly tokenFile?: string;
  readonly json: boolean;
}

/** Variable of the environment that holds the bearer token of Prometheus. */
export const tokenVariable = "MESHGROUND_PROMETHEUS_TOKEN";

/**
 * Runs `meshground mtls status`.
 *
 * @returns the exit code: 0 when STRICT is safe, 1 when plaintext is left, 3 when it cannot be said.
 * @throws UsageError when the options cannot be followed.
 */
export async function mtlsStatusCommand(
  options: MtlsStatusOptions,
  console: Console,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { server, question } = settings(options, environment);
  const count = await callersIn(options.accessLog);
  const seen = await judged(server, question);
  const declared = (question.expectation?.namespaces ?? [])
    .filter(({ name }) => asked(question, name))
    .flatMap(({ plaintext }) => plaintext);
  const callers: Callers | undefined = count?.result(declared);
  const namespaces = withUndeclaredCallers(seen, callers?.undeclared ?? 0);
  const report = { over: question.over, atLeast: question.atLeast, namespaces, callers };
  console.write(options.json ? mtlsJson(report) : mtlsText(report, console.colour));
  return exitCode(namespaces, callers?.undeclared ?? 0);
}

function asked({ namespaces }: MtlsQuestion, name: string): boolean {
  return namespaces.length === 0 || namespaces.includes(name);
}

async function judged(server: PrometheusAddress, question: MtlsQuestion): Promise<readonly NamespaceStatus[]> {
  const names = namespacesAsked(question);
  try {
    return mtlsStatus(await plaintextCounts(server, { over: question.over, namespaces: names }), question);
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    return unreachableStatus(names.length === 0 ? ["every namespace"] : names, error.message);
  }
}

/** Plaintext that was seen outweighs what cannot be said. Nothing to say anything of is not safe. */
function exitCode(namespaces: readonly NamespaceStatus[], undeclared: number): number {
  if (undeclared > 0 || namespaces.some(({ verdict }) => verdict === "plaintext")) return 1;
  return namespaces.length > 0 && namespaces.every(isSafe) ? 0 : 3;
}

interface Settings {
  readonly server: PrometheusAddress;
  readonly question: MtlsQuestion;
}

function settings(options: MtlsStatusOptions, environment: Readonly<Record<string, string | undefined>>): Settings {
  const { prometheus, over, namespace, atLeast } = options;
  const token = tokenOf(options, environment);
  refuseUsage(
    [
      ...prometheusProblems("--prometheus", prometheus, token),
      ...duration({ min: "1s", max: "720h" })("--over", over),
      ...namespace.flatMap((name) => dnsLabel("--namespace", name)),
    ].map(({ path, message }) => `${path}: ${message}`),
  );
  if (!/^[1-9]\d{0,6}$/.test(atLeast)) throw new UsageError([`--at-least: got "${atLeast}", expected a whole number from 1 to 9999999.`]);
  return {
    server: { url: prometheus, ...(token !== undefined && { token }) },
    question: { over: over as DurationText, atLeast: Number(atLeast), namespaces: namespace, expectation: expectationIn(options.expect) },
  };
}

function tokenOf({ tokenFile }: MtlsStatusOptions, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const token = tokenFile === undefined ? environment[tokenVariable] : textOf("--token-file", tokenFile).trim();
  const [name, isHeader] = [tokenFile === undefined ? tokenVariable : `--token-file ${tokenFile}`, /^[\x21-\x7e]+$/];
  if (token !== undefined && !isHeader.test(token)) throw new UsageError([`${name}: it holds no token: one word, without spaces.`]);
  return token;
}

function expectationIn(file: string | undefined): MtlsExpectation | undefined {
  if (file === undefined) return undefined;
  const data = tryJson(textOf("--expect", file));
  refuseUsage(mtlsExpectation("", data).map(({ path, message }) => `--expect ${file}: ${path === "" ? "" : `${path}: `}${message}`));
  return data as MtlsExpectation;
}

async function callersIn(files: readonly string[]): Promise<CallerCount | undefined> {
  if (files.length === 0) return undefined;
  const count = new CallerCount();
  for (const file of files) {
    try {
      for await (const line of createInterface({ input: createReadStream(file) })) count.add(line);
    } catch (error) {
      throw new UsageError([`--access-log ${file}: ${reason(error)}`]);
    }
  }
  return count;
}

function textOf(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError([`${option} ${file}: ${reason(error)}`]);
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
