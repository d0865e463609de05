import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";
import { milliseconds } from "../core/duration";
import type { HostConnection } from "./host-connection";
import { HostError, quotedOutput, saying } from "./host-error";
import { quoted } from "./host-program";
import type { SshSession } from "./ssh-session";

/** Most bytes that are read from one command. */
const longestOutput = 4 * 1024 * 1024;

/** Most bytes that a login shell may print before the program begins. Each piece is searched for its mark, so there is an end to it. */
const longestGreeting = 256 * 1024;

/** What a shell said between the two marks, and how it ended. */
export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Says that sudo has let the shell in, so that nothing is written to sudo which it would take for a password. */
const sudoReady = "meshground-root-shell";
const sudoPrompt = "meshground-sudo-password:";

/**
 * How a shell as root is started. A constant, the same for every host: the host's process list and sudo's log show it.
 *
 * `sh -s` reads its program from standard input. Where sudo may ask, the shell first says that it is there, and the program is only
 * sent then: so sudo can never take a line of the program for a password, nor the shell the password for a command. The quotes hold nothing that
 * csh or fish would read otherwise.
 */
function rootCommand({ user = "root", sudoPassword }: Pick<HostConnection, "user" | "sudoPassword">): string {
  if (user === "root") return "sh -s";
  return sudoPassword === undefined ? "sudo -n sh -s" : `sudo -S -p ${sudoPrompt} sh -c 'echo ${sudoReady}; exec sh -s'`;
}

/**
 * A program in its frame: a shell runs nothing of it before it has read all of it, so a connection that is cut while it is sent does nothing.
 *
 * A mark with a random token stands before and after what the program says, on both streams: what a login shell prints is told from it.
 */
function framed(program: string, token: string): string {
  return `meshground_framed() {
printf '%s begin\\n' ${token}
printf '%s begin\\n' ${token} >&2
(
${program}
)
set -- $?
printf '\\n%s end %s\\n' ${token} "$1"
printf '\\n%s end\\n' ${token} >&2
exit 0
}
meshground_framed
`;
}

/** A script of somebody else, so that a mistake in it ends the script and not the frame. Without input it reads nothing. */
export function scriptProgram(script: string, input: string | undefined): string {
  const run = `eval ${quoted(script)}`;
  return input === undefined ? `${run} </dev/null` : `printf '%s' ${quoted(input)} | { ${run}\n}`;
}

/** What stands between the marks, and the exit code; undefined without them. */
function unframed(stdout: string, stderr: string, token: string): ShellResult | undefined {
  const out = between(stdout, token);
  const exitCode = out === undefined ? undefined : /^ ([0-9]{1,3})\n/.exec(out.after)?.[1];
  if (out === undefined || exitCode === undefined) return undefined;
  return { exitCode: Number(exitCode), stdout: out.text, stderr: between(stderr, token)?.text ?? "" };
}

function between(text: string, token: string): { readonly text: string; readonly after: string } | undefined {
  const begin = `${token} begin\n`;
  const end = `\n${token} end`;
  const from = text.indexOf(begin);
  const to = text.lastIndexOf(end);
  return from < 0 || to < from + begin.length
    ? undefined
    : { text: text.slice(from + begin.length, to), after: text.slice(to + end.length) };
}

/** Runs a shell program as root. @throws HostError */
export async function runAsRoot(session: SshSession, connection: HostConnection, program: string, limitMs?: number): Promise<ShellResult> {
  const token = `meshground-${randomBytes(16).toString("hex")}`;
  const limits = {
    startMs: milliseconds(connection.connectTimeout ?? "15s"),
    wholeMs: limitMs ?? milliseconds(connection.commandTimeout ?? "2m"),
  };
  const channel = await session.exec(rootCommand(connection));
  const said = await conversation(channel, { connection, token, program: framed(program, token), limits });
  const result = unframed(said.stdout, said.stderr, token);
  if (result !== undefined) return result;
  throw unfinished(session.name, connection, said);
}

interface Conversation {
  readonly connection: HostConnection;
  readonly token: string;
  readonly program: string;
  readonly limits: { readonly startMs: number; readonly wholeMs: number };
}

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the shell ran: its first mark was heard. */
  readonly begun: boolean;
  /** Exit code, or the signal that ended it; undefined where the connection broke. */
  readonly exit: number | string | undefined;
  /** Why nobody listened to the end. */
  readonly stopped?: "start" | "whole" | "length" | "password";
}

