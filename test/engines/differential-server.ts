import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import type { Manifest } from "../support/examples";
import type { ApiServer } from "./api-server";

/** What an API server says of an object that it is asked to look at and not to keep. */
export interface Verdict {
  readonly accepted: boolean;
  /** Who refused: the API server by its schema, or istiod by its webhook. */
  readonly by?: "server" | "webhook";
  /** Why it refused. */
  readonly message: string;
}

/** Asks an API server about objects, one request each: a server-side apply with strict validation, as a dry run. */
export class DryRun {
  readonly #server: ApiServer;
  readonly #url: string;
  readonly #agent: Agent;
  readonly #resources = new Map<string, Resource>();

  constructor(server: ApiServer) {
    this.#server = server;
    const kubeconfig = JSON.parse(readFileSync(join(server.home, "kubeconfig"), "utf8")) as Kubeconfig;
    this.#url = kubeconfig.clusters[0].cluster.server;
    const [cert, key] = ["admin.crt", "admin.key"].map((file) => readFileSync(join(server.home, file))) as [Buffer, Buffer];
    this.#agent = new Agent({ cert, key, rejectUnauthorized: false, keepAlive: true, maxSockets: 8 });
  }

  /** What it says of each object, in their order. Those of a namespace lie in `default`, when they name none. */
  async verdicts(objects: readonly Manifest[]): Promise<readonly Verdict[]> {
    const paths = objects.map((object) => this.#pathOf(object));
    return Promise.all(objects.map((object, index) => this.#ask(paths[index] as string, object)));
  }

  /** Closes its connections. */
  end(): void {
    this.#agent.destroy();
  }

  #pathOf({ apiVersion, kind, metadata }: Manifest): string {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { name, namespaced } = this.#resourceOf(base, kind);
    const scope = namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${base}${scope}/${name}/${metadata.name}`;
  }

  #resourceOf(base: string, kind: string): Resource {
    if (!this.#resources.has(`${base} ${kind}`)) {
      const { stdout, stderr } = this.#server.kubectl("get", "--raw", base);
      if (stdout === "") throw new Error(`${base}: ${stderr}`);
      const { resources } = JSON.parse(stdout) as { resources: readonly Resource[] };
      for (const resource of resources) if (!resource.name.includes("/")) this.#resources.set(`${base} ${resource.kind}`, resource);
    }
    const found = this.#resources.get(`${base} ${kind}`);
    if (found === undefined) throw new Error(`${base} serves no ${kind}`);
    return found;
  }

  #ask(path: string, object: Manifest): Promise<Verdict> {
    const query = "dryRun=All&fieldManager=differential&fieldValidation=Strict&force=true";
    const options = { method: "PATCH", agent: this.#agent, headers: { "content-type": "application/apply-patch+yaml" } };
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#url}${path}?${query}`, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve(verdictOf(answer.statusCode ?? 0, Buffer.concat(chunks).toString())));
        answer.on("error", reject);
      });
      asked.on("error", reject);
      asked.end(JSON.stringify(object));
    });
  }
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function verdictOf(status: number, body: string): Verdict {
  if (status === 200 || status === 201) return { accepted: true, message: "" };
  const { message = body } = JSON.parse(body) as { message?: string };
  // Whatever is not a judgement of the object is a fault of the test or of its engines.
  if (![400, 422].includes(status) && !message.includes("denied the request") && !message.includes("failed to create typed patch object"))
    throw new Error(`${status}: ${message}`);
  return { accepted: false, by: message.includes("admission webhook") ? "webhook" : "server", message };
}
