import type { Input, Output, Resource } from "@pulumi/pulumi";
import type { Problem } from "../core/problem";
import type { NodeShape } from "../nodes/pool-props";
import type { HostConnectionArgs } from "./host-connection-args";

/** The pool that a driver is asked to find or make machines for. */
export interface MachinePool {
  /** Name of the {@link MeshStack}: the first part of every resource's name. */
  readonly stack: string;
  /** Name of the pool. */
  readonly name: string;
  /** What the machines are to be. */
  readonly nodes: NodeShape;
}

/** What every resource of a driver is made with. */
export interface DriverOptions {
  /** The stack: parent of every resource. */
  readonly parent: Resource;
}

/** One machine that is asked for. */
export interface MachineOrder {
  /** Its name, one of those that the driver gave. */
  readonly name: string;
  /**
   * User data for cloud-init: the pool's kernel profile, and the machine's host key. A secret.
   *
   * @default - none, for servers that exist
   */
  readonly userData?: Output<string>;
  /**
   * Public part of the host key that the user data gives to the machine: `ssh-ed25519 AAAA…`.
   *
   * @default - none, for servers that exist
   */
  readonly hostKey?: Output<string>;
  /** What a resource that stands for the machine is made with: it waits for the machines that go before this one. */
  readonly options: DriverOptions & { readonly dependsOn: readonly Resource[] };
}

/** A machine that can be reached, or will be. */
export interface Machine {
  /** How it is reached and trusted. */
  readonly connection: Input<HostConnectionArgs>;
  /**
   * The resources that make it, for whatever must not begin before them.
   *
   * @default - none
   */
  readonly resources?: readonly Resource[];
  /**
   * Address at which the other machines of the stack reach it, where that is not the address of its default route: nodes of a cluster speak to each
   * other there.
   *
   * @default - the address of its default route
   */
  readonly privateAddress?: Input<string>;
  /**
   * Text that changes with whatever restarts the machine, such as its size: what waits for the machine then waits until it has booted again.
   *
   * @default - no change of it restarts it
   */
  readonly restartsWith?: Input<string>;
}

/**
 * Where the machines of a pool come from: servers that exist, a vendor's API, KVM hosts of one's own.
 *
 * It is a plain object, so anybody can write one. `names` and `problems` are pure and are asked first, of every pool; only when nothing is
 * wrong anywhere is `begin` called, once a pool, and what it returns once a machine, in the order of the names.
 *
 * @example
 * ```ts
 * import type { MachineDriver } from "meshground/pulumi";
 *
 * const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * export const rack: MachineDriver = {
 *   makesMachines: false,
 *   names: ({ name, nodes }) => Array.from({ length: nodes.count }, (_, index) => `${name}-${index + 1}`),
 *   problems: () => [],
 *   begin: () => ({ name }) => ({ connection: { address: `${name}.rack.example.no`, hostKey } }),
 * };
 * ```
 */
export interface MachineDriver {
  /** Whether it makes machines. Those get a host key and user data; servers that exist keep what they have. */
  readonly makesMachines: boolean;
  /** Name of each machine, an RFC 1123 label. It is the identity of everything on the machine: a machine that goes away must not rename others. */
  names(pool: MachinePool): readonly string[];
  /** What is wrong with the driver's own props, for a pool. Paths begin at the driver. */
  problems(pool: MachinePool): readonly Problem[];
  /** Makes what the pool's machines share. */
  begin(pool: MachinePool, options: DriverOptions): MachineMaker;
}

/** Makes or names one machine. */
export type MachineMaker = (order: MachineOrder) => Machine;

/** `oslo-1`, `oslo-2`, … */
export function numberedNames({ name, nodes }: MachinePool): readonly string[] {
  return Array.from({ length: nodes.count }, (_, index) => `${name}-${index + 1}`);
}
