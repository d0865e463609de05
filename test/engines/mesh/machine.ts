import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endPrograms, type Running, startProgram, until } from "../processes";
import { queuesOf } from "./in-namespace";
import type { Answer, Load } from "./load.mts";
import type { Namespace } from "./network";

/** A line of an application's log. */
export interface Received {
  readonly at: number;
  readonly id?: string;
  readonly method: string;
  readonly url: string;
  readonly host: string;
  /** Who the server's sidecar says that the caller is. Undefined for plaintext. */
  readonly certificate?: string;
}

/** A namespace in the pods' network that sends and answers requests: a pod, or a machine outside the mesh. */
export class Machine {
  readonly name: string;
  readonly namespace: Namespace;
  readonly folder: string;
  #application: Running | undefined;

  /** The folder is the namespace's /srv. */
  constructor(name: string, namespace: Namespace, folder: string) {
    this.name = name;
    this.namespace = namespace;
    this.folder = folder;
  }

  /** Starts our application on ports. It listens when this returns. */
  async serve(ports: readonly number[]): Promise<void> {
    this.startApplication(ports);
    await until(
      () => ports.every((port) => this.listensOn(port)),
      () => `the application of ${this.name} does not listen`,
    );
  }

  /** Starts our application, which listens on ports after a while (unit: milliseconds), and misbehaves if its image says so. */
  startApplication(ports: readonly number[], after: number = 0, image: string = ""): void {
    writeFileSync(this.#requestLog, "");
    const how = [String(after), image, ...ports.map(String)];
    const command = [process.execPath, join(__dirname, "application.mts"), this.name, this.#requestLog, ...how];
    this.#application = startProgram("application", [...this.namespace.inside(), ...command], { cwd: this.folder });
  }

  /** Asks the application to end, as a kubelet does, and waits for it. */
  async stopApplication(): Promise<void> {
    if (this.#application !== undefined) await endPrograms([this.#application], 60_000);
  }

  /** Whether somebody listens on a port. */
  listensOn(port: number): boolean {
    return queuesOf(this.namespace, [port]).length > 0;
  }

  /** What the application got. */
  received(): readonly Received[] {
    return readFileSync(this.#requestLog, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Received);
  }

  get #requestLog(): string {
    return join(this.folder, "requests.log");
  }

  /** Sends requests, and tells when they are answered. */
  async send(load: Load & { readonly requests: number }): Promise<readonly Answer[]> {
    return await this.#startSending(load).answers;
  }

  /** Sends requests as long as something else takes. */
  async sendWhile(loads: readonly Load[], during: () => Promise<void>): Promise<readonly Answer[]> {
    const senders = loads.map((load) => this.#startSending(load));
    const stopped = (): Promise<(readonly Answer[])[]> => Promise.all(senders.map(({ stop }) => stop()));
    await during().catch(async (error) => {
      await stopped();
      throw error;
    });
    return (await stopped()).flat();
  }

  #startSending(load: Load): { readonly answers: Promise<readonly Answer[]>; readonly stop: () => Promise<readonly Answer[]> } {
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
    const stop = (): Promise<readonly Answer[]> => {
      child.stdin.end();
      return answers;
    };
    return { answers, stop };
  }
}
