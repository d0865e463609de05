import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { record, text } from "../checks/fields";
import { readCarefully } from "../checks/read/careful-reader";
import { safeText } from "../checks/report/safe-text";
import { reason } from "./source-files";
import { UsageError } from "./usage-error";

/** The user's program, and where it writes manifests. */
export interface AppProgram {
  /** A command for the shell, as `cdk8s synth` takes it. */
  readonly command: string;
  /** Folder of the manifests. */
  readonly output: string;
}

/** What is asked for on the command line. */
export interface AppOptions {
  readonly app?: string;
  readonly output?: string;
}

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

const settingsFile = "cdk8s.yaml";

/**
 * The program that cdk8s.yaml of the working folder names, unless the command line names another.
 *
 * @throws UsageError when neither names one, or cdk8s.yaml cannot be read.
 */
export function appProgram(options: AppOptions): AppProgram {
  const settings = options.app === undefined || options.output === undefined ? settingsOf(options.app !== undefined) : {};
  const command = options.app ?? text(settings.app);
  // As cdk8s has it: a program that is told nothing writes there.
  const output = options.output ?? text(settings.output) ?? "dist";
  if (command === undefined || command.trim() === "") {
    throw new UsageError([`${settingsFile}: it names no program. Say it there (app: node main.js), or by --app.`]);
  }
  return { command, output };
}

function settingsOf(mayBeMissing: boolean): Readonly<Record<string, unknown>> {
  const content = settingsText(mayBeMissing);
  const { data, faults } = readCarefully(content);
  const [fault] = faults;
  if (fault !== undefined) throw new UsageError([`${settingsFile}: ${fault.message}`]);
  return record(data);
}

function settingsText(mayBeMissing: boolean): string {
  try {
    return readFileSync(settingsFile, "utf8");
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new UsageError([`${settingsFile}: ${reason(error)} Run the command where it lies, or name the program by --app.`]);
  }
}

/** Where the lines of a program go. */
export interface ProgramConsole {
  readonly write: (line: string) => void;
  readonly error: (line: string) => void;
}

/**
 * Runs a program in the shell until it ends, line by line: nothing that it prints is a command to the terminal.
 *
 * @returns its exit code, 128 when a signal ended it.
 */
export async function runProgram(command: string, environment: Environment, { write, error }: ProgramConsole): Promise<number> {
  const child = spawn(command, { shell: true, env: { ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
  await Promise.all([eachLine(child.stdout, write), eachLine(child.stderr, (line) => isOfTheUser(line) && error(line))]);
  return ended;
}

async function eachLine(stream: Readable, use: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
    use(safeText(line.replaceAll("\t", "  ")));
}

/** Of the stack that an error is printed with, only the frames of the user's own program say anything to them. */
function isOfTheUser(line: string): boolean {
  return !/^\s+at .*(?:node:|[\\/]node_modules[\\/])/.test(line) && !/^Node\.js v\d/.test(line);
}
