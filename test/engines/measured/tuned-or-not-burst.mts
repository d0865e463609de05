// Opens many connections at once, asks for one answer on each, and tells what became of them: node tuned-or-not-burst.mts, with a Burst as JSON on
// its standard input.
import { readFileSync } from "node:fs";
import { connect } from "node:net";

/** Connections to open. */
export interface Burst {
  readonly address: string;
  readonly port: number;
  readonly connections: number;
  /** After which a connection without an answer counts as failed. Unit: milliseconds. */
  readonly patience: number;
}

/** How long it took to connect and to be answered (milliseconds, -1 for never), and what went wrong. */
export type Attempt = readonly [connected: number, answered: number, error: string];

const burst = JSON.parse(readFileSync(0, "utf8")) as Burst;

const attempt = (): Promise<Attempt> =>
  new Promise((resolve) => {
    const started = performance.now();
    let connected = -1;
    const done = (answered: number, error: string): void => {
      socket.destroy();
      clearTimeout(timer);
      resolve([connected, answered, error]);
    };
    const timer = setTimeout(() => done(-1, "no answer in time"), burst.patience);
    const socket = connect(burst.port, burst.address);
    socket.on("connect", () => {
      connected = performance.now() - started;
      socket.write("GET /direct HTTP/1.1\r\nhost: envoy\r\n\r\n");
    });
    socket.on("data", () => done(performance.now() - started, ""));
    socket.on("error", (error: NodeJS.ErrnoException) => done(-1, error.code ?? error.message));
    socket.on("close", () => done(-1, "closed"));
  });

const attempts: Promise<Attempt>[] = [];
for (let opened = 0; opened < burst.connections; opened++) {
  attempts.push(attempt());
  // A pause to look at the answers: a connection that was made is to be seen at once.
  if (opened % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
}
process.stderr.write("opened\n");
process.stdout.write(JSON.stringify(await Promise.all(attempts)), () => process.exit(0));
