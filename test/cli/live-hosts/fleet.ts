import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { Console } from "../../../lib/cli/console";
import type { HostProfile } from "../../../lib/hosts/host-profile";
import { LocalHost } from "../../hosts/local-host";
import { SshServer, type SshServerProps } from "../../hosts/ssh-server";
import { temporaryFolder } from "../../support/temporary";
import { meshground, type Outcome } from "../meshground";

/** A kernel key that the profile of the tests sets, and the file that sets it at boot. */
export const [key, conf] = ["net.core.somaxconn", "/etc/sysctl.d/99-zz-mesh.conf"] as const;

/** A profile of one value and one file. */
export const profile: HostProfile = {
  pool: "oslo",
  settings: [{ key, mode: "exact", value: "32768" }],
  files: [{ path: conf, content: `${key} = 32768\n`, mode: "0644" }],
  modules: [],
};

/** A host of the tests: a folder that stands for its root, behind an SSH server of its own. */
export interface FleetHost {
  readonly name: string;
  readonly local: LocalHost;
  readonly server: SshServer;
}

/** Hosts, and the files that the command is given to work on them. */
export class Fleet {
  readonly folder: string = temporaryFolder("fleet");
  readonly hosts: FleetHost[] = [];

  /** Starts a host, `oslo-1`, `oslo-2`, and so on. */
  async add(props: SshServerProps = {}): Promise<FleetHost> {
    const number = this.hosts.length + 1;
    const local = new LocalHost({ values: { [key]: "4096" } });
    local.write("/etc/machine-id", `${String(number).padStart(32, "0")}\n`);
    const env = { PATH: `${local.folder}/bin:${process.env.PATH}`, MESHGROUND_ROOT: local.folder };
    const host = { name: `oslo-${number}`, local, server: await SshServer.start({ env, ...props }) };
    this.hosts.push(host);
    this.write(`keys/${host.name}`, host.server.connection.privateKey);
    return host;
  }

  /** What the inventory says of a host. */
  entry({ name, server }: FleetHost): Readonly<Record<string, unknown>> {
    const { address, port, hostKey } = server.connection;
    return { address, port, hostKey, privateKeyFile: `keys/${name}` };
  }

  /** Writes a file below the folder. */
  write(path: string, content: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o600 });
  }

  /** Writes the profile of a pool where the synth of a tree would. */
  writeProfile(wanted: HostProfile = profile): void {
    this.write(`artefacts/nodes/${wanted.pool}/profile.json`, JSON.stringify(wanted));
  }

  /** Writes the inventory, with some of its hosts said otherwise. */
  writeInventory(others: Readonly<Record<string, object>> = {}): void {
    const hosts = Object.fromEntries(this.hosts.map((host) => [host.name, { ...this.entry(host), ...others[host.name] }]));
    this.write("hosts.yaml", stringify({ defaults: { pool: "oslo", connectTimeout: "5s" }, hosts }));
  }

  /** Runs `meshground hosts …` on them. */
  run(verb: string, args: readonly string[] = [], given: Partial<Console> = {}): Promise<Outcome> {
    const artefacts = verb === "restore" ? [] : ["--artefacts", join(this.folder, "artefacts")];
    return meshground(["hosts", verb, "--inventory", join(this.folder, "hosts.yaml"), ...artefacts, ...args], given);
  }

  /** Value of the key on each host. */
  values(): readonly string[] {
    return this.hosts.map(({ local }) => local.value(key));
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map(({ server }) => server.stop()));
  }
}

/** So many hosts, all in one inventory, and the profile of their pool. */
export async function fleetOf(count: number): Promise<Fleet> {
  const fleet = new Fleet();
  for (let number = 0; number < count; number++) await fleet.add();
  fleet.writeProfile();
  fleet.writeInventory();
  return fleet;
}
