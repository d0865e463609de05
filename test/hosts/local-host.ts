import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HostProfile } from "../../lib/hosts/host-profile";
import { type HostProgramProps, type HostVerb, hostProgram, nothingWanted } from "../../lib/hosts/host-program";
import type { HostReading } from "../../lib/hosts/host-reading";
import { type HostReport, tryHostReport } from "../../lib/hosts/host-report";
import { temporaryFolder } from "../support/temporary";

/** What lies in a folder that stands for the root of a host. Paths are absolute as on the host. */
export interface LocalHostProps {
  /** Kernel values by key. */
  readonly values?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | { readonly content: string; readonly mode: number }>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Modules that can be loaded, and the values that come with them. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Buckets of the connection table. */
  readonly hashSize?: number;
}

/** How a program is run. */
export interface LocalRun extends Partial<Pick<HostProgramProps, "judged" | "hook" | "patienceSeconds" | "transaction">> {
  readonly shell?: readonly string[];
  /** Kills the shell at the step of this number, the first being 1. */
  readonly killAt?: number;
}

/** What a program said, and how its shell ended. */
export interface LocalReport {
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: HostReport | undefined;
}

/**
 * A folder that stands for the root of a host. The real programs run in it, in a real shell, as nobody in particular. Kernel values are files: they
 * take whatever is written. `modprobe` and `systemctl` are doubles, so that nothing reaches the machine that the tests run on.
 */
export class LocalHost {
  readonly folder: string;

