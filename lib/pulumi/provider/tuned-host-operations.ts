import type { Problem } from "../../core/problem";
import { HostError, type HostErrorReason } from "../../hosts/host-error";
import type { HostFacts } from "../../hosts/host-facts";
import type { HostOutcome } from "../../hosts/host";
import type { ConnectedHost, HostAccess } from "./host-access";
import type { ExistingResource, FoundResource, Properties, ResourceDifference, ResourceLog, ResourceOperations } from "./resource-operations";
import { connectionSecrets, profileOf, type TunedHostInputs, tunedHostInputs } from "./tuned-host-inputs";
import { foundInputs, sameProfile, shownFacts, type TunedHostState, tunedHostDifference } from "./tuned-host-state";

/**
 * Operations of the resource TunedHost.
 *
 * A host is its machine-id: the resource's id. The address, the port, the user and the credentials only say how to get there.
 */
export class TunedHostOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = connectionSecrets;
  readonly #hosts: HostAccess;
  readonly #log: ResourceLog;
  /** Which resource a machine belongs to, as far as this run has seen it in the program. */
  readonly #owners: Map<string, string> = new Map();

  constructor(hosts: HostAccess, log: ResourceLog) {
    this.#hosts = hosts;
    this.#log = log;
  }

  check(inputs: Properties): readonly Problem[] {
    return tunedHostInputs("", inputs);
  }

  diff({ id, urn, state }: ExistingResource, inputs: Properties): ResourceDifference {
    const difference = tunedHostDifference(id, state as Partial<TunedHostState>, inputsFrom(inputs));
    if (difference.replaces.length === 0) this.#owners.set(id, urn);
    return difference;
  }

  async create(urn: string, properties: Properties): Promise<{ readonly id: string; readonly state: Properties }> {
    const inputs = inputsFrom(properties);
    return this.#on(urn, inputs, async (host) => {
      const profile = profileOf(inputs);
      const before = await host.read(profile);
      this.#refuseOtherPin(host, inputs, before);
      refuseOtherPool(host, before, [inputs.pool]);
      this.#claim(host, before.machineId, urn);
      try {
        const outcome = await host.apply(profile);
        this.#report(urn, host, before, outcome);
        return { id: before.machineId, state: { ...inputs, ...shownFacts(outcome.facts) } };
      } catch (error) {
        this.#owners.delete(before.machineId);
        throw error;
      }
    });
  }

  async read({ urn, id, state }: ExistingResource): Promise<FoundResource> {
    if (state.connection === undefined) throw new Error(importRefused(urn));
    const inputs = inputsFrom(state);
    return this.#on(urn, inputs, async (host) => {
      const facts = await host.read(profileOf(inputs));
      refuseOtherMachine(host, { id, urn }, facts);
      refuseOtherPool(host, facts, [inputs.pool]);
      const found = foundInputs(inputs, facts);
      for (const { key, file, line } of facts.overriding) {
        this.#log.warn(urn, `${host.name}: ${file}:${line} sets ${key} too, and wins at the next boot.`);
      }
      return { inputs: { ...found }, state: { ...found, ...shownFacts(facts) } };
    });
  }

  async update({ urn, id, state }: ExistingResource, properties: Properties): Promise<Properties> {
    const old = state as Partial<TunedHostState>;
    const inputs = inputsFrom(properties);
    return this.#on(urn, inputs, async (host) => {
      const profile = profileOf(inputs);
      const before = await host.read(profile);
      refuseOtherMachine(host, { id, urn }, before);
      refuseOtherPool(host, before, [inputs.pool, old.pool]);
      if (sameProfile(old, inputs) && !before.interrupted) return { ...inputs, ...shownFacts(before) };
      const outcome = await host.apply(profile);
      this.#report(urn, host, before, outcome);
      return { ...inputs, ...shownFacts(outcome.facts) };
    });
  }

  async delete({ urn, id, state }: ExistingResource): Promise<void> {
    const inputs = inputsFrom(state);
    const owner = this.#owners.get(id);
    if (owner !== undefined && owner !== urn) {
      this.#log.warn(urn, `the host is left tuned: it now belongs to ${owner}.`);
      return;
    }
    await this.#on(urn, inputs, async (host) => {
      const facts = await host.read(profileOf(inputs));
      refuseOtherMachine(host, { id, urn }, facts);
      refuseOtherPool(host, facts, [inputs.pool]);
      if (facts.applied === undefined && !facts.interrupted) {
        this.#log.info(urn, `${host.name}: there was nothing to put back.`);
        return;
      }
      await host.restore();
      this.#log.info(urn, `${host.name}: the earlier files and values are back.`);
    });
    this.#owners.delete(id);
  }

  async #on<Result>(urn: string, { connection }: TunedHostInputs, work: (host: ConnectedHost) => Promise<Result>): Promise<Result> {
    try {
      return await this.#hosts.use(connection, work);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      throw new Error(`${error.message}${wayOut(error.reason, urn)}`, { cause: error });
    }
  }

  #refuseOtherPin(host: ConnectedHost, { machineId }: TunedHostInputs, facts: HostFacts): void {
    if (machineId === undefined || machineId === facts.machineId) return;
    throw new Error(
      `${host.name}: the machine there has the machine-id ${facts.machineId}, the program pins ${machineId}. Nothing was changed. Check the address, or correct the pin.`,
    );
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
    if (recovered) this.#log.warn(urn, `${host.name}: an earlier run had been cut off; what it had changed was put back first.`);
    if (!changed) this.#log.info(urn, `${host.name}: had the whole profile already${before.applied === undefined ? "" : ", applied by an earlier run"}.`);
    else this.#log.info(urn, `${host.name}: ${plan.changes.length} change(s) applied and read back.`);
  }
}

