import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { temporaryFolder } from "../../support/temporary";

const repository = resolve(__dirname, "../../..");

/** What a command said, both streams in one, without colours. */
export interface Said {
  readonly status: number | null;
  readonly text: string;
}

/** Somebody with Node and a package manager, an empty home, and nothing of this checkout within reach. */
export class User {
  readonly home: string = temporaryFolder("new-user");
  readonly #environment: Readonly<Record<string, string>>;

  /** @param programs - folders whose programs come first, beside Node and pnpm */
  constructor(programs: readonly string[] = []) {
    const bin = join(this.home, ".bin");
    mkdirSync(bin);
    symlinkSync(join(repository, "node_modules/pnpm/bin/pnpm.cjs"), join(bin, "pnpm"));
    const system = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
    this.#environment = {
      ...certificates(),
      HOME: this.home,
      PATH: [...programs, bin, dirname(process.execPath), ...system].join(delimiter),
      TMPDIR: temporaryFolder("new-user-tmp"),
      // What was downloaded before need not be again.
      npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"),
      // Where the registry is and who may read it is the machine's own.
      npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), ".npmrc"),
      ...(process.env.npm_config_registry !== undefined && { npm_config_registry: process.env.npm_config_registry }),
    };
  }

  /** Runs a command by the shell in a folder of theirs. */
  run(folder: string, command: string, environment: Readonly<Record<string, string>> = {}): Said {
    const { status, stdout, stderr, error } = spawnSync("sh", ["-c", `${command} 2>&1`], {
      cwd: join(this.home, folder),
      env: { ...this.#environment, ...environment },
      encoding: "utf8",
      timeout: 200_000,
    });
    if (error !== undefined) throw error;
    return { status, text: stripVTControlCharacters(`${stdout}${stderr}`) };
  }

  /** What stands in a file of theirs. */
  read(path: string): string {
    return readFileSync(join(this.home, path), "utf8");
  }

  /** Changes a text in a file of theirs. */
  edit(path: string, before: string, after: string): void {
    const file = join(this.home, path);
    const text = readFileSync(file, "utf8");
    if (!text.includes(before)) throw new Error(`${path} has no ${before}`);
    writeFileSync(file, text.replace(before, after));
  }
}

/** What programs of this machine need in order to trust its registry. */
function certificates(): Readonly<Record<string, string>> {
  const names = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
