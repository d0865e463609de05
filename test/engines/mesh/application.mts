// The application in a test pod: node application.mts NAME LOG AFTER IMAGE PORT…
//
// It answers with its name, and does what the request asks for: `x-delay: 500` waits that many milliseconds, `x-status: 503` answers with that
// status, `x-reset: 1` cuts the connection; `x-in: payment-v1-0` asks only pods whose names begin so. Every request is one line in LOG. It listens
// AFTER milliseconds, and ends at once when it is asked to.
//
// A version that misbehaves says so in its image's tag: `2-fails-5-percent` answers 500 to every 20th request, `2-takes-400-ms` waits before each answer.
import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const [name = "", log = "", after = "0", image = "", ...ports] = process.argv.slice(2);

const failsEvery = 100 / Number(/-fails-(\d+)-percent/.exec(image)?.[1] ?? 0);
const takes = Number(/-takes-(\d+)-ms/.exec(image)?.[1] ?? 0);
let answered = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method, url } = request;
  appendFileSync(
    log,
    `${JSON.stringify({ at: Date.now(), id: headers["x-id"], method, url, host: headers.host, certificate: headers["x-forwarded-client-cert"] })}\n`,
  );
  const asked = name.startsWith(String(headers["x-in"] ?? "")) ? headers : {};
  const delay = Number(asked["x-delay"] ?? takes);
  if (delay > 0) await pause(delay);
  if (asked["x-reset"] !== undefined) {
    request.socket.resetAndDestroy();
    return;
  }
  const status = ++answered % failsEvery === 0 ? 500 : 200;
  response.writeHead(Number(asked["x-status"] ?? status), { "content-type": "text/plain", "content-length": name.length });
  response.end(name);
}

await pause(Number(after));
for (const port of ports) {
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 600_000;
  server.listen(Number(port), "0.0.0.0", 1_024);
}
