import { Host } from "../../hosts/host";
import type { HostConnection } from "../../hosts/host-connection";

/** The connections of one run of the command. */
export class Connections {
  readonly #open: Set<Host> = new Set();

  /** Runs work with connections, and closes those that it made, whatever happens. */
  static async during<Result>(work: (connections: Connections) => Promise<Result>): Promise<Result> {
    const connections = new Connections();
    try {
      return await work(connections);
    } finally {
      await connections.close();
    }
  }

  /** Connects and logs in. @throws HostError */
  async open(connection: HostConnection): Promise<Host> {
    const host = await Host.connect(connection);
    this.#open.add(host);
    return host;
  }

  /** Closes all of them. What is under way on a host comes to its own end there. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((host) => host.close()));
    this.#open.clear();
  }
}
