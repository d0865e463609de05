// Sends requests and tells what became of each: node load.mts, with a Load as JSON on its standard input and a line break after it.
//
// It ends when all requests are answered, or when its input ends, whichever is first.
import { Agent, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { createInterface } from "node:readline";

/** What to send. */
export interface Load {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default without end */
  readonly requests?: number;
  /** Name and authority of the server's certificate, where the URL is one of https. */
  readonly tls?: { readonly servername: string; readonly ca: string };
  /** How many at the same time. @default 1 */
  readonly concurrency?: number;
  /** Whether a connection carries more than one request. @default true */
  readonly keepAlive?: boolean;
  /** Between an answer and the next request of the same sender. Unit: milliseconds. @default 0 */
  readonly pause?: number;
  /** After which a request without an answer counts as failed. Unit: milliseconds. @default 10000 */
  readonly timeout?: number;
}

/**
 * When a request was sent (Unix time), how long its answer took (both in milliseconds), and the answer: status and body, or 0 and an error; then
 * what stands in `location` or `x-envoy-overloaded`.
 */
export type Answer = readonly [at: number, took: number, status: number, body: string, note: string];

const send = ({ url, method = "GET", headers = {}, timeout = 10_000, tls }: Load, agent: Agent, id: number): Promise<Answer> =>
  new Promise((resolve) => {
    const at = Date.now();
    const started = performance.now();
    const done = (status: number, body: string, note = ""): void => resolve([at, performance.now() - started, status, body, note]);
    const sent = (tls === undefined ? request : tlsRequest)(
      url,
      { ...tls, method, agent, timeout, headers: { "x-id": String(id), ...headers } },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () =>
          done(response.statusCode ?? 0, body, String(response.headers.location ?? response.headers["x-envoy-overloaded"] ?? "")),
        );
        response.on("error", (error) => done(0, error.message));
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", (error: NodeJS.ErrnoException) => done(0, error.code ?? error.message));
    sent.end();
  });

const lines = createInterface({ input: process.stdin });
let over = false;
lines.once("line", async (line) => {
  const load = JSON.parse(line) as Load;
  const { requests = Number.POSITIVE_INFINITY, concurrency = 1, keepAlive = true, pause = 0 } = load;
  const agent = new (load.tls === undefined ? Agent : TlsAgent)({ keepAlive, maxSockets: concurrency });
  const answers: Answer[] = [];
  let sent = 0;
  const sender = async (): Promise<void> => {
    while (!over && sent < requests) {
      answers.push(await send(load, agent, sent++));
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
});
lines.once("close", () => (over = true));
