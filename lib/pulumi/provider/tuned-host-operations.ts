import { isDeepStrictEqual } from "node:util";
import type { Problem } from "../../core/problem";
import type { HostOutcome } from "../../hosts/host";
import type { HostFacts } from "../../hosts/host-facts";
import { nothingWanted } from "../../hosts/host-program";
import type { HostRequirements } from "../../nodes/qualification-limits";
import { connectionSecrets } from "./connection-secrets";
import type { ConnectedHost, HostAccess } from "./host-access";
import { refuseOtherMachine } from "./machine";
import type {
  CreatedResource,
  ExistingResource,
  FoundResource,
  Properties,
  ResourceDifference,
  ResourceLog,
  ResourceOperations,
} from "./resource-operations";
import { lookingProfile, profileOf, type TunedHostInputs, tunedHostInputs, tunedHostInputsIn } from "./tuned-host-inputs";
import { foundInputs, shownFacts, type TunedHostState, tunedHostDifference } from "./tuned-host-state";
import { withWayOut } from "./way-out";

/** Measures a host, and returns what was measured as a table. Rejects with that table when the host does not measure up. */
export type QualifyHost = (host: ConnectedHost, requirements: HostRequirements) => Promise<string>;

/** What the operations need of the world. */
export interface TunedHostWorld {
  readonly hosts: HostAccess;
  readonly qualify: QualifyHost;
  readonly log: ResourceLog;
}

/**
 * Operations of the resource TunedHost.
 *
 * A host is its machine-id: the resource's id. The address, the port, the user and the credentials only say how to get there.
 */
