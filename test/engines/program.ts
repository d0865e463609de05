import { spawnSync } from "node:child_process";
import { type Engine, tryProgram } from "./engines.mts";

/** What a program said. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How an engine is run. */
export interface RunOptions {
  /** Folder that takes the engine's own state, so that nothing is left in the user's home. */
  readonly home: string;
  readonly cwd?: string;
  /** A command that runs another one, in a network of its own for example. */
  readonly inside?: readonly string[];
  readonly input?: string;
}

/** Runs an engine to its end. */
export function runEngine(engine: Engine, args: readonly string[], { home, cwd = home, inside = [], input }: RunOptions): Outcome {
  const program = tryProgram(engine);
  if (program === undefined) throw new Error(`${engine.name} is not in the cache: npm run engines`);
  const env = {
    ...process.env,
    HOME: home,
    KUBECONFIG: `${home}/none`,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  };
  const [command = program, ...rest] = [...inside, program, ...args];
  const { status, stdout, stderr, error } = spawnSync(command, rest, {
    cwd,
    ...(input !== undefined && { input }),
    env,
    encoding: "utf8",
    timeout: 100_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** Says aloud, once, that the tests of a file are skipped because an engine is missing. */
export function isMissing(engine: Engine): boolean {
  const missing = tryProgram(engine) === undefined;
  if (missing) process.stderr.write(`SKIPPED: ${engine.name} ${engine.version} is not in the cache. npm run engines gets it.\n`);
  return missing;
}
