import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/temporary";
import { freePort } from "./api-server";
import { endPrograms, isRunning, lastLines, type Running, startProgram, until } from "./processes";

/** A series of a query's answer: its labels, and its value now. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the number as text. */
  readonly value: readonly [number, string];
}

/** A Prometheus that runs, with everything it writes in a folder of its own. */
export interface Prometheus {
  /** Its address: `http://127.0.0.1:14123`. */
  readonly url: string;
  /** Its process. */
  readonly running: Running;
  /** Asks it for what an expression is now; throws what it says to a wrong one. Works inside a network namespace as well. */
  query(expression: string): readonly Sample[];
  /** Starts it again on the same data, after `stop`; it answers when this returns. */
  restart(): Promise<void>;
  /** Ends it, by its own id. Unit of `patience`, after which it is killed: milliseconds. */
  stop(patience?: number): Promise<void>;
}

/** How a Prometheus is started. */
export interface PrometheusOptions {
  /** Its configuration, as data: YAML takes JSON. */
  readonly config: object;
  /** Files of rules by name, as data; the configuration gets them. @default none */
  readonly rules?: Readonly<Record<string, object>>;
  /** A command that runs another one, in a network of its own for example. @default none */
  readonly inside?: readonly string[];
  /** Address to listen on. @default "127.0.0.1" */
  readonly address?: string;
  /** @default a free one */
  readonly port?: number;
}

/** Says aloud, once, that the tests of a file are skipped because Debian's Prometheus is not there. */
export function prometheusIsMissing(): boolean {
  const missing = ["prometheus", "promtool"].filter((name) => spawnSync(name, ["--version"]).status !== 0);
  if (missing.length > 0)
    process.stderr.write(`SKIPPED: not installed: ${missing.join(", ")}. apt-get install --no-install-recommends prometheus\n`);
  return missing.length > 0;
}

/** Starts a Prometheus; it answers when this returns. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { config, rules = {}, inside = [], address = "127.0.0.1", port = await freePort() } = options;
  const home = temporaryFolder("prometheus");
  const url = `http://${address}:${port}`;
  const files = Object.entries(rules).map(([name, groups]) => {
    const file = join(home, `${name}.rules.json`);
    writeFileSync(file, JSON.stringify(groups));
    return file;
  });
  writeFileSync(join(home, "prometheus.json"), JSON.stringify({ ...config, ...(files.length > 0 && { rule_files: files }) }));
  const start = (): Running =>
    startProgram("prometheus", [...inside, "prometheus", ...flags(home, `${address}:${port}`)], { cwd: home, log: `${home}/log` });
  let running = start();
  const asked = (expression: string): ReturnType<typeof ask> => ask({ url, inside }, expression);
  await untilAnswers(running, asked);
  return {
    url,
    get running() {
      return running;
    },
    query(expression) {
      const { status, stdout, stderr } = asked(expression);
      if (status !== 0) throw new Error(`${expression}: ${stderr}`);
      return samples(stdout);
    },
    async restart() {
      running = start();
      await untilAnswers(running, asked);
    },
    stop: (patience) => endPrograms([running], patience),
  };
}

function flags(home: string, listen: string): readonly string[] {
  return [
    `--config.file=${home}/prometheus.json`,
    `--storage.tsdb.path=${home}/data`,
    `--web.listen-address=${listen}`,
    "--log.level=warn",
  ];
}

async function untilAnswers(running: Running, asked: (expression: string) => { readonly status: number | null }): Promise<void> {
  await until(
    () => {
      if (!isRunning(running)) throw new Error(`Prometheus has ended:\n${lastLines(running)}`);
      return asked("vector(1)").status === 0;
    },
    () => `Prometheus does not answer:\n${lastLines(running)}`,
    { within: 30_000, every: 200 },
  );
}

interface Asked {
  readonly url: string;
  readonly inside: readonly string[];
}

function ask({ url, inside }: Asked, expression: string): { status: number | null; stdout: string; stderr: string } {
  const [command = "", ...args] = [...inside, "promtool", "query", "--format=json", "instant", url, expression];
  return spawnSync(command, args, { encoding: "utf8" });
}

/** promtool prints the vector as it is, a scalar as a pair. */
function samples(stdout: string): readonly Sample[] {
  const answer = JSON.parse(stdout) as readonly Sample[] | Sample["value"];
  return answer.every((sample) => typeof sample === "object")
    ? (answer as readonly Sample[])
    : [{ metric: {}, value: answer as Sample["value"] }];
}