export class TunedHostOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = connectionSecrets;
  readonly #world: TunedHostWorld;
  /** Which resource a machine belongs to, as far as this run has seen it in the program. */
  readonly #owners: Map<string, string> = new Map();

  constructor(world: TunedHostWorld) {
    this.#world = world;
  }

  check(inputs: Properties): readonly Problem[] {
    return tunedHostInputs("", inputs);
  }

  diff({ id, urn, state }: ExistingResource, inputs: Properties): ResourceDifference {
    const difference = tunedHostDifference(id, state, tunedHostInputsIn(inputs));
    if (difference.replaces.length === 0) this.#owners.set(id, urn);
    return difference;
  }

  async create(urn: string, properties: Properties): Promise<CreatedResource> {
    const inputs = tunedHostInputsIn(properties);
    return this.#on(undefined, inputs, async (host) => {
      const before = await host.read(profileOf(inputs));
      refuseOtherPin(host, inputs, before);
      refuseOtherPool(host, before, [inputs.pool]);
      this.#claim(host, before.machineId, urn);
      try {
        return { id: before.machineId, state: await this.#tune(urn, host, { before, inputs }) };
      } catch (error) {
        this.#owners.delete(before.machineId);
        throw error;
      }
    });
  }

  async read({ urn, id, state }: ExistingResource): Promise<FoundResource> {
    if (state.connection === undefined) throw new Error(importRefused(urn));
    const inputs = tunedHostInputsIn(state);
    return this.#on(id, inputs, async (host) => {
      const facts = await host.read(lookingProfile(inputs));
      refuseOtherMachine(host, { id }, facts.machineId);
      refuseOtherPool(host, facts, [inputs.pool]);
      for (const { key, file, line } of facts.overriding) {
        this.#world.log.warn(urn, `${host.name}: ${file}:${line} sets ${key} too, and wins at the next boot.`);
      }
      const found = foundInputs(inputs, facts);
      return { inputs: { ...found }, state: { ...found, ...shownFacts(facts), qualification: state.qualification } };
    });
  }

  async update({ urn, id, state }: ExistingResource, properties: Properties): Promise<Properties> {
    const old: Partial<TunedHostState> = state;
    const inputs = tunedHostInputsIn(properties);
    return this.#on(id, inputs, async (host) => {
      const before = await host.read(profileOf(inputs));
      refuseOtherMachine(host, { id }, before.machineId);
      refuseOtherPool(host, before, [inputs.pool, old.pool]);
      return this.#tune(urn, host, { before, inputs, old });
    });
  }

  async delete({ urn, id, state }: ExistingResource): Promise<void> {
    const inputs = tunedHostInputsIn(state);
    const owner = this.#owners.get(id);
    if (owner !== undefined && owner !== urn) {
      this.#world.log.warn(urn, `the host is left tuned: it now belongs to ${owner}.`);
      return;
    }
    await this.#on(id, inputs, async (host) => {
      const facts = await host.read(nothingWanted);
      refuseOtherMachine(host, { id }, facts.machineId);
      refuseOtherPool(host, facts, [inputs.pool]);
      const nothing = facts.applied === undefined && !facts.interrupted;
      if (!nothing) await host.restore();
      this.#world.log.info(urn, `${host.name}: ${nothing ? "there was nothing to put back." : "the earlier files and values are back."}`);
    });
    this.#owners.delete(id);
  }

  async #on<Result>(
    id: string | undefined,
    { connection }: TunedHostInputs,
    work: (host: ConnectedHost) => Promise<Result>,
  ): Promise<Result> {
    return withWayOut(id, () => this.#world.hosts.use(connection, work));
  }

  /** Measures where that is asked for and was not done for the same requirements, then applies. What has the whole profile is not written to. */
  async #tune(urn: string, host: ConnectedHost, { before, inputs, old = {} }: Tuning): Promise<Properties> {
    const qualification = await this.#measured(host, inputs, old);
    const outcome = await host.apply(profileOf(inputs));
    this.#report(urn, host, before, outcome);
    return { ...inputs, ...shownFacts(outcome.facts), ...(qualification !== undefined && { qualification }) };
  }

  async #measured(host: ConnectedHost, { qualify }: TunedHostInputs, old: Partial<TunedHostState>): Promise<string | undefined> {
    if (qualify === undefined) return undefined;
    if (old.qualification !== undefined && isDeepStrictEqual(old.qualify, qualify)) return old.qualification;
    return this.#world.qualify(host, qualify);
  }

  /** Two resources of one machine would each undo what the other did. */
  #claim(host: ConnectedHost, machineId: string, urn: string): void {
    const owner = this.#owners.get(machineId);
    if (owner !== undefined && owner !== urn) {
      throw new Error(
        `${host.name}: its machine-id ${machineId} is that of ${owner} already. Nothing was changed. Leave one of the two resources out, or, if these are two machines made from one image, give each a machine-id of its own: rm /etc/machine-id && systemd-machine-id-setup.`,
      );
    }
    this.#owners.set(machineId, urn);
  }

  #report(urn: string, host: ConnectedHost, before: HostFacts, { changed, recovered, plan }: HostOutcome): void {
    const { log } = this.#world;
    if (recovered) log.warn(urn, `${host.name}: an earlier run had been cut off; what it had changed was put back first.`);
    if (changed) log.info(urn, `${host.name}: ${plan.changes.length} change(s) applied and read back.`);
    else log.info(urn, `${host.name}: had the whole profile already${before.applied === undefined ? "" : ", applied by an earlier run"}.`);
  }
}

/** What a host is to become, and what it was. */
interface Tuning {
  readonly before: HostFacts;
  readonly inputs: TunedHostInputs;
  readonly old?: Partial<TunedHostState>;
}

function refuseOtherPin(host: ConnectedHost, { machineId }: TunedHostInputs, facts: HostFacts): void {
  if (machineId === undefined || machineId === facts.machineId) return;
  throw new Error(
    `${host.name}: the machine there has the machine-id ${facts.machineId}, the program pins ${machineId}. Nothing was changed. Check the address, or correct the pin.`,
  );
}

function refuseOtherPool(host: ConnectedHost, { applied }: HostFacts, pools: readonly (string | undefined)[]): void {
  if (applied === undefined || pools.includes(applied.pool)) return;
  throw new Error(
    `${host.name}: it is tuned for the pool ${JSON.stringify(applied.pool)}, not for ${JSON.stringify(pools[0])}: another program or stack looks after it. Nothing was changed. Take it out there first, which puts back its earlier files and values.`,
  );
}

function importRefused(urn: string): string {
  return `${urn} cannot be imported: its connection is in the program only. Leave out the import option: creating a host that has the profile already changes nothing on it.`;
}
