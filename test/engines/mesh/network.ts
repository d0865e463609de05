import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../engines.mts";
import { until } from "../processes";

/** Address of the control plane in its network. */
export const controlAddress = "10.244.0.1";

/**
 * A namespace for network, mounts and processes. Everything in it ends with its first process, and with everything the namespace itself is gone:
 * also when the process that made it is killed.
 */
export interface Namespace {
  readonly address: string;
  /** A command that runs another one in it, in its folder. */
  inside(how?: Inside): readonly string[];
  end(): Promise<void>;
}

/** How a command is run in a namespace. */
interface Inside {
  /** @default root */
  readonly user?: number;
}

/** A network of namespaces around one bridge, with no way out to this machine. Every address is on the link. */
export interface Network {
  /** Where the bridge is, and the control plane. */
  readonly control: Namespace;
  /** Adds a namespace with an address and a folder, which is its /srv. */
  join(address: string, folder: string): Promise<Namespace>;
  end(): Promise<void>;
}

/** Starts a network with nothing in it but the control plane's namespace. The file is /etc/hosts in every namespace. */
export async function startNetwork(hosts: string, folder: string): Promise<Network> {
  const bridge = await startNamespace(controlAddress, hosts, folder);
  const legs = "link add br0 type bridge; link set br0 up; addr add 10.244.0.1/32 dev br0; route add default dev br0".split("; ");
  inNetwork(bridge.first, legs);
  const members: Namespace[] = [];
  const join = async (address: string, own: string): Promise<Namespace> => {
    const member = await startNamespace(address, hosts, own);
    members.push(member);
    const leg = `leg${members.length}`;
    inNetwork(bridge.first, [`link add ${leg} type veth peer name eth0 netns ${member.first}`, `link set ${leg} master br0 up`]);
    inNetwork(member.first, [`addr add ${address}/32 dev eth0`, "link set eth0 up", "route add default dev eth0"]);
    return member;
  };
  const end = async (): Promise<void> => {
    await Promise.all([...members, bridge].map((namespace) => namespace.end()));
  };
  return { control: bridge, join, end };
}

interface StartedNamespace extends Namespace {
  /** Its first process, as this machine counts. */
  readonly first: number;
}

async function startNamespace(address: string, hosts: string, folder: string): Promise<StartedNamespace> {
  const init = join(__dirname, "namespace-init.sh");
  const own = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation=private"];
  const holder = spawn("setpriv", ["--pdeathsig=KILL", "unshare", ...own, "sh", init, hosts, cacheFolder, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [holder.stdout, holder.stderr]) stream.on("data", (chunk) => (said += chunk));
  await until(
    () => said.includes("ready"),
    () => `a namespace could not be made: ${said}`,
    { within: 10_000, every: 10 },
  );
  const first = Number.parseInt(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8"), 10);
  if (readlinkSync(`/proc/${first}/ns/net`) === readlinkSync("/proc/self/ns/net"))
    throw new Error("the namespace has no network of its own");
  const inside = ({ user }: Inside = {}): readonly string[] => [
    ...["nsenter", `--target=${first}`, "--net", "--mount", "--pid", "--wdns=/srv"],
    ...(user === undefined ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"]),
  ];
  return { address, first, inside, end: () => kill(holder) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

function inNetwork(first: number, commands: readonly string[]): void {
  const args = [`--target=${first}`, "--net", "ip", "-batch", "-"];
  const { status, stderr } = spawnSync("nsenter", args, { input: `${commands.join("\n")}\n`, encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${commands.join("; ")}: ${stderr}`);
}
