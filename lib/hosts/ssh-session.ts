import { readFile } from "node:fs/promises";
import { type AuthenticationType, Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { milliseconds } from "../core/duration";
import type { HostConnection, JumpHost } from "./host-connection";
import { HostError, type HostErrorReason, quotedOutput } from "./host-error";
import { algorithmsFor, fingerprint, type HostKey, hostKeyOf, typeOf } from "./host-key";

/** A logged-in connection to one host. Root is another matter. */
export class SshSession {
  /** Address and port, for messages. */
  readonly name: string;
  readonly #client: Client;
  readonly #jump: SshSession | undefined;
  #lost: Error | undefined;

  private constructor(name: string, client: Client, jump: SshSession | undefined) {
    this.name = name;
    this.#client = client;
    this.#jump = jump;
    client.on("error", (error) => {
      this.#lost = error;
    });
    client.on("close", () => {
      this.#lost ??= new Error("the connection was closed");
    });
  }

  /** Connects, through the jump host where there is one. @throws HostError */
  static async open(connection: HostConnection): Promise<SshSession> {
    const { jump, connectTimeout = "15s" } = connection;
    const deadline = Date.now() + milliseconds(connectTimeout);
    if (jump === undefined) return SshSession.#login(connection, deadline, undefined);
    const through = await SshSession.#login(jump, deadline, undefined);
    try {
      return await SshSession.#login(connection, deadline, through);
    } catch (error) {
      through.close();
      throw error;
    }
  }

  static async #login(target: JumpHost, deadline: number, jump: SshSession | undefined): Promise<SshSession> {
    const name = hostName(target);
    const pinned = hostKeyOf(target.hostKey);
    const seen: { key?: Buffer } = {};
    const config = await connectConfig(target, name, deadline, (key) => {
      seen.key = key;
      return key.equals(pinned.blob);
    });
    const sock = jump === undefined ? undefined : await jump.#forward(target, deadline);
    const client = new Client();
    try {
      await ready(client, sock === undefined ? config : { ...config, sock });
      return new SshSession(name, client, jump);
    } catch (error) {
      client.destroy();
      throw loginError(name, target, { error: error as SshError, pinned, seen: seen.key, through: jump?.name });
    }
  }

  #forward({ address, port = 22 }: JumpHost, deadline: number): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const refuse = (why: string): void =>
        reject(
          new HostError(
            `${address}:${port}`,
            "unreachable",
            `not reachable through ${this.name}: ${why}. Check the address as the jump host sees it, and that its sshd allows forwarding (AllowTcpForwarding).`,
          ),
        );
      const timer = setTimeout(() => refuse("no answer in time"), Math.max(1, deadline - Date.now()));
      this.#client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
        clearTimeout(timer);
        if (error === undefined) resolve(channel);
        else refuse(quotedOutput(error.message));
      });
    });
  }

  /** Starts a command. The command line shows in the host's process list, so it holds no data. @throws HostError */
  exec(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const refuse = (error: Error): void =>
        reject(
          new HostError(this.name, "cut-off", `no command can be started: ${quotedOutput(error.message)}. Connect again.`, {
            cause: error,
          }),
        );
      if (this.#lost !== undefined) return refuse(this.#lost);
      // Should the connection break before the host answers, ssh2 calls back with an error.
      this.#client.exec(command, (error, channel) => {
        if (error === undefined) resolve(channel);
        else refuse(error);
      });
    });
  }

  /** Why the connection is gone, when it is. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  close(): void {
    this.#client.end();
    this.#jump?.close();
  }
}

type SshError = Error & { readonly level?: string; readonly code?: string };

/** Address and port, as messages name a host. */
export function hostName({ address, port = 22 }: Pick<JumpHost, "address" | "port">): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

