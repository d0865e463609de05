import type { DurationText } from "../core/duration";

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
