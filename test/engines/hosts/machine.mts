import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { engines, tryProgram } from "../engines.mts";
import type { Login, Said } from "./containers.mts";
import { sshKeyPair } from "./key-pair.mts";

/**
 * A virtual machine with a kernel of its own, first booted with the user-data given: all keys are real, modules load, it can boot again. It is
 * emulated, so everything takes a minute.
 */
export interface TestMachine {
  /** How its first user logs in, whom sudo does not ask. */
  readonly connection: Login & { readonly port: number };
  /** Runs a shell script as root. */
  readonly exec: (script: string) => Promise<Said>;
  /** Boots again, and comes back when the boot is done. */
  readonly reboot: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Says aloud, once, that the tests of a file are skipped because no machine can be made here. */
export function machinesAreMissing(): boolean {
  const lacking = ["qemu-system-x86_64", "qemu-img", "genisoimage", "ssh"].filter(
    (name) => spawnSync(name, ["--version"]).error !== undefined,
  );
  if (tryProgram(engines.hostDisk) === undefined) lacking.push("the machine's disk, which npm run engines makes");
  if (lacking.length > 0) process.stderr.write(`SKIPPED: no virtual machine without ${lacking.join(", ")}\n`);
  return lacking.length > 0;
}

/** Boots a machine, and comes back when cloud-init is done. */
export async function startMachine({ userData }: { readonly userData: string }): Promise<TestMachine> {
  const folder = mkdtempSync(join(tmpdir(), "meshground-machine-"));
  const port = await freePort();
  const keys = sshKeyPair();
  const hostKeys = sshKeyPair();
  const hostKey = plainKey(hostKeys.public);
  writeFileSync(join(folder, "key"), keys.private, { mode: 0o600 });
  writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  writeSeed(folder, { userData, publicKey: plainKey(keys.public), hostKeys });
  const child = boot(folder, port);
  const machine = { folder, port, child };
  try {
    await ready(machine, "");
  } catch (error) {
    await end(machine);
    throw error;
  }
  return {
    connection: { address: "127.0.0.1", port, user: "debian", hostKey, privateKey: keys.private },
    exec: (script) => exec(machine, script),
    reboot: async () => {
      const before = await bootId(machine);
      await exec(machine, "systemctl reboot");
      await ready(machine, before);
    },
    end: () => end(machine),
  };
}

interface Machine {
  readonly folder: string;
  readonly port: number;
  readonly child: ChildProcess;
}

interface Seed {
  readonly userData: string;
  readonly publicKey: string;
  readonly hostKeys: { readonly public: string; readonly private: string };
}

/** The image brings up no network by itself, and nobody else on the machine's network would tell it how. */
const bringUpNetwork =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  "for path in /sys/class/net/e*; do ip link set ${path##*/} up; ip address add 10.0.2.15/24 dev ${path##*/}; done";

/** The user-data stays as it was given: who logs in, which key the host has and which address comes from the vendor's data beside it. */
function writeSeed(folder: string, { userData, publicKey, hostKeys }: Seed): void {
  writeFileSync(join(folder, "user-data"), userData);
  writeFileSync(
    join(folder, "meta-data"),
    JSON.stringify({ "instance-id": "machine-1", "local-hostname": "machine-1", "public-keys": [publicKey] }),
  );
  const vendor = {
    ssh_keys: { ed25519_private: hostKeys.private, ed25519_public: plainKey(hostKeys.public) },
    bootcmd: [["sh", "-c", bringUpNetwork]],
    // The image has no locales, and cloud-init would set one.
    locale: false,
  };
  writeFileSync(join(folder, "vendor-data"), `#cloud-config\n${JSON.stringify(vendor)}\n`);
  const files = ["user-data", "meta-data", "vendor-data"].map((name) => join(folder, name));
  run("genisoimage", ["-quiet", "-output", join(folder, "seed.iso"), "-volid", "cidata", "-joliet", "-rock", ...files]);
}

function boot(folder: string, port: number): ChildProcess {
  const disk = tryProgram(engines.hostDisk) ?? "";
  run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk, join(folder, "disk.qcow2")]);
  run("qemu-img", ["create", "-q", "-f", "raw", join(folder, "nvme.raw"), "256M"]);
  const log = openSync(join(folder, "console.log"), "w");
  const args = [
    ..."-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nographic -no-user-config".split(" "),
    ...["-kernel", join(dirname(disk), "vmlinuz"), "-initrd", join(dirname(disk), "initrd.img")],
    ...["-append", "root=LABEL=root rw console=ttyS0 quiet"],
    ...["-drive", `file=${join(folder, "disk.qcow2")},if=virtio,cache=unsafe`],
    ...["-drive", `file=${join(folder, "seed.iso")},if=virtio,format=raw,readonly=on`],
    ...[
      "-drive",
      `file=${join(folder, "nvme.raw")},if=none,id=nvme,format=raw,cache=unsafe`,
      "-device",
      "nvme,drive=nvme,serial=meshground",
    ],
    ...["-netdev", `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`, "-device", "virtio-net-pci,netdev=net"],
  ];
  return spawn("setpriv", ["--pdeathsig=KILL", "qemu-system-x86_64", ...args], { stdio: ["ignore", log, log] });
}

/** Waits for a boot other than an earlier one, until cloud-init and systemd are done with it. */
async function ready(machine: Machine, earlier: string): Promise<void> {
  const started = Date.now();
  for (;;) {
    if (machine.child.exitCode !== null) throw new Error(`the machine ended:\n${consoleOf(machine)}`);
    if (Date.now() - started > 420_000) throw new Error(`the machine did not come up:\n${consoleOf(machine)}`);
    const now = await bootId(machine);
    if (now !== "" && now !== earlier) break;
    await pause(1_000);
  }
  const { stdout, stderr } = await exec(machine, "cloud-init status --wait --long; systemctl is-system-running --wait; true");
  process.stderr.write(`machine up after ${Math.round((Date.now() - started) / 1_000)} s: ${stdout.split("\n")[0]}${stderr}\n`);
}

async function bootId(machine: Machine): Promise<string> {
  return (await exec(machine, "cat /proc/sys/kernel/random/boot_id")).stdout.trim();
}

function exec({ folder, port }: Machine, script: string): Promise<Said> {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "ConnectTimeout=5",
    "ServerAliveInterval=5",
    `UserKnownHostsFile=${join(folder, "known_hosts")}`,
  ];
  const args = ["-i", join(folder, "key"), "-p", String(port), ...options.flatMap((option) => ["-o", option])];
  const child = spawn("ssh", [...args, "debian@127.0.0.1", "sudo -n sh -s"], { stdio: ["pipe", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
    // A machine that is not up yet closes the connection before the script is written.
    child.stdin.on("error", () => undefined);
    child.stdin.end(script);
  });
}

async function end({ child, folder }: Machine): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

function consoleOf({ folder }: Machine): string {
  return readFileSync(join(folder, "console.log"), "utf8").split("\n").slice(-30).join("\n");
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address === null || typeof address === "string" ? reject(new Error("no port")) : resolve(address.port)));
    });
  });
}

function plainKey(key: string): string {
  return key.trim().split(" ").slice(0, 2).join(" ");
}
