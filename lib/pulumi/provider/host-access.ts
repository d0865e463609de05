import type { Host } from "../../hosts/host";
import type { HostConnection } from "../../hosts/host-connection";

/** What the provider does with a host. */
export type ConnectedHost = Pick<Host, "name" | "read" | "apply" | "restore" | "run" | "close">;

/** Connects to a host. */
export type ConnectHost = (connection: HostConnection) => Promise<ConnectedHost>;

/** Connections of the provider: one for each operation, at most so many at once, none after a cancel. */
export class HostAccess {
  readonly #connect: ConnectHost;
  readonly #open: Set<ConnectedHost> = new Set();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #cancelled = false;

  constructor(connect: ConnectHost, atMost: number) {
    this.#connect = connect;
    this.#free = atMost;
  }

  /** Connects, works, and closes whatever happens. */
  async use<Result>(connection: HostConnection, work: (host: ConnectedHost) => Promise<Result>): Promise<Result> {
    await this.#turn();
    try {
      return await this.#connected(connection, work);
    } finally {
      this.#next();
    }
  }

  /** Closes every connection and lets no new one be made: what was begun on a host comes to its own end there. */
  async cancel(): Promise<void> {
    this.#cancelled = true;
    await Promise.allSettled([...this.#open].map((host) => host.close()));
  }

  async #connected<Result>(connection: HostConnection, work: (host: ConnectedHost) => Promise<Result>): Promise<Result> {
    this.#refuseWhenCancelled();
    const host = await this.#connect(connection);
    this.#open.add(host);
    try {
      this.#refuseWhenCancelled();
      return await work(host);
    } finally {
      this.#open.delete(host);
      await host.close();
    }
  }

  #refuseWhenCancelled(): void {
    if (this.#cancelled) throw new Error("cancelled before anything was done on the host.");
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
