// Opens many connections at once, asks for one answer on each, and tells what became of them: node tuned-or-not-burst.mts, with a Burst as JSON on
// its standard input. What an answer took is here the time until the connection was there, -1 for never.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Answer } from "../mesh/load.mts";

/** Connections to open. */
export interface Burst {
  readonly address: string;
  readonly port: number;
  readonly connections: number;
  /** After which a connection without an answer counts as failed. Unit: milliseconds. */
  readonly patience: number;
}

const burst = JSON.parse(readFileSync(0, "utf8")) as Burst;

const attempt = (): Promise<Answer> =>
  new Promise((resolve) => {
    const at = Date.now();
    const started = performance.now();
    let connected = -1;
    const done = (status: number, body: string): void => {
      socket.destroy();
      clearTimeout(timer);
      resolve([at, connected, status, body, ""]);
    };
    const timer = setTimeout(() => done(0, "no answer in time"), burst.patience);
    const socket = connect(burst.port, burst.address);
    socket.on("connect", () => {
      connected = performance.now() - started;
      socket.write("GET /direct HTTP/1.1\r\nhost: envoy\r\n\r\n");
    });
    socket.on("data", (data) => done(Number(data.toString("latin1").split(" ")[1]), ""));
    socket.on("error", (error: NodeJS.ErrnoException) => done(0, error.code ?? error.message));
    socket.on("close", () => done(0, "closed"));
  });

const attempts: Promise<Answer>[] = [];
for (let opened = 0; opened < burst.connections; opened++) {
  attempts.push(attempt());
  // A pause to look at the answers: a connection that was made is to be seen at once.
  if (opened % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
}
process.stderr.write("opened\n");
process.stdout.write(JSON.stringify(await Promise.all(attempts)), () => process.exit(0));
