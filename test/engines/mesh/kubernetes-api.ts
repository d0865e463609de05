import { request } from "node:http";
import { join } from "node:path";
import type { ApiServer } from "../api-server";
import { programOf } from "../api-server";
import { engines } from "../engines.mts";
import { endPrograms, lastLines, startProgram, until } from "../processes";

/** Kubernetes' API through a socket that leads into another network: a call costs milliseconds, where one of kubectl costs a tenth of a second. */
export interface KubernetesApi {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<void>;
  /** Applies a part of an object, as its only owner. */
  apply(path: string, body: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the socket. */
export async function openKubernetesApi({ home }: ApiServer, inside: readonly string[]): Promise<KubernetesApi> {
  const socketPath = join(home, "api.socket");
  const proxy = [programOf(engines.kubectl), `--kubeconfig=${home}/kubeconfig`, "proxy", `--unix-socket=${socketPath}`, "--reject-paths="];
  const running = startProgram("kubectl-proxy", [...inside, ...proxy], { cwd: home });
  const call = (method: string, path: string, body?: unknown, type: string = "application/json"): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path, headers: { "content-type": type } }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  await until(
    async () => (await call("GET", "/readyz").catch(() => "")) === "ok",
    () => `kubectl proxy does not answer:\n${lastLines(running)}`,
  );
  return {
    get: async (path) => JSON.parse(await call("GET", path)),
    post: async (path, body) => JSON.parse(await call("POST", path, body)),
    delete: async (path) => void (await call("DELETE", `${path}?gracePeriodSeconds=0`)),
    apply: async (path, body) => void (await call("PATCH", `${path}?fieldManager=test&force=true`, body, "application/apply-patch+yaml")),
    stop: () => endPrograms([running], 0),
  };
}
