import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { ApiServer } from "../api-server";
import { programOf } from "../api-server";
import { cacheFolder, engines } from "../engines.mts";
import { istioModule } from "../istio-module";
import { endPrograms, isRunning, lastLines, type Running, startProgram, until } from "../processes";
import type { Answer, Load } from "./load.mts";
import { controlAddress, type Namespace } from "./network";
import {
  applicationPorts,
  type Container,
  containersOf,
  environmentOf,
  type PodObject,
  proxyOf,
  secondsBeforeStop,
  withVariables,
} from "./pod-object";

/** User that sidecars run as: what it sends is not redirected. */
const proxyUser = 1337;

/** A line of an application's log. */
export interface Received {
  readonly at: number;
  readonly id?: string;
  readonly method: string;
  readonly url: string;
  readonly host: string;
}

/** A namespace in the pods' network that sends requests: a pod, or a machine outside the mesh. */
export class Sender {
  readonly namespace: Namespace;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  /** Sends requests, and tells when they are answered. */
  async send(load: Load & { readonly requests: number }): Promise<readonly Answer[]> {
    return await this.keepSending(load).answers;
  }

  /** Sends requests until it is told to stop. */
  keepSending(load: Load): { readonly answers: Promise<readonly Answer[]>; readonly stop: () => Promise<readonly Answer[]> } {
    const program = join(__dirname, "load.mts");
    const [command = "", ...args] = ["setpriv", "--pdeathsig=KILL", ...this.namespace.inside(), process.execPath, program];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let [said, complained] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (complained += chunk));
    child.stdin.write(`${JSON.stringify(load)}\n`);
    const answers = new Promise<readonly Answer[]>((resolve, reject) => {
      child.once("close", (status) => (status === 0 ? resolve(JSON.parse(said)) : reject(new Error(`the load: ${complained}`))));
    });
    return { answers, stop: () => (child.stdin.end(), answers) };
  }
}

/** What a pod is made of. */
export interface PodProps {
  readonly server: ApiServer;
  readonly namespace: Namespace;
  readonly folder: string;
  /** As the API server has it, the sidecar injected. */
  readonly object: PodObject;
  /** Ports on which the application listens beside those of its container. */
  readonly ports: readonly number[];
}

/**
 * A pod without a kubelet: a network namespace with Istio's redirection, pilot-agent and Envoy as the injected container asks for them, and our
 * application in place of the image.
 */
export class Pod extends Sender {
  readonly object: PodObject;
  readonly #props: PodProps;
  #proxy: Running | undefined;
  #application: Running | undefined;

  constructor(props: PodProps) {
    super(props.namespace);
    this.object = props.object;
    this.#props = props;
  }

  get name(): string {
    return this.object.metadata.name;
  }

  /** Starts what is in the pod: the proxy first, the application once the proxy is ready. */
  async start(): Promise<void> {
    const { namespace } = this.#props;
    const container = proxyOf(this.object);
    if (container !== undefined) {
      this.#makeProxyFolder();
      this.#redirect();
      this.#proxy = this.#startProxy(container);
      await this.#untilReady(this.#proxy);
    }
    if (containersOf(this.object).every((other) => other === container)) return;
    const ports = [...applicationPorts(this.object), ...this.#props.ports];
    writeFileSync(this.#requestLog, "", { mode: 0o666 });
    chmodSync(this.#requestLog, 0o666);
    const program = join(__dirname, "application.mts");
    const command = [process.execPath, program, this.name, this.#requestLog, ...ports.map(String)];
    this.#application = startProgram("application", [...namespace.inside(), ...command], { cwd: this.#props.folder });
    const listens = `ss --listening --tcp --numeric --no-header | grep -q :${ports[0]}`;
    await until(
      () => this.#run(["sh", "-c", listens]).status === 0,
      () => `the application of ${this.name} does not listen`,
    );
  }

  /** Stops the pod as a kubelet does: pauses before the stop, then the application, then the sidecar. */
  async stop(): Promise<void> {
    const pauses = containersOf(this.object).map(secondsBeforeStop);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ...pauses) * 1_000));
    for (const running of [this.#application, this.#proxy]) {
      if (running === undefined || !isRunning(running)) continue;
      const ended = new Promise((resolve) => running.child.once("exit", resolve));
      process.kill(childOf(running), "SIGTERM");
      await ended;
    }
    await this.namespace.end();
  }

  /** Ends everything in the pod at once, as when a node loses its power. */
  async kill(): Promise<void> {
    await this.namespace.end();
  }

  /** Kills the application and leaves the sidecar. */
  async killApplication(): Promise<void> {
    if (this.#application !== undefined) await endPrograms([this.#application], 0);
  }

  /** What the application got. */
  received(): readonly Received[] {
    return readFileSync(this.#requestLog, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Received);
  }

  /** What Envoy's administration answers: `stats`, `config_dump`, `memory` … */
  envoy(path: string): string {
    const { status, stdout, stderr } = this.#run([programOf(engines.pilotAgent), "request", "GET", path]);
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

  #run(command: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    const [program = "", ...args] = [...this.namespace.inside(), ...command];
    return spawnSync(program, args, { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  }

  get #requestLog(): string {
    return join(this.#props.folder, "requests.log");
  }

  #makeProxyFolder(): void {
    const { server, folder, object } = this.#props;
    const { name, namespace, labels = {}, annotations = {} } = object.metadata;
    const token = ["create", "token", object.spec.serviceAccountName ?? "default", "--namespace", namespace];
    const bound = ["--audience=istio-ca", "--duration=24h", "--bound-object-kind=Pod", `--bound-object-name=${name}`];
    const file = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    const downward = (entries: Readonly<Record<string, string>>): string =>
      Object.entries(entries)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}\n`)
        .join("");
    file("var/run/secrets/tokens/istio-token", server.kubectlWith("", ...token, ...bound).trim());
    file("var/run/secrets/istio/root-cert.pem", rootCertificate(server, namespace));
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
    const { status, stdout, stderr } = this.#run([programOf(engines.pilotAgent), ...(init?.args ?? byPlugin)]);
    if (status !== 0) throw new Error(`the redirection of ${this.name}: ${stdout}${stderr}`);
  }

  #startProxy(container: Container): Running {
    const { folder, namespace } = this.#props;
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

  async #untilReady(proxy: Running): Promise<void> {
    const wait = [programOf(engines.pilotAgent), "wait", "--timeoutSeconds=1", "--periodMillis=100"];
    await until(
      () => {
        if (!isRunning(proxy)) throw new Error(`the proxy of ${this.name} ended:\n${lastLines(proxy)}`);
        return this.#run(wait).status === 0;
      },
      () => `the proxy of ${this.name} is not ready:\n${lastLines(proxy)}`,
    );
  }
}

/** The process that nsenter waits for, as this machine counts. */
function childOf({ child, name }: Running): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  if (children === "") throw new Error(`${name} has ended`);
  return Number.parseInt(children, 10);
}

/** The mesh's root certificate, which istiod puts into every namespace. */
function rootCertificate(server: ApiServer, namespace: string): string {
  const { stdout } = server.kubectl(
    "get",
    "configmap",
    "istio-ca-root-cert",
    "--namespace",
    namespace,
    "--output=jsonpath={.data.root-cert\\.pem}",
  );
  if (stdout === "") throw new Error(`istiod has not put its certificate into the namespace ${namespace}`);
  return stdout;
}
