// The application in a test pod: node application.mts NAME LOG AFTER PORT…
//
// It answers with its name, and does what the request asks for: `x-delay: 500` waits that many milliseconds, `x-status: 503` answers with that
// status, `x-reset: 1` cuts the connection; `x-in: payment-v1-0` asks only pods whose names begin so. Every request is one line in LOG. It listens
// AFTER milliseconds, and ends at once when it is asked to.
import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const [name = "", log = "", after = "0", ...ports] = process.argv.slice(2);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method, url } = request;
  appendFileSync(
    log,
    `${JSON.stringify({ at: Date.now(), id: headers["x-id"], method, url, host: headers.host, certificate: headers["x-forwarded-client-cert"] })}\n`,
  );
  const asked = name.startsWith(String(headers["x-in"] ?? "")) ? headers : {};
  if (asked["x-delay"] !== undefined) await pause(Number(asked["x-delay"]));
  if (asked["x-reset"] !== undefined) {
    request.socket.resetAndDestroy();
    return;
  }
  response.writeHead(Number(asked["x-status"] ?? 200), { "content-type": "text/plain", "content-length": name.length });
  response.end(name);
}

await pause(Number(after));
for (const port of ports) {
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 600_000;
  server.listen(Number(port), "0.0.0.0", 1_024);
}
