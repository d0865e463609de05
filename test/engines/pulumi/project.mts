import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { temporaryFolder } from "../../support/temporary.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Passphrase of every stack under test. A secret like any other: no file and no output may hold it. */
export const passphrase = "a passphrase for stacks under test";

/**
 * A folder in which the package is installed as its users have it: built, below node_modules, with its program in node_modules/.bin.
 *
 * What it depends on is the repository's own.
 */
export function projectFolder(name: string): string {
  const folder = temporaryFolder(name);
  const modules = join(folder, "node_modules");
  const installed = join(modules, "meshground");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  mkdirSync(installed);
  execFileSync(
    process.execPath,
    [join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json", "--outDir", join(installed, "dist")],
    {
      cwd: repository,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  copyFileSync(join(repository, "package.json"), join(installed, "package.json"));
  for (const dependency of ["@pulumi", "ssh2", "cdk8s", "constructs", "typescript"])
    symlinkSync(join(repository, "node_modules", dependency), join(modules, dependency));
  const program = join(installed, "dist/pulumi/provider/main.js");
  chmodSync(program, 0o755);
  symlinkSync(program, join(modules, ".bin", "pulumi-resource-meshground"));
  return folder;
}

/** Environment in which the engine keeps its state, its plugins and its login below a folder of its own. */
export function engineEnvironment(folder: string, search: readonly string[]): Record<string, string> {
  const [home, state] = [join(folder, "pulumi-home"), join(folder, "state")];
  for (const own of [home, state]) mkdirSync(own, { recursive: true });
  return {
    PATH: [...search, dirname(process.execPath), process.env.PATH ?? ""].join(":"),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    SSH_AUTH_SOCK: "",
  };
}

/** A stack whose program is a function, run by the real engine. */
export async function inlineStack(folder: string, pulumi: string, program: PulumiFn): Promise<Stack> {
  const root = join(folder, "engine");
  mkdirSync(join(root, "bin"), { recursive: true });
  symlinkSync(pulumi, join(root, "bin", "pulumi"));
  return LocalWorkspace.createStack(
    { stackName: "dev", projectName: "ground", program },
    {
      workDir: folder,
      pulumiCommand: await PulumiCommand.get({ root, skipVersionCheck: true }),
      envVars: engineEnvironment(folder, [join(folder, "node_modules", ".bin")]),
      projectSettings: { name: "ground", runtime: "nodejs" },
    },
  );
}
