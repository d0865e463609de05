import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { engines, tryProgram } from "../engines.mts";
import { sshKeyPair } from "./key-pair.mts";

/** What a program on a host said. */
export interface Said {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a host is reached as one of its users. */
export interface Login {
  readonly address: string;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
}

/**
 * Linux hosts with a real sshd, each with namespaces of its own for network, mounts, processes and names, on the root file system that the
 * engines' cache holds. They have no init and no kernel of their own: what is below net. is real, all other keys are read-only.
 */
export interface TestHosts {
  readonly hosts: readonly TestHost[];
  /** Ends every process; with the last one, namespaces, mounts and interfaces are gone. */
  readonly end: () => Promise<void>;
}

/** Password that `asker` has to give to sudo. */
export const askerPassword = "let-me-be-root-7f3a";

/** Says aloud, once, that the tests of a file are skipped because hosts cannot be made here. */
export function hostsAreMissing(): boolean {
  const why =
    process.getuid?.() !== 0
      ? "only root can make hosts"
      : tryProgram(engines.hostRoot) === undefined
        ? "the root file system of the hosts is not in the cache. npm run engines makes it."
        : undefined;
  if (why !== undefined) process.stderr.write(`SKIPPED: ${why}\n`);
  return why !== undefined;
}

/** Starts hosts, all at once. Each is there when its sshd answers. */
export async function startContainers(count: number): Promise<TestHosts> {
  const lower = tryProgram(engines.hostRoot);
  if (lower === undefined) throw new Error("The root file system of the hosts is not in the cache: npm run engines");
  const folder = mkdtempSync(join(tmpdir(), "meshground-hosts-"));
  const network = await startNetwork();
  const keys = sshKeyPair();
  const hosts = Array.from({ length: count }, (_, index) => new TestHost({ lower, folder, network, keys, index }));
  const end = async (): Promise<void> => {
    await Promise.all(hosts.map((host) => host.stop()));
    await kill(network.holder);
    await until(
      "the network is gone",
      () => networkInterfaces()[network.leg] === undefined,
      () => "",
    );
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(hosts.map((host) => host.start()));
    return { hosts, end };
  } catch (error) {
    await end();
    throw error;
  }
}

interface Keys {
  readonly public: string;
  readonly private: string;
}

interface HostProps {
  readonly lower: string;
  readonly folder: string;
  readonly network: Network;
  readonly keys: Keys;
  readonly index: number;
}

interface HostFile {
  readonly content: string;
  readonly mode?: number;
  readonly owner?: number;
}

/** One host. */
export class TestHost {
  readonly name: string;
  readonly address: string;
  /** As a known_hosts line has it after the address. */
  readonly hostKey: string;
  /** Of every user on every host that was started together with this one. */
  readonly privateKey: string;
  readonly machineId: string;
  readonly #props: HostProps;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  constructor(props: HostProps) {
    const { folder, network, keys, index } = props;
    const hostKeys = sshKeyPair();
    this.#props = props;
    this.name = `host${index + 1}`;
    this.address = `${network.prefix}.${index + 11}`;
    this.hostKey = plainKey(hostKeys.public);
    this.privateKey = keys.private;
    this.machineId = createHash("md5").update(`${folder}${index}`).digest("hex");
    this.#folder = join(folder, this.name);
    for (const name of ["upper", "work", "root"]) mkdirSync(join(this.#folder, name), { recursive: true });
    for (const [path, { content, mode = 0o644, owner = 0 }] of this.#files(hostKeys)) {
      const file = join(this.#folder, "upper", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode });
      for (const made of path.startsWith("home/") ? [file, dirname(file), dirname(dirname(file))] : []) chownSync(made, owner, owner);
    }
  }

  /** How root logs in. */
  get connection(): Login {
    return this.login("root");
  }

  /** `root`; `deploy`, whom sudo does not ask; `asker`, whom it asks for a password; `guest`, whom it does not let through. */
  login(user: "root" | "deploy" | "asker" | "guest"): Login {
    return { address: this.address, user, hostKey: this.hostKey, privateKey: this.privateKey };
  }

  /** The host's files, as they are seen from here. */
  get root(): string {
    return `/proc/${this.#init}/root`;
  }

  /** Runs a shell script as root on the host, without SSH. */
  exec(script: string): Promise<Said> {
    const child = spawn("nsenter", ["--target", String(this.#init), "--all", "--root", "--wd", "sh", "-s"], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" },
    });
    return said(child, script);
  }

  /** Every process of the host with its arguments. */
  async processes(): Promise<string> {
    return (await this.exec("ps -eo args ww")).stdout;
  }

  /** Starts the host, with the files that it had when it was stopped. Its kernel values below net. are new, as after a boot. */
  async start(): Promise<void> {
    const { lower, network, index } = this.#props;
    const init = fileURLToPath(new URL("container-init.sh", import.meta.url));
    const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--propagation=private"];
    const child = spawn("setpriv", ["--pdeathsig=KILL", "unshare", ...namespaces, "sh", init, lower, this.#folder, this.name], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    let log = "";
    child.stderr?.on("data", (chunk) => {
      log += chunk;
    });
    await until(
      `${this.name} has a network namespace`,
      () => hasOwnNetwork(child),
      () => log,
    );
    const port = `h${index + 1}`;
    // The same card after each start, so that nobody looks for the host at an old one.
    const card = `02:00:00:00:00:${(index + 16).toString(16)}`;
    network.ip(`link add ${port} type veth peer name eth0 address ${card} netns ${child.pid}`, `link set ${port} master br0 up`);
    inNetwork(child, `addr add ${this.address}/24 dev eth0`, "link set eth0 up");
    await until(
      `sshd on ${this.name}`,
      () => log.includes("Server listening"),
      () => log,
    );
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    if (this.#process === undefined) return;
    const first = this.#first();
    await kill(this.#process);
    await until(
      `${this.name} is gone`,
      () => first === undefined || !existsSync(`/proc/${first}`),
      () => "",
    );
    this.#process = undefined;
  }

  /** Process on this machine that is the host's first. */
  get #init(): number {
    const first = this.#first();
    if (first === undefined) throw new Error(`${this.name} is not running`);
    return first;
  }

  #first(): number | undefined {
    const pid = this.#process?.pid;
    const children = pid === undefined || this.#process?.exitCode !== null ? "" : readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children === "" ? undefined : Number.parseInt(children, 10);
  }

  #files(hostKeys: Keys): ReadonlyMap<string, HostFile> {
    const etc = (name: string): string => readFileSync(join(this.#props.lower, "etc", name), "utf8");
    const users = ["deploy", "asker", "guest"].map((name, index) => ({ name, id: 2_001 + index }));
    const hash = spawnSync("openssl", ["passwd", "-6", "-stdin"], { input: askerPassword, encoding: "utf8" }).stdout.trim();
    const authorized = `${plainKey(this.#props.keys.public)}\n`;
    return new Map<string, HostFile>([
      ["etc/machine-id", { content: `${this.machineId}\n`, mode: 0o444 }],
      ["etc/hostname", { content: `${this.name}\n` }],
      ["etc/hosts", { content: `127.0.0.1 localhost ${this.name}\n` }],
      ["etc/passwd", { content: etc("passwd") + users.map(({ name, id }) => `${name}:x:${id}:${id}::/home/${name}:/bin/sh\n`).join("") }],
      ["etc/group", { content: etc("group") + users.map(({ name, id }) => `${name}:x:${id}:\n`).join("") }],
      [
        "etc/shadow",
        {
          content: etc("shadow") + users.map(({ name }) => `${name}:${name === "asker" ? hash : "*"}:19000::::::\n`).join(""),
          mode: 0o640,
        },
      ],
      ["etc/sudoers.d/test", { content: "deploy ALL=(root) NOPASSWD: ALL\nasker ALL=(root) ALL\n", mode: 0o440 }],
      ["etc/ssh/ssh_host_ed25519_key", { content: hostKeys.private, mode: 0o600 }],
      ["etc/ssh/ssh_host_ed25519_key.pub", { content: `${this.hostKey}\n` }],
      ["etc/ssh/sshd_config.d/test.conf", { content: "HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\nMaxStartups 100\n" }],
      ["root/.ssh/authorized_keys", { content: authorized, mode: 0o600 }],
      ...users.map(({ name, id }) => [`home/${name}/.ssh/authorized_keys`, { content: authorized, mode: 0o600, owner: id }] as const),
    ]);
  }
}

/** A network of its own: a bridge in a namespace, with one leg in the namespace of the tests. */
interface Network {
  /** First three numbers of the addresses. */
  readonly prefix: string;
  /** Interface in the namespace of the tests. */
  readonly leg: string;
  readonly holder: ChildProcess;
  /** Runs commands of `ip` where the bridge is. */
  readonly ip: (...commands: string[]) => void;
}

async function startNetwork(): Promise<Network> {
  const holder = spawn("setpriv", ["--pdeathsig=KILL", "unshare", "--net", "sleep", "infinity"], { stdio: "ignore" });
  await until(
    "the network of the hosts",
    () => hasOwnNetwork(holder),
    () => "",
  );
  const prefix = freePrefix(holder);
  const leg = legOf(prefix);
  ip([], `addr add ${prefix}.1/24 dev ${leg}`, `link set ${leg} up`);
  inNetwork(holder, "link add br0 type bridge", "link set br0 up", "link set up0 master br0 up");
  return { prefix, leg, holder, ip: (...commands) => inNetwork(holder, ...commands) };
}

/** Addresses that nobody has here. Making the leg takes them: of two who want the same at once, one is refused, and looks for others. */
function freePrefix({ pid }: ChildProcess): string {
  for (let tries = 0; tries < 200; tries++) {
    const taken = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
    const prefix = `10.213.${(randomBytes(1)[0] ?? 0) % 250}`;
    if (taken.some((address) => address.startsWith(`${prefix}.`)) || networkInterfaces()[legOf(prefix)] !== undefined) continue;
    const { status } = spawnSync("ip", ["link", "add", legOf(prefix), "type", "veth", "peer", "name", "up0", "netns", String(pid)]);
    if (status === 0) return prefix;
  }
  throw new Error("no free network below 10.213.0.0/16");
}

/** Interface in the namespace of the tests: its name says for which addresses. */
function legOf(prefix: string): string {
  return `mg${prefix.split(".")[2]}`;
}

function hasOwnNetwork({ pid, exitCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null) throw new Error("a namespace could not be made");
  return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync("/proc/self/ns/net");
}

function inNetwork({ pid }: ChildProcess, ...commands: string[]): void {
  ip(["nsenter", "--target", String(pid), "--net"], ...commands);
}

function ip(prefix: readonly string[], ...commands: string[]): void {
  const [command = "ip", ...args] = [...prefix, "ip", "-batch", "-"];
  const { status, stderr } = spawnSync(command, args, { input: `${commands.join("\n")}\n`, encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${commands.join("; ")}: ${stderr}`);
}

async function until(what: string, holds: () => boolean, log: () => string): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    if (holds()) return;
    await pause(20);
  }
  throw new Error(`waited in vain for: ${what}\n${log()}`);
}

function said(child: ChildProcess, input: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
    child.stdin?.end(input);
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

/** `ssh-ed25519 AAAA…`, without the comment. */
function plainKey(key: string): string {
  return key.trim().split(" ").slice(0, 2).join(" ");
}
