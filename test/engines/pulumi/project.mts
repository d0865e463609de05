import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type DestroyOptions,
  LocalWorkspace,
  type PreviewOptions,
  PulumiCommand,
  type PulumiFn,
  type RefreshOptions,
  type Stack,
  type UpOptions,
} from "@pulumi/pulumi/automation/index.js";
import { temporaryFolder } from "../../support/temporary.ts";
import { engines, folderOf } from "../engines.mts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** What the package needs at run time, and what a program beside it does. */
const dependencies = ["@pulumi", "cdk8s", "constructs", "ssh2", "typescript"];

/** Passphrase of every stack under test. A secret like any other: no file and no output may hold it. */
export const passphrase = "a passphrase for stacks under test";

/**
 * A folder in which the package is installed as its users have it: built, below node_modules, its program in node_modules/.bin.
 *
 * What it depends on is the repository's own.
 */
export function projectFolder(name: string): string {
  const folder = temporaryFolder(name);
  const modules = join(folder, "node_modules");
  const installed = join(modules, "meshground");
  for (const made of [join(modules, ".bin"), installed]) mkdirSync(made, { recursive: true });
  cpSync(builtPackage(), join(installed, "dist"), { recursive: true });
  copyFileSync(join(repository, "package.json"), join(installed, "package.json"));
  for (const dependency of dependencies) symlinkSync(join(repository, "node_modules", dependency), join(modules, dependency));
  const program = join(installed, "dist/pulumi/provider/main.js");
  chmodSync(program, 0o755);
  symlinkSync(program, join(modules, ".bin", "pulumi-resource-meshground"));
  return folder;
}

/** The package as it is built, once for all tests of a run. */
function builtPackage(): string {
  const folder = temporaryFolder("dist");
  const built = join(dirname(folder), "dist");
  if (existsSync(built)) return built;
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--noCheck", "--outDir", folder], {
    cwd: repository,
    stdio: "inherit",
  });
  try {
    renameSync(folder, built);
  } catch (error) {
    // Another test may have built it meanwhile.
    if (!existsSync(built)) throw error;
  }
  return built;
}

/** Folder of a project in which npm links programs. */
export function programsOf(folder: string): string {
  return join(folder, "node_modules", ".bin");
}

/** A folder with the stand-in for Pulumi's language host. */
export function languageHostFolder(folder: string): string {
  const programs = join(folder, "language-host");
  const program = join(programs, "pulumi-language-nodejs");
  mkdirSync(programs);
  writeFileSync(
    program,
    `#!/bin/sh\nexec '${process.execPath}' '${fileURLToPath(new URL("./language-host/serve.mts", import.meta.url))}' "$@"\n`,
  );
  chmodSync(program, 0o755);
  return programs;
}

/** Environment in which the engine keeps its state, its plugins and its login below a folder of its own, and looks for programs here first. */
export function engineEnvironment(folder: string, programs: readonly string[]): Record<string, string> {
  const [home, state] = [join(folder, "pulumi-home"), join(folder, "state")];
  for (const own of [home, state]) mkdirSync(own, { recursive: true });
  return {
    PATH: [...programs, dirname(process.execPath), process.env.PATH ?? ""].join(":"),
    HOME: folder,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    SSH_AUTH_SOCK: "",
  };
}

/** A stack whose program is a function, run by the real engine. */
export async function inlineStack(folder: string, program: PulumiFn): Promise<Stack> {
  return LocalWorkspace.createStack(
    { stackName: "dev", projectName: "ground", program },
    {
      workDir: folder,
      pulumiCommand: await PulumiCommand.get({ root: folderOf(engines.pulumi), skipVersionCheck: true }),
      envVars: engineEnvironment(folder, [programsOf(folder)]),
      projectSettings: { name: "ground", runtime: "nodejs" },
    },
  );
}

/** Options under which a stack's operations say all that they say without giving away what the engine itself writes into its verbose logs. */
export function recorder(): {
  readonly said: () => string;
  readonly options: UpOptions & PreviewOptions & RefreshOptions & DestroyOptions;
} {
  const texts: string[] = [];
  const record = (text: string): void => void texts.push(text);
  return {
    said: () => texts.join(""),
    options: { onOutput: record, onError: record, color: "never", logToStdErr: true, logFlow: true, logVerbosity: 2 },
  };
}

/** Paths of all files below a folder that hold one of the secrets. What is installed there is not looked at. */
export function filesWith(folder: string, secrets: readonly string[]): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesWith(path, secrets);
    return entry.isFile() && includesAny(readFileSync(path, "latin1"), secrets) ? [path] : [];
  });
}

/** The lines of a private key that no other key has. */
export function linesOf(privateKey: string): readonly string[] {
  return privateKey.split("\n").filter((line) => line.length >= 60 && !/^-----|^b3BlbnNzaC1rZXktdjE/.test(line));
}

/** Whether one of the texts stands in another, plain or in a form in which programs hand it on. */
export function includesAny(text: string, secrets: readonly string[]): boolean {
  return secrets.flatMap(forms).some((form) => text.includes(form));
}

/** A secret as it is, in base64 at each of the three offsets, and as JSON. */
function forms(secret: string): readonly string[] {
  const shifted = [0, 1, 2].map((offset) =>
    Buffer.from(`${" ".repeat(offset)}${secret}`)
      .toString("base64")
      .slice(offset === 0 ? 0 : 4),
  );
  return [secret, JSON.stringify(secret).slice(1, -1), ...shifted.map((text) => text.slice(0, Math.floor((text.length * 3) / 4)))];
}
