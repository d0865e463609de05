import { all, type Check, type Checks, matching, optional, port, shape } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { hostKey } from "./host-key";

/** How a host is reached and trusted, and how a program becomes root there. */
export interface HostConnection {
  /** Name or IP address. */
  readonly address: string;
  /**
   * Port of sshd. Range: 1 to 65535.
   *
   * @default 22
   */
  readonly port?: number;
  /**
   * Who logs in. Anyone but root needs sudo.
   *
   * @default "root"
   */
  readonly user?: string;
  /** The host's public key, as in its /etc/ssh/ssh_host_ed25519_key.pub: `ssh-ed25519 AAAA…`. Another key is refused. */
  readonly hostKey: string;
  /**
   * Private key in PEM or OpenSSH form. A secret.
   *
   * @default - the key in privateKeyFile, else the agent
   */
  readonly privateKey?: string;
  /**
   * File of a private key, read when the connection is made, so that the key is stored nowhere else.
   *
   * @default - the agent
   */
  readonly privateKeyFile?: string;
  /**
   * Passphrase of the private key. A secret.
   *
   * @default - none
   */
  readonly passphrase?: string;
  /**
   * Socket of an SSH agent.
   *
   * @default - the environment's SSH_AUTH_SOCK
   */
  readonly agent?: string;
  /**
   * Password for sudo. A secret. It goes over standard input, never into a command line.
   *
   * @default - none: sudo must not ask (NOPASSWD)
   */
  readonly sudoPassword?: string;
  /**
   * Host through which this one is reached, with a pinned key of its own.
   *
   * @default - reached directly
   */
  readonly jump?: JumpHost;
  /**
   * Time limit of connecting and logging in.
   *
   * @default "15s"
   */
  readonly connectTimeout?: DurationText;
  /**
   * Time limit of one command on the host.
   *
   * @default "2m"
   */
  readonly commandTimeout?: DurationText;
}

/** A host that only passes a connection on. */
export type JumpHost = Pick<
  HostConnection,
  "address" | "port" | "user" | "hostKey" | "privateKey" | "privateKeyFile" | "passphrase" | "agent"
>;

/** A name or address. Nothing that a resolver or a log could take for something else. */
const address = matching(/^(?!-)[A-Za-z0-9](?:[A-Za-z0-9._:%-]*[A-Za-z0-9])?$|^::[0-9A-Fa-f:.]*$/, "a host name or IP address");
const user = matching(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, "a user name", 32);

/** One line, without NUL: what can be given to sudo by standard input. Shows nothing of it. */
const secretLine: Check = secret("text on one line, not empty", (value) => value !== "" && !/[\0\r\n]/.test(value));
const privateKey: Check = secret("a private key in PEM or OpenSSH form, beginning with -----BEGIN", (value) =>
  /^\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(value),
);
const passphrase: Check = secret("text that is not empty", (value) => value !== "");
const filePath = matching(/^[^\0\n]+$/, "the path of a file", 4096);

/** What each part of a login has to be. */
export const loginChecks: Checks<JumpHost> = {
  address,
  port: optional(port),
  user: optional(user),
  hostKey,
  privateKey: optional(privateKey),
  privateKeyFile: optional(filePath),
  passphrase: optional(passphrase),
  agent: optional(filePath),
};

/** What the time limits of a connection have to be. */
export const timeoutChecks: Checks<Pick<HostConnection, "connectTimeout" | "commandTimeout">> = {
  connectTimeout: optional(duration({ min: "100ms", max: "10m" })),
  commandTimeout: optional(duration({ min: "100ms", max: "24h" })),
};

/** A key is given as text or as a file, not as both: nobody could say which one counts. */
const oneKey: Check = (path, value) => {
  const { privateKey: text, privateKeyFile: file } = value as HostConnection;
  return text === undefined || file === undefined ? [] : [{ path, message: "expected privateKey or privateKeyFile, not both." }];
};

/** How a host is reached and trusted. */
export const hostConnection: Check = all(
  shape<HostConnection>({
    ...loginChecks,
    ...timeoutChecks,
    sudoPassword: optional(secretLine),
    jump: optional(all(shape<JumpHost>(loginChecks), oneKey)),
  }),
  oneKey,
);

/** Text that must not be shown, so neither does the problem. */
function secret(expected: string, holds: (value: string) => boolean): Check {
  return (path, value) =>
    typeof value === "string" && value.length <= 65_536 && holds(value) ? [] : [{ path, message: `expected ${expected}.` }];
}
