import { all, type CustomResourceOptions, type Output, type Resource, secret } from "@pulumi/pulumi";
import { artefacts } from "../core/artefact";
import type { TunedNodePool } from "../nodes/tuned-node-pool";
import { BootedMachine } from "./booted-machine";
import { HostKeyPair } from "./host-key-pair";
import type { Machine, MachineOrder } from "./machine-driver";
import { machineUserData } from "./machine-user-data";
import { predecessors } from "./roll-out";
import type { PlannedPool, StackPlan } from "./stack-plan";
import { TunedHost, tunedHostProfile } from "./tuned-host";

/** A machine of the stack, as far as its stages go. */
export interface StackMachine {
  readonly name: string;
  readonly pool: TunedNodePool;
  readonly machine: Machine;
  /** Undefined without the stage "hosts". */
  readonly host: TunedHost | undefined;
  /** What has to be done before anything that stands on the machine. */
  readonly done: readonly Resource[];
}

/** Finds or makes the machines of every pool, and tunes them. */
export function machineStages(plan: StackPlan, parent: Resource): readonly StackMachine[] {
  return plan.pools.flatMap((planned) => poolMachines(plan, planned, parent));
}

/**
 * The first machine goes alone. The others wait for it, and each for the one that stands before it by as many as may be worked on at once: so
 * when one fails, what waits for it is never begun.
 */
function poolMachines(plan: StackPlan, planned: PlannedPool, parent: Resource): readonly StackMachine[] {
  const { driver, request, names, pool } = planned;
  const make = driver.begin(request, { parent });
  const done: StackMachine[] = [];
  for (const [index, name] of names.entries()) {
    const before = (atATime: number): readonly Resource[] => predecessors(index, atATime).flatMap((other) => done[other]?.done ?? []);
    const machine = make(machineOrder(plan, planned, name, { parent, dependsOn: before(1) }));
    const ready = driver.makesMachines ? [bootedMachine(plan, name, machine, parent)] : (machine.resources ?? []);
    const options = { parent, dependsOn: [...ready, ...before(plan.atATime)], ...together(machine) };
    const host = plan.stages.has("hosts") ? tunedHost(`${plan.stack}/${name}`, pool, machine, options) : undefined;
    done.push({ name, pool, machine, host, done: host === undefined ? ready : [host] });
  }
  return done;
}

function tunedHost(name: string, pool: TunedNodePool, { connection }: Machine, options: CustomResourceOptions): TunedHost {
  const qualify = pool.requirements;
  return new TunedHost(name, { connection, ...tunedHostProfile(pool), ...(qualify !== undefined && { qualify }) }, options);
}

/** What stands on a machine that is made goes with it: nothing is put back on a machine that is deleted, and a new machine is a new host. */
export function together({ resources = [] }: Machine): CustomResourceOptions {
  const [machine] = resources;
  return machine === undefined ? {} : { deletedWith: machine, replaceWith: [machine] };
}

function bootedMachine({ stack }: StackPlan, name: string, machine: Machine, parent: Resource): BootedMachine {
  const options = { parent, dependsOn: [...(machine.resources ?? [])], ...together(machine) };
  const { connection, restartsWith } = machine;
  const args = { connection, ...(restartsWith !== undefined && { restartsWith }) };
  return new BootedMachine(`${stack}/${name}/booted`, args, options);
}

function machineOrder(plan: StackPlan, { driver, pool }: PlannedPool, name: string, options: MachineOrder["options"]): MachineOrder {
  if (!driver.makesMachines) return { name, options };
  const { parent } = options;
  const pair = new HostKeyPair(`${plan.stack}/${name}/host-key`, { comment: name }, { parent });
  return { name, userData: userDataWith(pair, poolUserData(pool)), hostKey: pair.publicKey, options };
}

function userDataWith({ privateKey, publicKey }: HostKeyPair, pool: string): Output<string> {
  return secret(all([privateKey, publicKey]).apply(([own, shown]) => machineUserData(pool, { privateKey: own, publicKey: shown })));
}

function poolUserData(pool: PlannedPool["pool"]): string {
  const path = `nodes/${pool.poolName}/cloud-init/user-data`;
  return artefacts(pool).find((artefact) => artefact.path === path)?.content ?? "#cloud-config\n";
}
