import { all, type Check, type Checks, mapOf, matching, optional, satisfiesUnshown, shape, when } from "../../core/check";
import { labelValue } from "../../core/name";
import { join, type Problem, problem } from "../../core/problem";
import { type HostConnection, type JumpHost, loginChecks, timeoutChecks } from "../../hosts/host-connection";

/** Where the secrets of a login are. They never stand in an inventory themselves. */
interface LoginSecrets {
  /** Variable of the environment that holds the passphrase of the private key. */
  readonly passphraseVariable?: string;
}

type PlainLogin = Omit<JumpHost, "privateKey" | "passphrase"> & LoginSecrets;

/** A host of an inventory, as its file says it. */
export interface InventoryHost extends PlainLogin, Pick<HostConnection, "connectTimeout" | "commandTimeout"> {
  /** Pool of the tree whose profile the host is to have. @default - that of the defaults */
  readonly pool?: string;
  /** Variable of the environment that holds the password for sudo. */
  readonly sudoPasswordVariable?: string;
  /** Host through which this one is reached. */
  readonly jump?: PlainLogin;
}

/** What all hosts have that do not say otherwise: everything but what makes a host this one. */
type InventoryDefaults = Omit<InventoryHost, "address" | "hostKey">;

/** Which hosts there are. Plain data, as its file says it. */
export interface Inventory {
  /** What all hosts have that do not say otherwise. */
  readonly defaults?: InventoryDefaults;
  /** By name. */
  readonly hosts: Readonly<Record<string, InventoryHost>>;
}

/** Of our own names only: whoever writes an inventory must not be able to send any secret of the environment to a host of theirs. */
const variable: Check = satisfiesUnshown(
  "the name of a variable of the environment that begins with MESHGROUND_, such as MESHGROUND_SUDO_PASSWORD",
  (value) => typeof value === "string" && /^MESHGROUND_[A-Z0-9_]{1,100}$/.test(value),
);

/** A key where its path belongs must not be shown. */
const keyPath: Check = when(
  (value) => /PRIVATE KEY/.test(String(value)),
  satisfiesUnshown("the path of a private key, not the key itself", () => false),
  loginChecks.privateKeyFile,
);

/** A secret in the file itself. It is not shown. */
function misplaced(instead: string): Check {
  return (path, value) => (value === undefined ? [] : [{ path, message: `a secret does not belong into an inventory. ${instead}` }]);
}

/** Props of a connection that would be secrets in plain. */
interface Misplaced {
  readonly privateKey?: never;
  readonly passphrase?: never;
}

const login: Checks<PlainLogin & Misplaced> = {
  ...loginChecks,
  privateKeyFile: optional(keyPath),
  privateKey: misplaced("Name its file in privateKeyFile, or use an agent."),
  passphrase: misplaced("Name a variable of the environment in passphraseVariable."),
  passphraseVariable: optional(variable),
};

const host: Checks<InventoryHost & Misplaced & { readonly sudoPassword?: never }> = {
  ...login,
  ...timeoutChecks,
  pool: optional(all(matching(/./, "the name of a pool"), labelValue)),
  sudoPassword: misplaced("Name a variable of the environment in sudoPasswordVariable."),
  sudoPasswordVariable: optional(variable),
  jump: optional(shape<PlainLogin & Misplaced>(login)),
};

const { address, hostKey, ...defaults } = host;
const hostName = matching(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, "a name of letters, digits, dots, dashes and underscores", 63);

const wellFormed: Check = shape<Inventory>({
  defaults: optional(shape<InventoryDefaults>(defaults)),
  hosts: mapOf(hostName, shape<InventoryHost>({ ...defaults, address, hostKey })),
});

/** What an inventory has to be. */
export const inventory: Check = all(wellFormed, (path, value) => {
  const { defaults: common = {}, hosts } = value as Inventory;
  const at = join(path, "hosts");
  const entries = Object.entries(hosts).map(([name, own]) => [name, { ...common, ...own }] as const);
  if (entries.length === 0) return [problem(at, hosts, "at least one host")];
  return [...entries.flatMap(([name, { pool }]) => poolProblem(join(at, name), pool)), ...sharedAddresses(at, entries)];
});

function poolProblem(path: string, pool: string | undefined): readonly Problem[] {
  return pool === undefined
    ? [problem(join(path, "pool"), pool, "the name of the host's pool", "Or say it for all hosts, in defaults.")]
    : [];
}

/** One machine under two names would be given two profiles, or one twice at once. */
function sharedAddresses(at: string, hosts: readonly (readonly [string, InventoryHost])[]): readonly Problem[] {
  const owners = new Map<string, string>();
  return hosts.flatMap(([name, { address: own, port = 22, jump }]) => {
    const place = JSON.stringify([own.toLowerCase(), port, jump?.address, jump?.port]);
    const owner = owners.get(place) ?? name;
    owners.set(place, owner);
    return owner === name ? [] : [problem(join(join(at, name), "address"), own, `an address and a port of its own: ${owner} has them`)];
  });
}
