import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { readCarefully } from "../../checks/read/careful-reader";
import { didYouMean } from "../../core/check";
import { join, type Problem } from "../../core/problem";
import { type HostConnection, hostConnection, type JumpHost } from "../../hosts/host-connection";
import { reason } from "../source-files";
import { refuseUsage, UsageError } from "../usage-error";
import { type Inventory, type InventoryHost, inventory } from "./inventory";

/** A host of an inventory, and how to get there. */
export interface NamedHost {
  readonly name: string;
  /** Name of its pool in the tree. */
  readonly pool: string;
  readonly connection: HostConnection;
}

/** Which hosts are meant. */
export interface HostChoice {
  /** File of the inventory. */
  readonly inventory: string;
  /** Names of hosts. Empty: all. */
  readonly host: readonly string[];
  /** Names of pools. Empty: all. */
  readonly pool: readonly string[];
}

/** The environment, for what an inventory leaves to it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The hosts that are meant, in the order of the inventory.
 *
 * @throws UsageError naming everything that is wrong with the inventory, or with what was asked for of it.
 */
export function namedHosts(choice: HostChoice, environment: Environment): readonly NamedHost[] {
  const { inventory: file } = choice;
  const { defaults = {}, hosts } = inventoryIn(file);
  const all = Object.entries(hosts).map(([name, own]) => ({ name, ...defaults, ...own }));
  refuseUsage([
    ...choice.host.flatMap((name) => unknown("--host", name, Object.keys(hosts))),
    ...choice.pool.flatMap((name) => unknown("--pool", name, new Set(all.flatMap(({ pool = "" }) => pool)))),
  ]);
  const wanted = all.filter(({ name, pool = "" }) => isAmong(choice.host, name) && isAmong(choice.pool, pool));
  if (wanted.length === 0) throw new UsageError([`--host, --pool: no host of ${file} is in both.`]);
  const found = wanted.map((host) => located(host, { folder: dirname(file), environment }));
  refuseFile(
    file,
    found.flatMap(({ problems }) => problems),
  );
  return found.map(({ host }) => host);
}

function isAmong(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}

function unknown(option: string, name: string, known: Iterable<string>): readonly string[] {
  const names = [...known];
  if (names.includes(name)) return [];
  const hint = didYouMean(name, names) ?? `There are: ${names.slice(0, 20).join(", ")}.`;
  return [`${option}: the inventory has no ${option.slice(2)} "${name}". ${hint}`];
}

function inventoryIn(file: string): Inventory {
  const text = textOf(file);
  const { data, faults } = readCarefully(text);
  refuseUsage(faults.map(({ offset, message }) => `--inventory ${file}:${text.slice(0, offset).split("\n").length}: ${message}`));
  refuseFile(file, inventory("", data));
  return data as Inventory;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError([`--inventory ${file}: ${reason(error)}`]);
  }
}

function refuseFile(file: string, problems: readonly Problem[]): void {
  refuseUsage(problems.map(({ path, message }) => `--inventory ${file}: ${path === "" ? "" : `${path}: `}${message}`));
}

interface Around {
  /** Folder of the inventory, from which its paths go. */
  readonly folder: string;
  readonly environment: Environment;
}

interface Located {
  readonly host: NamedHost;
  readonly problems: readonly Problem[];
}

/** A host with its secrets taken from where the inventory says that they are. */
function located(
  { name, pool = "", jump, sudoPasswordVariable, ...own }: InventoryHost & { readonly name: string },
  around: Around,
): Located {
  const at = join("hosts", name);
  const connection: HostConnection = {
    ...login(own, around),
    ...(sudoPasswordVariable !== undefined && { sudoPassword: around.environment[sudoPasswordVariable] ?? "" }),
    ...(jump !== undefined && { jump: login(jump, around) }),
  };
  const unset = [
    ...unsetVariable(join(at, "sudoPasswordVariable"), sudoPasswordVariable, around),
    ...unsetVariable(join(at, "passphraseVariable"), own.passphraseVariable, around),
    ...unsetVariable(join(join(at, "jump"), "passphraseVariable"), jump?.passphraseVariable, around),
  ];
  return { host: { name, pool, connection }, problems: unset.length > 0 ? unset : hostConnection(at, connection) };
}

type InventoryLogin = Omit<InventoryHost, "jump" | "sudoPasswordVariable" | "pool">;

function login({ passphraseVariable, ...own }: InventoryLogin, { folder, environment }: Around): JumpHost {
  const { privateKeyFile, agent } = own;
  return {
    ...own,
    ...(privateKeyFile !== undefined && { privateKeyFile: pathFrom(folder, privateKeyFile) }),
    ...(agent !== undefined && { agent: pathFrom(folder, agent) }),
    ...(passphraseVariable !== undefined && { passphrase: environment[passphraseVariable] ?? "" }),
  };
}

function pathFrom(folder: string, path: string): string {
  return path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(folder, path);
}

function unsetVariable(path: string, name: string | undefined, { environment }: Around): readonly Problem[] {
  if (name === undefined || (environment[name] ?? "") !== "") return [];
  return [{ path, message: `the environment has no variable ${name}, or an empty one. Set it for this command.` }];
}