/** Checked before the engine calls anything but `check`. */
function inputsFrom(properties: Properties): TunedHostInputs {
  const { connection, pool, kernel, files, modules, hashSize, machineId } = properties as unknown as TunedHostInputs;
  return {
    connection,
    pool,
    ...(kernel !== undefined && { kernel }),
    ...(files !== undefined && { files }),
    ...(modules !== undefined && { modules }),
    ...(hashSize !== undefined && { hashSize }),
    ...(machineId !== undefined && { machineId }),
  };
}

function refuseOtherMachine(host: ConnectedHost, { id, urn }: Pick<ExistingResource, "id" | "urn">, facts: HostFacts): void {
  if (facts.machineId === id) return;
  throw new Error(
    `${host.name}: the machine there has the machine-id ${facts.machineId}, this resource is the machine ${id}: it was installed anew, or the address leads to another machine. Nothing was changed.${forget(urn)}`,
  );
}

function refuseOtherPool(host: ConnectedHost, { applied }: HostFacts, pools: readonly (string | undefined)[]): void {
  if (applied === undefined || pools.includes(applied.pool)) return;
  throw new Error(
    `${host.name}: it is tuned for the pool ${JSON.stringify(applied.pool)}, not for ${JSON.stringify(pools[0])}: another program or stack looks after it. Nothing was changed. Take it out there first, which puts back its earlier files and values.`,
  );
}

const unseen: readonly HostErrorReason[] = ["unreachable", "authentication", "sudo", "timeout", "cut-off"];

/** What to do when the host itself cannot be asked. */
function wayOut(reason: HostErrorReason, urn: string): string {
  if (unseen.includes(reason)) return `\nA host that does not answer is not taken for gone.${forget(urn)}`;
  if (reason !== "host-key") return "";
  return `\nIf the key was changed on purpose, take the new one from the machine itself (its console, not the network), set connection.hostKey to it, and run pulumi up without --refresh.`;
}

function forget(urn: string): string {
  return ` If the machine is gone for good, forget it: pulumi state delete '${urn}'`;
}

function importRefused(urn: string): string {
  return `${urn} cannot be imported: its connection is in the program only. Leave out the import option: creating a host that has the profile already changes nothing on it.`;
}