async function connectConfig(
  target: JumpHost,
  name: string,
  deadline: number,
  hostVerifier: (key: Buffer) => boolean,
): Promise<ConnectConfig> {
  const { address, port = 22, user = "root", passphrase, agent = process.env.SSH_AUTH_SOCK } = target;
  const privateKey = target.privateKey ?? (await keyFile(target, name));
  if (privateKey === undefined && agent === undefined) {
    throw new HostError(
      name,
      "authentication",
      "no key to log in with. Give privateKey, privateKeyFile or agent, or start an SSH agent (SSH_AUTH_SOCK).",
    );
  }
  const method: AuthenticationType = privateKey === undefined ? "agent" : "publickey";
  return {
    host: address,
    port,
    username: user,
    ...(privateKey === undefined
      ? { ...(agent !== undefined && { agent }) }
      : { privateKey, ...(passphrase !== undefined && { passphrase }) }),
    authHandler: [method],
    algorithms: { serverHostKey: algorithmsFor(hostKeyOf(target.hostKey).type) },
    hostVerifier,
    readyTimeout: Math.max(1, deadline - Date.now()),
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
  };
}

async function keyFile({ privateKeyFile }: JumpHost, name: string): Promise<string | undefined> {
  if (privateKeyFile === undefined) return undefined;
  try {
    return await readFile(privateKeyFile, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "error";
    throw new HostError(name, "authentication", `the private key file ${JSON.stringify(privateKeyFile)} cannot be read (${code}).`);
  }
}

function ready(client: Client, config: ConnectConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("ready", resolve);
    client.on("error", reject);
    client.once("close", () => reject(new Error("the connection was closed before the login")));
    try {
      client.connect(config);
      // A login is a few small packets in turn: unless each is sent at once, it waits for the answer to the one before.
      client.setNoDelay(true);
    } catch (error) {
      reject(Object.assign(error as Error, { level: "private-key" }));
    }
  });
}

interface LoginFailure {
  readonly error: SshError;
  readonly pinned: HostKey;
  readonly seen: Buffer | undefined;
  readonly through: string | undefined;
}

function loginError(name: string, { user = "root" }: JumpHost, failure: LoginFailure): HostError {
  const [reason, message] = loginProblem(user, failure);
  return new HostError(name, reason, failure.through === undefined ? message : `${message} (Through ${failure.through}.)`);
}

function loginProblem(user: string, { error, pinned, seen, through }: LoginFailure): readonly [HostErrorReason, string] {
  if (seen !== undefined && !seen.equals(pinned.blob)) return ["host-key", otherKey(pinned, seen)];
  if (/no matching host key/.test(error.message)) {
    return [
      "host-key",
      `the host has no key of type ${pinned.type}, and ${fingerprint(pinned.blob)} is pinned. It may be another machine. If it was installed anew, pin the key from its console or from whoever installed it.`,
    ];
  }
  switch (error.level) {
    case "private-key":
      return ["authentication", `the private key cannot be used: ${keyProblem(error.message)}.`];
    case "client-authentication":
      return [
        "authentication",
        `the host does not let ${JSON.stringify(user)} in with this key. Put its public key into that user's ~/.ssh/authorized_keys, or name the right user and key.`,
      ];
    case "agent":
      return [
        "authentication",
        `the SSH agent gave no key: ${quotedOutput(error.message)}. Check SSH_AUTH_SOCK or the agent prop, and ssh-add -l.`,
      ];
    default:
      return [
        "unreachable",
        `not reachable: ${quotedOutput(error.message)}. Check ${through === undefined ? "" : "the jump host's way to it, "}the address, the port, firewalls, and that sshd runs there.`,
      ];
  }
}

function otherKey(pinned: HostKey, seen: Buffer): string {
  return [
    "the host's key is not the pinned one.",
    `\n  pinned: ${pinned.type} ${fingerprint(pinned.blob)}`,
    `\n  seen:   ${quotedOutput(typeOf(seen))} ${fingerprint(seen)}`,
    "\nSomebody may stand in between, or the address belongs to another machine. Nothing was sent. If the machine was installed anew, compare the fingerprint on its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and pin the new key.",
  ].join("");
}

/** What ssh2 says of a private key, without anything that may come from the key. */
function keyProblem(message: string): string {
  if (/passphrase|decrypt|bad decrypt|integrity/i.test(message)) return "its passphrase is missing or wrong. Set passphrase";
  return "it is not understood. Expected PEM or OpenSSH form, as ssh-keygen writes it";
}