/** Sends the program, and the password where sudo asks for it, and takes what is said until the channel closes or a limit is reached. */
function conversation(channel: ClientChannel, { connection, token, program, limits }: Conversation): Promise<Said> {
  const stdout = new Output(`${token} begin\n`);
  const stderr = new Output(`${token} begin\n`);
  let exit: number | string | undefined;
  return new Promise((resolve) => {
    const end = (stopped?: Said["stopped"]): void => {
      clearTimeout(start);
      clearTimeout(whole);
      if (stopped !== undefined) channel.destroy();
      const begun = stdout.begun;
      resolve({ stdout: stdout.text(), stderr: stderr.text(), begun, exit, ...(stopped !== undefined && { stopped }) });
    };
    const start = setTimeout(() => end("start"), limits.startMs);
    const whole = setTimeout(() => end("whole"), limits.wholeMs);
    const talk = sudoTalk(channel, program, connection.sudoPassword);
    channel.on("data", (chunk: Buffer) => {
      stdout.add(chunk);
      if (stdout.begun) clearTimeout(start);
      else talk.out(stdout);
      if (stdout.length > (stdout.begun ? longestOutput : longestGreeting)) end("length");
    });
    channel.stderr.on("data", (chunk: Buffer) => {
      stderr.add(chunk);
      if (!stdout.begun && talk.err(stderr)) end("password");
      if (stderr.length > (stdout.begun ? longestOutput : longestGreeting)) end("length");
    });
    channel.on("error", () => undefined);
    // Not "exit": a command that ends at once may have said so before anybody listens. After a broken connection there is neither.
    channel.on("close", (code?: number | null, signal?: string) => {
      exit = code ?? signal;
      end();
    });
  });
}

/** Says the password when sudo asks, once, and the program when the shell is there. `err` tells whether sudo asks again. */
function sudoTalk(
  channel: ClientChannel,
  program: string,
  password: string | undefined,
): { readonly out: (heard: Output) => void; readonly err: (heard: Output) => boolean } {
  if (password === undefined) channel.end(program);
  let waiting = password !== undefined;
  let asked = false;
  return {
    out: (heard) => {
      if (!waiting || !heard.seen(`${sudoReady}\n`)) return;
      waiting = false;
      channel.end(program);
    },
    err: (heard) => {
      const times = waiting ? heard.text().split(sudoPrompt).length - 1 : 0;
      if (times > 0 && !asked) channel.write(`${password}\n`);
      asked ||= times > 0;
      return times > 1;
    },
  };
}

/** What one stream has said so far. */
class Output {
  readonly #chunks: Buffer[] = [];
  readonly #mark: string;
  length = 0;
  /** Whether the mark was heard that comes before what the program says. */
  begun = false;

  constructor(mark: string) {
    this.#mark = mark;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
    this.begun ||= this.seen(this.#mark);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  seen(mark: string): boolean {
    return this.text().includes(mark);
  }
}

function unfinished(host: string, connection: HostConnection, said: Said): HostError {
  const { user = "root", sudoPassword, connectTimeout = "15s" } = connection;
  const heard = saying(withoutSecret(said.stderr === "" ? said.stdout : said.stderr, sudoPassword));
  if (said.stopped === "length") return new HostError(host, "unexpected", tooLong(said.begun));
  if (said.stopped === "whole")
    return new HostError(
      host,
      "timeout",
      "the command took too long, and may still run. Raise commandTimeout, or look at what holds the host up.",
    );
  if (said.begun) {
    const why = said.exit === undefined ? "the connection broke" : `the program was ended (${quotedOutput(String(said.exit))})`;
    return new HostError(host, "cut-off", brokenOff(why));
  }
  if (user === "root") return notStarted(host, said, heard);
  return new HostError(
    host,
    "sudo",
    `${JSON.stringify(user)} does not become root by sudo${sudoProblem(said, connectTimeout)}.${heard} ${sudoFix(user, sudoPassword)}`,
  );
}

function tooLong(begun: boolean): string {
  return begun
    ? `said more than ${longestOutput} bytes, which no run of this library does.`
    : `said more than ${longestGreeting} bytes before the program began. Look at the user's login shell and its start-up files.`;
}

/** A program of ours that did not come to its end, as far as anybody heard. */
export function brokenOff(why: string): string {
  return `${why} before it could answer. What was begun is finished or undone on the host; the next run looks at what is there, and puts right what is not.`;
}

function notStarted(host: string, { stopped, exit }: Said, heard: string): HostError {
  if (stopped === "start")
    return new HostError(
      host,
      "timeout",
      `logged in, and no shell started in time.${heard} Look at the user's login shell and its start-up files.`,
    );
  if (exit === undefined) return new HostError(host, "cut-off", `the connection broke before a shell started.${heard}`);
  return new HostError(
    host,
    "unexpected",
    `logged in, and sh did not start (exit ${quotedOutput(String(exit))}).${heard} The user needs a login shell, and authorized_keys no forced command.`,
  );
}

function sudoProblem({ stopped, exit }: Said, connectTimeout: string): string {
  if (stopped === "password") return ": the password is wrong";
  if (stopped === "start") return `: nothing for ${connectTimeout}`;
  return exit === 127 ? ": sudo is not installed" : "";
}

function sudoFix(user: string, password: string | undefined): string {
  const rule = `a sudoers rule such as "${user} ALL=(root) NOPASSWD: ALL"`;
  return password === undefined ? `Give it ${rule}, or set sudoPassword.` : `Check sudoPassword, or give it ${rule}.`;
}

/** A host that echoes what it was told must not bring the password into an error; our own prompt for it says nothing. */
function withoutSecret(text: string, secret: string | undefined): string {
  return (secret === undefined ? text : text.replaceAll(secret, "…")).replaceAll(sudoPrompt, "");
}
