/** Times a roll-out to hosts against Ansible, pyinfra and one bare SSH command: `npm run bench:hosts`, with `-- --json` for figures only. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cacheFolder } from "../engines/engines.mts";
import { startContainers, type TestHost } from "../engines/hosts/containers.mts";

/** Does the same to the same hosts: two files, four keys, every value read back. */
interface Way {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Figures {
  readonly hosts: number;
  readonly way: string;
  readonly firstMs: number;
  readonly unchangedMs: number;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    hosts: { type: "string", default: "5,20" },
    rounds: { type: "string", default: "3" },
  },
});

const here = join(dirname(fileURLToPath(import.meta.url)), "hosts");
const files = ["/etc/sysctl.d/99-zz-bench.conf", "/etc/modules-load.d/bench.conf"];
const wanted = new Map(
  readFileSync(join(here, "sysctl.conf"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" = ") as [string, string]),
);

/** Ansible and pyinfra at pinned versions, in a folder outside the tree. */
function peers(): string {
  const requirements = join(here, "requirements.txt");
  const name = readFileSync(requirements, "utf8").trim().split("\n").join("-").replaceAll("==", "-");
  const folder = join(cacheFolder, `bench-${name}`);
  if (existsSync(folder)) return folder;
  process.stderr.write("Installing Ansible and pyinfra …\n");
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = mkdtempSync(join(cacheFolder, "bench-unfinished-"));
  for (const args of [
    ["-m", "venv", unfinished],
    ["-m", "pip", "install", "--quiet", "--target", join(unfinished, "packages"), "-r", requirements],
  ]) {
    const { status, stderr } = spawnSync("python3", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`python3 ${args.join(" ")} failed: ${stderr}`);
  }
  renameSync(unfinished, folder);
  return folder;
}

function ways(hosts: readonly TestHost[], folder: string): readonly Way[] {
  const packages = join(peers(), "packages");
  const knownHosts = join(folder, "known_hosts");
  const key = join(folder, "key");
  writeFileSync(knownHosts, hosts.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(""));
  writeFileSync(key, hosts[0]?.privateKey ?? "", { mode: 0o600 });
  writeFileSync(join(folder, "hosts.json"), JSON.stringify(hosts.map(({ connection }) => connection)));
  const ssh = `-o UserKnownHostsFile=${knownHosts} -o StrictHostKeyChecking=yes -o ControlMaster=auto -o ControlPersist=60s`;
  writeFileSync(
    join(folder, "inventory.ini"),
    hosts.map(({ address }) => `${address} ansible_user=root ansible_ssh_private_key_file=${key}\n`).join(""),
  );
  writeFileSync(
    join(folder, "inventory.py"),
    `hosts = ([${hosts.map(({ address }) => `"${address}"`).join(", ")}], {"ssh_user": "root", "ssh_key": "${key}", "ssh_known_hosts_file": "${knownHosts}"})\n`,
  );
  const python = { PYTHONPATH: packages, HOME: folder };
  return [
    { name: "meshground", command: process.execPath, args: [join(here, "roll-out.cjs"), join(folder, "hosts.json")] },
    {
      name: "Ansible",
      command: join(packages, "bin", "ansible-playbook"),
      args: ["-i", join(folder, "inventory.ini"), join(here, "playbook.yaml")],
      env: {
        ...python,
        ANSIBLE_FORKS: "20",
        ANSIBLE_PIPELINING: "True",
        ANSIBLE_SSH_ARGS: ssh,
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, "cp"),
        ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
      },
    },
    {
      name: "pyinfra",
      command: join(packages, "bin", "pyinfra"),
      args: ["-y", "--parallel", "20", join(folder, "inventory.py"), join(here, "deploy.py")],
      env: python,
    },
    {
      name: "one ssh command on each",
      command: "sh",
      args: [
        "-c",
        `pids=; for host; do ssh -i ${key} -o UserKnownHostsFile=${knownHosts} "root@$host" true & pids="$pids $!"; done; for pid in $pids; do wait "$pid" || exit 1; done`,
        "floor",
        ...hosts.map(({ address }) => address),
      ],
    },
  ];
}

/** Milliseconds of one run, from its process's start to its end. */
function time({ name, command, args, env }: Way): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd: here, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(performance.now() - start) : reject(new Error(`${name} failed:\n${said}`))));
  });
}

/** As if nobody had ever been there. Not counted. */
async function forget(hosts: readonly TestHost[], earlier: string): Promise<void> {
  for (const host of hosts) await host.exec(`rm -rf ${files.join(" ")} /var/lib/meshground\n${earlier}`);
}

/** A faster run that does less would be worth nothing. */
async function check({ name }: Way, hosts: readonly TestHost[]): Promise<void> {
  if (name.startsWith("one ssh")) return;
  const expected = [...wanted.values()].join("\n");
  for (const host of hosts) {
    const { stdout } = await host.exec(`sysctl -n ${[...wanted.keys()].join(" ")} && ls ${files.join(" ")} | wc -l`);
    if (stdout.trim() !== `${expected}\n2`) throw new Error(`${name} left ${host.address} with:\n${stdout}`);
  }
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Alternates the ways, so that a machine that slows down slows all of them. */
async function measure(count: number): Promise<readonly Figures[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-hosts-"));
  const containers = await startContainers(count);
  try {
    const { hosts } = containers;
    const keys = [...wanted.keys()].join(" ");
    const earlier = ((await hosts[0]?.exec(`sysctl ${keys}`))?.stdout ?? "")
      .trim()
      .split("\n")
      .map((line) => `sysctl -qw ${line.replaceAll(" ", "")}`)
      .join("\n");
    const all = ways(hosts, folder);
    const runs = all.map((way) => ({ way, first: [] as number[], unchanged: [] as number[] }));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const { way, first, unchanged } of runs) {
        await forget(hosts, earlier);
        first.push(await time(way));
        await check(way, hosts);
        unchanged.push(await time(way));
        await check(way, hosts);
      }
    }
    return runs.map(({ way, first, unchanged }) => ({
      hosts: count,
      way: way.name,
      firstMs: median(first),
      unchangedMs: median(unchanged),
    }));
  } finally {
    await containers.end();
    rmSync(folder, { recursive: true });
  }
}

/** Markdown, with each figure beside what it is of ours. */
function table(figures: readonly Figures[]): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const times = (ms: number, ours: number): string => `${(ms / ours).toFixed(1)}`;
  const rows = figures.map(({ hosts, way, firstMs, unchangedMs }) => {
    const ours = figures.find((other) => other.hosts === hosts && other.way === "meshground");
    if (ours === undefined || way === "meshground") return `| ${hosts} | ${way} | ${seconds(firstMs)} | | ${seconds(unchangedMs)} | |`;
    return `| ${hosts} | ${way} | ${seconds(firstMs)} | ${times(firstMs, ours.firstMs)} | ${seconds(unchangedMs)} | ${times(unchangedMs, ours.unchangedMs)} |`;
  });
  return ["| hosts | | first run | of ours | unchanged run | of ours |", "|---|---|---|---|---|---|", ...rows].join("\n");
}

const figures: Figures[] = [];
for (const count of values.hosts.split(",").map(Number)) figures.push(...(await measure(count)));
if (values.json) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
else {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  process.stdout.write(`Medians of ${values.rounds} alternating runs, whole processes; ${machine}\n\n${table(figures)}\n`);
}
