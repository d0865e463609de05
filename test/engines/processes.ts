import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A program that runs until it is ended, with what it prints in a file. */
export interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  readonly log: string;
  /** Whether it runs in another namespace: then the child is nsenter, which waits for the program and passes no signal on. */
  readonly elsewhere?: boolean;
}

const left = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of left) child.kill("SIGKILL");
});

/** Starts a program. It dies with the process that started it, however that ends. */
export function startProgram(
  name: string,
  command: readonly string[],
  { cwd, env = process.env, log = `${cwd}/${name}.log` }: { cwd: string; env?: NodeJS.ProcessEnv; log?: string },
): Running {
  const output = openSync(log, "a");
  const child = spawn("setpriv", ["--pdeathsig=KILL", ...command], { cwd, env, stdio: ["ignore", output, output] });
  left.add(child);
  child.once("exit", () => left.delete(child));
  return { name, child, log, elsewhere: command[0] === "nsenter" };
}

/** Whether a program has not ended yet. */
export function isRunning({ child }: Running): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Ends programs, the last one first: asks, waits for the time given, then kills. Unit: milliseconds. */
export async function endPrograms(running: readonly Running[], patience: number = 10_000): Promise<void> {
  for (const program of [...running].reverse()) {
    if (!isRunning(program)) continue;
    const ended = new Promise((resolve) => program.child.once("exit", resolve));
    signal(program, patience === 0 ? "SIGKILL" : "SIGTERM");
    const timer = setTimeout(() => signal(program, "SIGKILL"), patience);
    await ended;
    clearTimeout(timer);
  }
}

function signal({ child, elsewhere = false }: Running, name: "SIGTERM" | "SIGKILL"): void {
  const inner = elsewhere ? Number.parseInt(childrenOf(child), 10) : Number.NaN;
  if (Number.isNaN(inner)) child.kill(name);
  else process.kill(inner, name);
}

function childrenOf({ pid }: ChildProcess): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  } catch {
    return "";
  }
}

/** What a program printed last. */
export function lastLines({ log }: Running, count: number = 20): string {
  try {
    return readFileSync(log, "utf8").split("\n").slice(-count).join("\n");
  } catch {
    return "no log";
  }
}

/** Asks again and again until the answer is yes. Throws what `otherwise` says when the time is over. Unit: milliseconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  otherwise: () => string,
  { within = 60_000, every = 100 }: { within?: number; every?: number } = {},
): Promise<void> {
  for (const end = Date.now() + within; ; ) {
    const over = Date.now() > end;
    if (await holds()) return;
    if (over) throw new Error(otherwise());
    await pause(every);
  }
}
