import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tryKernelKey } from "../../../lib/nodes/kernel-keys";
import type { KernelSetting } from "../../../lib/nodes/kernel-setting";
import { temporaryFolder } from "../../support/temporary";
import { programOf } from "../api-server";
import { engines } from "../engines.mts";
import { queuesOf, said } from "../mesh/in-namespace";
import type { Answer } from "../mesh/load.mts";
import { Machine } from "../mesh/machine";
import { type Namespace, type Network, startNetwork } from "../mesh/network";
import { type Running, startProgram, until } from "../processes";
import type { Burst } from "./tuned-or-not-burst.mts";
import { ports, proxyConfiguration, upstreamConfiguration } from "./tuned-or-not-envoy";

/** What the kernel counts of one namespace's listening sockets: `TcpExt` of /proc/net/netstat. */
export type Counters = Readonly<Record<string, number>>;

/** Namespaces with an upstream, a client, a client whose answers get lost, and as many Envoys as there are settings to compare. */
export class Ground {
  static async start(): Promise<Ground> {
    const folder = temporaryFolder("tuned-or-not");
    const hosts = join(folder, "hosts");
    writeFileSync(hosts, "127.0.0.1 localhost\n");
    const ground = new Ground(folder, await startNetwork(hosts, folder));
    try {
      const upstream = await ground.#join("upstream");
      await ground.#startEnvoy("upstream", upstream, upstreamConfiguration());
      ground.#upstream = upstream;
      ground.#client = new Machine("client", await ground.#join("client"), join(folder, "client"));
      ground.#ghost = await ground.#join("ghost");
      return ground;
    } catch (error) {
      await ground.end();
      throw error;
    }
  }

  readonly #folder: string;
  readonly #network: Network;
  #addresses = 10;
  #upstream: Namespace | undefined;
  #client: Machine | undefined;
  #ghost: Namespace | undefined;

  private constructor(folder: string, network: Network) {
    this.#folder = folder;
    this.#network = network;
  }

