import { isDeepStrictEqual } from "node:util";
import type { Problem } from "../../core/problem";
import { quotedOutput } from "../../hosts/host-error";
import { connectionSecrets } from "./connection-secrets";
import type { ConnectedHost, HostAccess } from "./host-access";
import { type LibvirtMachineInputs, libvirtMachineInputs } from "./libvirt-machine-inputs";
import { createProgram, deleteProgram, readProgram, updateProgram } from "./libvirt-programs";
import { said } from "./machine";
import type {
  CreatedResource,
  ExistingResource,
  FoundResource,
  Properties,
  ResourceDifference,
  ResourceLog,
  ResourceOperations,
} from "./resource-operations";
import { forget, withWayOut } from "./way-out";

/** What only counts at the first boot: a machine that is there does not change with it. */
const firstBoot = ["image", "userData", "metaData", "networkConfig"] as const;

/** A virtual machine on a KVM host, by virsh over SSH. It is its UUID. */
export class LibvirtMachineOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = [...connectionSecrets, ["userData"]];
  readonly #hosts: HostAccess;
  readonly #log: ResourceLog;

  constructor(hosts: HostAccess, log: ResourceLog) {
    this.#hosts = hosts;
    this.#log = log;
  }

  check(inputs: Properties): readonly Problem[] {
    return libvirtMachineInputs("", inputs);
  }

  diff({ state }: ExistingResource, inputs: Properties): ResourceDifference {
    const changed = Object.keys(inputs).filter((input) => !isDeepStrictEqual(state[input], inputs[input]));
    const replaces = changed.filter((input) => input === "name" || input === "folder");
    return { changed: changed.some((input) => !isFirstBoot(input)), replaces };
  }

  async create(_urn: string, properties: Properties): Promise<CreatedResource> {
    const machine = machineIn(properties);
    return this.#on(undefined, machine, async (host) => {
      const input = Buffer.from(machine.userData).toString("base64");
      const uuid = (await said(host, `making ${machine.name}`, createProgram(machine), `${input}\n`)).trim();
      if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid))
        throw new Error(`${host.name}: virsh said something else than the UUID of ${machine.name}: ${quotedOutput(uuid)}`);
      return { id: uuid, state: { ...machine } };
    });
  }

  async read({ urn, id, state }: ExistingResource): Promise<FoundResource> {
    if (state.connection === undefined) throw new Error(`${urn} cannot be imported: how its KVM host is reached is in the program only.`);
    const machine = machineIn(state);
    return this.#on(id, machine, async (host) => {
      const found = foundIn(await said(host, `looking at ${machine.name}`, readProgram(id)));
      if (found === undefined)
        throw new Error(`${host.name}: ${machine.name} (${id}) is not there, or libvirt says something else of it. ${forget(id)}`);
      const seen = { ...machine, ...found };
      return { inputs: seen, state: seen };
    });
  }

  async update({ urn, id, state }: ExistingResource, properties: Properties): Promise<Properties> {
    const [old, machine] = [machineIn(state), machineIn(properties)];
    if (machine.diskGiB < old.diskGiB)
      throw new Error(
        `${machine.name}: its disk has ${old.diskGiB} GiB, and a disk does not shrink to ${machine.diskGiB}. Nothing was changed.`,
      );
    const same = isDeepStrictEqual({ ...machine, connection: old.connection }, { ...old, ...firstBootOf(machine) });
    if (same) return { ...machine };
    return this.#on(id, machine, async (host) => {
      await said(host, `changing ${machine.name}`, updateProgram(machine, id, machine.diskGiB > old.diskGiB));
      this.#log.info(
        urn,
        `${machine.name}: what was changed counts once the machine is shut down and started again; a larger disk at once.`,
      );
      return { ...machine };
    });
  }

  async delete({ id, state }: ExistingResource): Promise<void> {
    const machine = machineIn(state);
    await this.#on(id, machine, (host) => said(host, `deleting ${machine.name}`, deleteProgram(machine, id)));
  }

  async #on<Result>(
    id: string | undefined,
    { connection }: LibvirtMachineInputs,
    work: (host: ConnectedHost) => Promise<Result>,
  ): Promise<Result> {
    return withWayOut(id, () => this.#hosts.use({ commandTimeout: "30m", ...connection }, work));
  }
}

function isFirstBoot(input: string): boolean {
  return firstBoot.some((name) => name === input);
}

function firstBootOf(machine: LibvirtMachineInputs): Partial<LibvirtMachineInputs> {
  return Object.fromEntries(firstBoot.map((input) => [input, machine[input]]));
}

/** The inputs among properties that were checked before. */
function machineIn(properties: Properties): LibvirtMachineInputs {
  const { connection, name, cores, memoryMiB, diskGiB, diskBus, image, folder, network, mac, userData, metaData, networkConfig } =
    properties as unknown as LibvirtMachineInputs;
  return { connection, name, cores, memoryMiB, diskGiB, diskBus, image, folder, network, mac, userData, metaData, networkConfig };
}

/** Cores and memory of a domain; undefined for anything that is not understood. */
function foundIn(text: string): Partial<LibvirtMachineInputs> | undefined {
  const [, name] = /^([a-z0-9][-a-z0-9]{0,62})\n/.exec(text) ?? [];
  const [, unit, memory] = /^ {2}<memory unit='(KiB|MiB|GiB)'>([0-9]{1,12})<\/memory>$/m.exec(text) ?? [];
  const [, cores] = /^ {2}<vcpu(?: [a-z]+='[a-z0-9,-]+')*>([0-9]{1,4})<\/vcpu>$/m.exec(text) ?? [];
  if (name === undefined || memory === undefined || cores === undefined) return undefined;
  const mebibytes = Number(memory) * (unit === "KiB" ? 1 / 1024 : unit === "GiB" ? 1024 : 1);
  return { name, cores: Number(cores), memoryMiB: Math.floor(mebibytes) };
}
