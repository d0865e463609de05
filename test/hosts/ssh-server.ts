import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, connect } from "node:net";
import { type Connection, Server, type ServerChannel, utils } from "ssh2";
import type { HostConnection } from "../../lib/hosts/host-connection";
import { newKeyPair } from "../../lib/hosts/key-pair";

/** How a server treats those who come. */
export interface SshServerProps {
  /** Environment of the commands. */
  readonly env?: Readonly<Record<string, string>>;
  /** Type of its key. */
  readonly keyType?: "ed25519" | "ecdsa";
  /** Runs before a command is run; what it returns is run in its place, and false runs nothing. */
  readonly onExec?: (command: string, connection: Connection) => string | false;
  readonly forwarding?: boolean;
  /** Public key whose private key logs in. */
  readonly authorized?: string;
}

/** A key pair in OpenSSH form. */
export interface KeyPair {
  readonly public: string;
  readonly private: string;
}

/** `ssh-ed25519 AAAA…`, without a comment. */
export function keyPair(type: "ed25519" | "ecdsa" = "ed25519"): KeyPair {
  const { publicKey, privateKey } = type === "ed25519" ? newKeyPair() : ecdsaPair();
  return { private: privateKey, public: publicKey.split(" ").slice(0, 2).join(" ") };
}

function ecdsaPair(): ReturnType<typeof newKeyPair> {
  const pair = utils.generateKeyPairSync("ecdsa", { bits: 256 });
  return { publicKey: pair.public.trim(), privateKey: pair.private };
}

/** An SSH server in this process, on the loopback. What is executed runs here, in a real shell. */
export class SshServer {
  readonly user: KeyPair;
  /** Every command that was asked for. */
  readonly commands: string[] = [];
  /** How many have logged in. */
  logins = 0;
  readonly #host: KeyPair;
  readonly #server: Server;
  readonly #open: Set<Connection> = new Set();
  readonly #children: Set<ChildProcess> = new Set();
  readonly #props: SshServerProps;

  private constructor(props: SshServerProps) {
    this.#props = props;
    this.#host = keyPair(props.keyType);
    this.user = keyPair();
    this.#server = new Server({ hostKeys: [this.#host.private] }, (connection) => this.#serve(connection));
  }

  static async start(props: SshServerProps = {}): Promise<SshServer> {
    const server = new SshServer(props);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** How its user gets in. */
  get connection(): HostConnection & { readonly privateKey: string } {
    return { address: "127.0.0.1", port: this.port, hostKey: this.#host.public, privateKey: this.user.private, connectTimeout: "5s" };
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const connection of this.#open) (connection as unknown as { readonly _sock: { destroy(): void } })._sock.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    for (const child of this.#children) child.kill("SIGKILL");
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(connection: Connection): void {
    this.#open.add(connection);
    (connection as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    connection.on("close", () => this.#open.delete(connection));
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => {
      const key = utils.parseKey(this.#props.authorized ?? this.user.public);
      if (key instanceof Error || context.method !== "publickey" || !context.key.data.equals(key.getPublicSSH()))
        return context.reject(["publickey"]);
      if (context.signature === undefined || context.blob === undefined) return context.accept();
      if (key.verify(context.blob, context.signature, context.hashAlgo) === true) context.accept();
      else context.reject();
    });
    connection.on("ready", () => {
      this.logins += 1;
      connection.on("session", (accept) => accept().on("exec", (take, _, { command }) => this.#exec(take(), command, connection)));
      connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
        if (this.#props.forwarding !== true) return reject();
        const socket = connect(destPort, destIP);
        socket.on("error", () => reject());
        socket.on("connect", () => {
          const channel = accept();
          channel.pipe(socket).pipe(channel);
          channel.on("error", () => undefined);
        });
      });
    });
  }

  #exec(channel: ServerChannel, command: string, connection: Connection): void {
    this.commands.push(command);
    const run = this.#props.onExec?.(command, connection) ?? command;
    channel.on("error", () => undefined);
    if (run === false) return;
    const child = spawn("/bin/sh", ["-c", run], { env: { PATH: process.env.PATH, ...this.#props.env } });
    this.#children.add(child);
    child.stdin.on("error", () => undefined);
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    child.on("close", (code, signal) => {
      this.#children.delete(child);
      if (code === null) channel.exit(String(signal).replace("SIG", ""), false, "");
      else channel.exit(code);
      channel.end();
    });
  }
}