  /** Starts an Envoy in a namespace of its own, which has these settings and for the rest the kernel's defaults. */
  async envoy(name: string, settings: readonly KernelSetting[]): Promise<TestedEnvoy> {
    if (this.#upstream === undefined || this.#client === undefined || this.#ghost === undefined) throw new Error("the ground is not ready");
    const namespace = await this.#join(name);
    for (const setting of settings) write(namespace, setting);
    const running = await this.#startEnvoy(name, namespace, proxyConfiguration(this.#upstream.address));
    // The ghost's answers go to a link address that nobody has.
    said(namespace, ["ip", "neighbour", "add", this.#ghost.address, "lladdr", "02:00:00:00:00:99", "dev", "eth0", "nud", "permanent"]);
    return new TestedEnvoy(namespace, running, this.#client, this.#ghost);
  }

  async end(): Promise<void> {
    await this.#network.end();
  }

  async #join(name: string): Promise<Namespace> {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    return await this.#network.join(`10.244.2.${this.#addresses++}`, folder);
  }

  async #startEnvoy(name: string, namespace: Namespace, config: unknown): Promise<Running> {
    const args = ["--concurrency", "1", "--use-dynamic-base-id", "--config-yaml", JSON.stringify(config)];
    const running = startProgram("envoy", [...namespace.inside(), programOf(engines.envoy), ...args], { cwd: join(this.#folder, name) });
    await until(
      () => said(namespace, ["ss", "--listening", "--tcp", "--numeric", "--no-header"]).includes(`:${ports.http} `),
      () => `Envoy of ${name} does not listen: ${readFileSync(running.log, "utf8")}`,
    );
    return running;
  }
}

/** An Envoy in a namespace with settings of its own, and who calls it. */
export class TestedEnvoy {
  readonly client: Machine;
  readonly #namespace: Namespace;
  readonly #running: Running;
  readonly #ghost: Namespace;

  constructor(namespace: Namespace, running: Running, client: Machine, ghost: Namespace) {
    this.#namespace = namespace;
    this.#running = running;
    this.client = client;
    this.#ghost = ghost;
  }

  url(path: string): string {
    return `http://${this.#namespace.address}:${ports.http}${path}`;
  }

  /** What a key of the kernel says in its namespace, with one space between words. */
  kernelValue(key: string): string {
    return said(this.#namespace, ["cat", procPath(key)])
      .trim()
      .replaceAll(/\s+/g, " ");
  }

  /** How many connections may wait at each socket that listens on a port. */
  queues(port: number): readonly number[] {
    return queuesOf(this.#namespace, [port]);
  }

  /** How many of its sockets are in a state, as ss names it. */
  sockets(state: "syn-recv" | "time-wait"): number {
    return said(this.#namespace, ["ss", "--tcp", "--numeric", "--no-header", "state", state]).split("\n").length - 1;
  }

  /** What the kernel counted meanwhile. */
  async counting<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly counted: Counters }> {
    const before = countersOf(this.#namespace);
    const result = await work();
    const after = countersOf(this.#namespace);
    return { result, counted: Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)])) };
  }

  /** Opens connections while Envoy is stopped, and lets it go on as soon as all are opened and the time is over. Unit: milliseconds. */
  async burstWhileStopped(burst: Omit<Burst, "address">, stopped: number): Promise<readonly Answer[]> {
    const envoy = childOf(this.#running);
    process.kill(envoy, "SIGSTOP");
    const { opened, attempts } = this.#burst(this.client.namespace, burst);
    try {
      await Promise.all([opened, new Promise((resolve) => setTimeout(resolve, stopped))]);
    } finally {
      process.kill(envoy, "SIGCONT");
    }
    return await attempts;
  }

  /** Opens connections. */
  async burst(burst: Omit<Burst, "address">): Promise<readonly Answer[]> {
    return await this.#burst(this.client.namespace, burst).attempts;
  }

  /** Does something while so many connections stay half open. */
  async whileHalfOpen<Result>(connections: number, work: () => Promise<Result>): Promise<Result> {
    const { child, opened } = this.#burst(this.#ghost, { port: ports.http, connections, patience: 60_000 });
    await opened;
    try {
      return await work();
    } finally {
      const ended = new Promise((resolve) => child.once("close", resolve));
      process.kill(childOf({ child, name: "ghost", log: "" }), "SIGKILL");
      await ended;
    }
  }

  #burst(
    from: Namespace,
    burst: Omit<Burst, "address">,
  ): { readonly child: ChildProcess; readonly opened: Promise<void>; readonly attempts: Promise<readonly Answer[]> } {
    const program = [process.execPath, join(__dirname, "tuned-or-not-burst.mts")];
    const [command = "", ...args] = ["setpriv", "--pdeathsig=KILL", ...from.inside(), ...program];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(JSON.stringify({ ...burst, address: this.#namespace.address }));
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    const opened = new Promise<void>((resolve) => child.stderr.once("data", () => resolve()));
    const attempts = new Promise<readonly Answer[]>((resolve) => {
      child.once("close", () => resolve(text === "" ? [] : (JSON.parse(text) as readonly Answer[])));
    });
    return { child, opened, attempts };
  }
}

/** Whether each namespace has a value of its own. Nothing else is ever written: it would be this machine's. */
export function isOfNamespace({ key }: KernelSetting): boolean {
  return key.startsWith("net.") && tryKernelKey(key)?.scope === "network-namespace";
}

/** What a key says on this machine itself, or undefined where it has none. */
export function machineValue(key: string): string | undefined {
  try {
    return readFileSync(procPath(key), "utf8").trim().replaceAll(/\s+/g, " ");
  } catch {
    return undefined;
  }
}

function write(namespace: Namespace, setting: KernelSetting): void {
  if (!isOfNamespace(setting)) throw new Error(`${setting.key} is not the namespace's own`);
  said(namespace, ["sh", "-c", 'printf %s "$1" > "$2"', "sh", setting.value, procPath(setting.key)]);
}

function procPath(key: string): string {
  return `/proc/sys/${key.replaceAll(".", "/")}`;
}

function countersOf(namespace: Namespace): Counters {
  const [names = "", values = ""] = said(namespace, ["grep", "^TcpExt:", "/proc/net/netstat"]).split("\n");
  const counted = values.split(" ");
  return Object.fromEntries(names.split(" ").map((name, index) => [name, Number(counted[index])]));
}

/** The process that nsenter waits for, as this machine counts. */
function childOf({ child }: Running): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  if (children === "") throw new Error("the program has ended");
  return Number.parseInt(children, 10);
}
