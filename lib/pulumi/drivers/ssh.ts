import { isRecord } from "../../core/check";
import { join, type Problem, problem } from "../../core/problem";
import type { HostConnectionArgs } from "../host-connection-args";
import { type MachineDriver, numberedNames } from "../machine-driver";
import { connectionProblems } from "./connection-problems";

/** A server that exists. */
export type SshServer = HostConnectionArgs & {
  /**
   * Name of the machine, an RFC 1123 label. It is the identity of what is done on the server: name the servers if one of them may leave the
   * list, because without names those behind it would move up, and be refused as other machines than they were.
   *
   * @default - the pool's name and the server's number: `oslo-1`
   */
  readonly name?: string;
};

/**
 * Machines that exist: any vendor's, reached by SSH alone.
 *
 * @example
 * ```ts
 * import { ssh } from "meshground/pulumi";
 *
 * const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * export const machines = { oslo: ssh([{ name: "oslo-1", address: "10.0.0.11", user: "ops", hostKey }]) };
 * ```
 */
export function ssh(servers: readonly SshServer[]): MachineDriver {
  const list = Array.isArray(servers) ? (servers as readonly SshServer[]) : [];
  return {
    makesMachines: false,
    names: (pool) => {
      const numbered = numberedNames({ ...pool, nodes: { ...pool.nodes, count: list.length } });
      return list.map((server, index) => server?.name ?? numbered[index] ?? "");
    },
    problems: () => (Array.isArray(servers) ? list.flatMap(serverProblems) : [problem("", servers, "a list of servers")]),
    begin: (pool) => {
      const names = ssh(list).names(pool);
      return ({ name }) => ({ connection: connectionOf(list[names.indexOf(name)] as SshServer) });
    },
  };
}

function connectionOf({ name: _, ...connection }: SshServer): HostConnectionArgs {
  return connection;
}

function serverProblems(server: SshServer, index: number): readonly Problem[] {
  const path = join("", index);
  return isRecord(server) ? connectionProblems(path, connectionOf(server)) : [problem(path, server, "a server: { address, hostKey }")];
}