  constructor(
    { values = {}, files = {}, links = {}, modules = {}, hashSize }: LocalHostProps = {},
    folder: string = temporaryFolder("host"),
  ) {
    this.folder = folder;
    for (const name of ["proc/sys", "run", "etc/sysctl.d", "var/lib", "usr/local/lib", "sys/module", "sys/block", "bin"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    this.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    this.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
    this.write("/proc/meminfo", "MemTotal:        2048000 kB\n");
    for (const [key, value] of Object.entries(values)) this.write(keyFile(key), `${value}\n`);
    for (const [path, file] of Object.entries(files)) this.write(path, typeof file === "string" ? file : file.content, modeOf(file));
    for (const [path, target] of Object.entries(links)) this.link(path, target);
    if (hashSize !== undefined) this.write(hashSizeFile, `${hashSize}\n`);
    for (const [name, text] of doubles(modules)) this.write(`/bin/${name}`, text, 0o755);
  }

  /** Another one that is the same. */
  copy(): LocalHost {
    const folder = temporaryFolder("host");
    execFileSync("cp", ["-a", `${this.folder}/.`, folder]);
    return LocalHost.at(folder);
  }

  /** The one that lies in a folder already. */
  static at(folder: string): LocalHost {
    return Object.assign(Object.create(LocalHost.prototype), { folder }) as LocalHost;
  }

  run(verb: HostVerb, profile: HostProfile = nothingWanted, { shell = ["sh"], killAt = 0, ...run }: LocalRun = {}): LocalReport {
    const [command = "sh", ...args] = shell;
    const program = hostProgram(verb, {
      profile,
      transaction: nextTransaction(),
      patienceSeconds: 0,
      ...(killAt > 0 && { hook: killing }),
      ...run,
    });
    const { stdout, stderr, signal } = spawnSync(command, [...args, "-s"], {
      input: program,
      encoding: "utf8",
      env: { PATH: `${this.folder}/bin:${process.env.PATH}`, MESHGROUND_ROOT: this.folder, KILL_AT: String(killAt) },
      timeout: 20_000,
    });
    return { killed: signal === "SIGKILL", stdout, stderr, report: tryHostReport(stdout) };
  }

  read(profile: HostProfile = nothingWanted, run: LocalRun = {}): HostReading {
    const { report, stdout, stderr } = this.run("read", profile, run);
    if (report?.reading === undefined) throw new Error(`not understood: ${stdout}${stderr}`);
    return report.reading;
  }

  value(key: string): string {
    return readFileSync(join(this.folder, keyFile(key)), "utf8").trim();
  }

  exists(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  text(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  write(path: string, content: string, mode: number = 0o644): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
    chmodSync(join(this.folder, path), mode);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    symlinkSync(target, join(this.folder, path));
  }

  /** Makes a key take no value: what is written is lost. */
  refuse(key: string): void {
    this.link(keyFile(key), "/dev/null");
  }

  /** All that a run may change: every file, link and folder with mode, owner and content, and every kernel value. */
  contents(): readonly string[] {
    return ["etc", "var", "usr", "proc/sys", "sys/module"].flatMap((name) => entries(this.folder, name)).sort();
  }

  /** As `contents`, with the time of the last change of each. */
  times(): readonly string[] {
    return ["etc", "var", "usr", "proc/sys"].flatMap((name) =>
      readdirSync(join(this.folder, name), { recursive: true, encoding: "utf8" }).map((path) => {
        const { ino, mtimeMs, ctimeMs } = lstatSync(join(this.folder, name, path));
        return `${name}/${path} ${ino} ${mtimeMs} ${ctimeMs}`;
      }),
    );
  }
}

/** Shells that are here and that a host may have as its sh. */
export const shells: readonly (readonly string[])[] = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(
  ([command = "", ...args]) => spawnSync(command, [...args, "-c", "exit 0"]).status === 0,
);

/** Profile with the parts given. */
export function profileWith(parts: Partial<HostProfile>): HostProfile {
  return { ...nothingWanted, pool: "oslo", ...parts };
}

const hashSizeFile = "/sys/module/nf_conntrack/parameters/hashsize";

function killing(): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  return 'stepped=$((${stepped:-0} + 1)); [ "$stepped" -ne "${KILL_AT:-0}" ] || kill -9 $$';
}

function doubles(modules: Readonly<Record<string, Readonly<Record<string, string>>>>): readonly (readonly [string, string])[] {
  const load = Object.entries(modules).map(([name, values]) => {
    const keys = Object.entries(values).map(([key, value]) => `mkdir -p ".${dirname(keyFile(key))}"; echo '${value}' >".${keyFile(key)}"`);
    const gone = Object.keys(values).map((key) => `rm ".${keyFile(key)}"`);
    return `"${name}") mkdir sys/module/${name}; ${keys.join("; ")} ;;\n"-r ${name}") rmdir sys/module/${name}; ${gone.join("; ")} ;;`;
  });
  return [
    ["modprobe", `#!/bin/sh\ncd "$MESHGROUND_ROOT" || exit 1\ncase "$*" in\n${load.join("\n")}\n*) exit 1 ;;\nesac\n`],
    ["systemctl", '#!/bin/sh\necho "$*" >>"$MESHGROUND_ROOT/systemctl.log"\n'],
    ["sync", "#!/bin/sh\n"],
    ["unshare", '#!/bin/sh\nshift; shift; shift\nexec sh -c "$@"\n'],
  ];
}

function keyFile(key: string): string {
  return `/proc/sys/${key.replaceAll(".", "/")}`;
}

function modeOf(file: string | { readonly mode: number }): number {
  return typeof file === "string" ? 0o644 : file.mode;
}

function entries(folder: string, name: string): readonly string[] {
  return readdirSync(join(folder, name), { recursive: true, encoding: "utf8" }).map((path) => {
    const at = join(folder, name, path);
    const { mode, uid, gid } = lstatSync(at);
    const shape = `${name}/${path} ${mode.toString(8)} ${uid} ${gid}`;
    if (lstatSync(at).isSymbolicLink()) return `${shape} -> ${readlinkSync(at)}`;
    if (lstatSync(at).isDirectory()) return shape;
    // The kernel says a value in its own form, whatever blanks stood in what was written.
    return `${shape} ${name === "proc/sys" ? readFileSync(at, "utf8").trim().replace(/\s+/g, " ") : readFileSync(at, "base64")}`;
  });
}

let transactions = 0;

function nextTransaction(): string {
  transactions += 1;
  return transactions.toString(16).padStart(8, "0");
}
