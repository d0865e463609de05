// Applies many objects at once, as `kubectl apply --server-side` does one by one: node envoy-size-apply.mts KUBECONFIG, with a JSON list of
// { path, object } on its standard input. Prints how many were applied.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";

/** An object, and the path of the API at which it is written. */
export interface Write {
  readonly path: string;
  readonly object: unknown;
}

const config = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const { user } = config.users[0];
const agent = new Agent({
  keepAlive: true,
  maxSockets: 16,
  cert: readFileSync(user["client-certificate"]),
  key: readFileSync(user["client-key"]),
  rejectUnauthorized: false,
});

const apply = ({ path, object }: Write): Promise<void> =>
  new Promise((resolve, reject) => {
    const url = `${config.clusters[0].cluster.server}${path}?fieldManager=test&force=true&fieldValidation=Strict`;
    const headers = { "content-type": "application/apply-patch+yaml" };
    const sent = request(url, { method: "PATCH", agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => (body += chunk));
      response.on("end", () => ((response.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${path}: ${body}`))));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(object));
  });

let text = "";
for await (const chunk of process.stdin) text += chunk;
const writes = JSON.parse(text) as Write[];
await Promise.all(writes.map(apply));
process.stdout.write(String(writes.length), () => process.exit(0));
