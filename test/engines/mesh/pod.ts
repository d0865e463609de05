import { spawnSync } from "node:child_process";
import { chownSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { programOf } from "../api-server";
import { cacheFolder, engines } from "../engines.mts";
import { istioModule } from "../istio-module";
import { endPrograms, isRunning, lastLines, type Running, startProgram, until } from "../processes";
import { runIn } from "./in-namespace";
import type { KubernetesApi } from "./kubernetes-api";
import { Machine } from "./machine";
import { controlAddress, type Namespace } from "./network";
import {
  applicationOf,
  applicationPorts,
  type Container,
  environmentOf,
  nativeSidecarsOf,
  type PodObject,
  proxyOf,
  withVariables,
} from "./pod-object";

/** User that sidecars run as: what it sends is not redirected. */
const proxyUser = 1337;

/** What a pod is made of. */
export interface PodProps {
  readonly api: KubernetesApi;
  readonly namespace: Namespace;
  readonly folder: string;
  /** As the API server has it, the sidecar injected. */
  readonly object: PodObject;
  /** Ports on which the application listens beside those of its container. */
  readonly ports: readonly number[];
  /** How long after its start the application listens. Unit: milliseconds. */
  readonly listensAfter: number;
}

/**
 * A pod without a kubelet: a network namespace with Istio's redirection, pilot-agent and Envoy as the injected container asks for them, and our
 * application in place of the image.
 */
export class Pod extends Machine {
  readonly object: PodObject;
  readonly #props: PodProps;
  #proxy: Running | undefined;

  constructor(props: PodProps) {
    super(props.object.metadata.name, props.namespace, props.folder);
    this.object = props.object;
    this.#props = props;
  }

  /**
   * Starts what is in the pod, in a kubelet's order: a native sidecar first, or one that holds the application by its hook; where neither is
   * so, both at once.
   */
  async start(): Promise<void> {
    const proxy = proxyOf(this.object);
    if (proxy !== undefined) {
      await this.#makeProxyFolder();
      this.#redirect();
      this.#proxy = this.#startProxy(proxy);
      const holds = nativeSidecarsOf(this.object).includes(proxy) || proxy.lifecycle?.postStart !== undefined;
      if (holds) await this.#untilProxyReady(this.#proxy);
    }
    const { ports, listensAfter } = this.#props;
    const application = applicationOf(this.object);
    if (application !== undefined) this.startApplication([...applicationPorts(this.object), ...ports], listensAfter, application.image);
  }

  /** Waits until a kubelet takes the pod for ready: by the probes of its containers. A container without one is ready once it has started. */
  async untilReady(): Promise<void> {
    if (this.#proxy !== undefined) await this.#untilProxyReady(this.#proxy);
    const { httpGet, tcpSocket } = applicationOf(this.object)?.readinessProbe ?? {};
    await until(
      async () => {
        if (tcpSocket !== undefined) return this.listensOn(tcpSocket.port);
        if (httpGet === undefined) return true;
        const [answer] = await this.send({ url: `http://127.0.0.1:${httpGet.port}${httpGet.path}`, requests: 1 });
        return answer?.[2] === 200;
      },
      () => `${this.name} does not become ready`,
    );
  }

  /**
   * Stops the pod as a kubelet does: the hooks of all containers at once; each container is asked to end after its own, native sidecars after
   * all others; what is left after the grace period is killed.
   */
  async stop(): Promise<void> {
    const { terminationGracePeriodSeconds: grace = 30 } = this.object.spec;
    await Promise.race([this.#stopInOrder(), pause(grace * 1_000, undefined, { ref: false })]);
    await this.namespace.end();
  }

  async #stopInOrder(): Promise<void> {
    const sidecars = nativeSidecarsOf(this.object).map((container) => ({ container, hook: this.#beforeStop(container) }));
    await Promise.all(this.object.spec.containers.map(async (container) => this.#end(container, this.#beforeStop(container))));
    await Promise.all(sidecars.map(({ container, hook }) => this.#end(container, hook)));
  }

  async #end(container: Container, hook: Promise<void>): Promise<void> {
    await hook;
    if (container.name !== "istio-proxy") await this.stopApplication();
    else if (this.#proxy !== undefined) await endPrograms([this.#proxy], 60_000);
  }

  async #beforeStop({ lifecycle }: Container): Promise<void> {
    const { sleep, exec } = lifecycle?.preStop ?? {};
    if (sleep !== undefined) await pause(sleep.seconds * 1_000);
    if (exec === undefined) return;
    const [program = "", ...args] = exec.command;
    const inPod = [...this.namespace.inside(), program === "pilot-agent" ? programOf(engines.pilotAgent) : program, ...args];
    const hook = startProgram("hook", inPod, { cwd: this.folder });
    await new Promise((resolve) => hook.child.once("exit", resolve));
  }

  /** What Envoy's administration answers: `stats`, `config_dump`, `memory` … */
  envoy(path: string): string {
    const { status, stdout, stderr } = runIn(this.namespace, [programOf(engines.pilotAgent), "request", "GET", path]);
    if (status !== 0) throw new Error(`Envoy of ${this.name}, ${path}: ${stderr}`);
    return stdout;
  }

  /** A counter or gauge of Envoy's, summed over all that the pattern matches. */
  stat(pattern: RegExp): number {
    return this.envoy("stats")
      .split("\n")
      .filter((line) => pattern.test(line))
      .reduce((sum, line) => sum + Number(line.split(": ")[1]), 0);
  }

  async #makeProxyFolder(): Promise<void> {
    const { folder, object } = this;
    const { namespace, labels = {}, annotations = {} } = object.metadata;
    const file = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    const downward = (entries: Readonly<Record<string, string>>): string =>
      Object.entries(entries)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}\n`)
        .join("");
    file("var/run/secrets/tokens/istio-token", await proxyToken(this.#props.api, object));
    file("var/run/secrets/istio/root-cert.pem", await rootCertificate(this.#props.api, namespace));
    file("etc/istio/pod/labels", downward(labels));
    file("etc/istio/pod/annotations", downward(annotations));
    mkdirSync(join(folder, "var/lib/istio/envoy"), { recursive: true });
    const template = istioModule("tools/packaging/common/envoy_bootstrap.json");
    copyFileSync(template, join(folder, "var/lib/istio/envoy/envoy_bootstrap_tmpl.json"));
    for (const path of ["etc/istio/proxy", "var/run/secrets/workload-spiffe-uds"]) mkdirSync(join(folder, path), { recursive: true });
    const { status, stderr } = spawnSync("chown", ["--recursive", String(proxyUser), folder], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }

  /** Redirects what goes in and out to Envoy, by the arguments of the init container, or as the CNI plugin does it. */
  #redirect(): void {
    const container = proxyOf(this.object);
    if (container?.args?.includes("router") === true) return;
    const init = this.object.spec.initContainers?.find(({ name }) => name === "istio-init");
    const byPlugin = [
      "istio-iptables",
      "-p15001",
      "-z15006",
      `-u${proxyUser}`,
      "-mREDIRECT",
      "-i*",
      "-x",
      "",
      "-b*",
      "-d15090,15021,15020",
    ];
    const { status, stdout, stderr } = runIn(this.namespace, [programOf(engines.pilotAgent), ...(init?.args ?? byPlugin)]);
    if (status !== 0) throw new Error(`the redirection of ${this.name}: ${stdout}${stderr}`);
  }

  #startProxy(container: Container): Running {
    const { folder, namespace } = this;
    const env = environmentOf(container, this.object, { ip: namespace.address, host: controlAddress });
    const config = {
      ...JSON.parse(env.PROXY_CONFIG ?? "{}"),
      binaryPath: join("/mnt", relative(cacheFolder, programOf(engines.envoy))),
      concurrency: 1,
    };
    const log = join(folder, "proxy.log");
    writeFileSync(log, "");
    chownSync(log, proxyUser, proxyUser);
    const args = [programOf(engines.pilotAgent), ...(container.args ?? []).map((arg) => withVariables(arg, env))];
    return startProgram("proxy", [...namespace.inside({ user: proxyUser }), ...args], {
      cwd: folder,
      env: { ...env, PATH: process.env.PATH, CLOUD_PLATFORM: "none", PROXY_CONFIG: JSON.stringify(config) },
      log,
    });
  }

  async #untilProxyReady(proxy: Running): Promise<void> {
    const wait = [programOf(engines.pilotAgent), "wait", "--timeoutSeconds=1", "--periodMillis=100"];
    await until(
      () => {
        if (!isRunning(proxy)) throw new Error(`the proxy of ${this.name} ended:\n${lastLines(proxy)}`);
        return runIn(this.namespace, wait).status === 0;
      },
      () => `the proxy of ${this.name} is not ready:\n${lastLines(proxy)}`,
    );
  }
}

/** The token with which a sidecar asks for its certificate, bound to its pod. */
async function proxyToken(api: KubernetesApi, { metadata, spec }: PodObject): Promise<string> {
  const path = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${spec.serviceAccountName ?? "default"}/token`;
  const { status } = await api.post<{ status: { token: string } }>(path, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {
      audiences: ["istio-ca"],
      expirationSeconds: 86_400,
      boundObjectRef: { apiVersion: "v1", kind: "Pod", name: metadata.name },
    },
  });
  return status.token;
}

/** The mesh's root certificate, which istiod puts into every namespace. */
async function rootCertificate(api: KubernetesApi, namespace: string): Promise<string> {
  let found = "";
  await until(
    async () => {
      const path = `/api/v1/namespaces/${namespace}/configmaps/istio-ca-root-cert`;
      found = (await api.get<{ data: Record<string, string> }>(path).catch(() => undefined))?.data["root-cert.pem"] ?? "";
      return found !== "";
    },
    () => `istiod has not put its certificate into the namespace ${namespace}`,
    { within: 10_000 },
  );
  return found;
}
