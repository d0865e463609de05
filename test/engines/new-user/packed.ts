import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../../support/temporary";

const repository = resolve(__dirname, "../../..");

/** The package as its users get it: a tarball, of a build of its own, with what `files` of package.json names. */
export function packedPackage(): string {
  const folder = temporaryFolder("packed");
  execFileSync(process.execPath, ["scripts/build.cjs", join(folder, "dist"), "--", "--noCheck"], { cwd: repository });
  for (const name of ["docs", "templates"]) cpSync(join(repository, name), join(folder, name), { recursive: true });
  for (const name of ["package.json", "README.md", "LICENSE", "CHANGELOG.md"]) copyFileSync(join(repository, name), join(folder, name));
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts"], { cwd: folder });
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Readonly<Record<"name" | "version", string>>;
  return join(folder, `${name}-${version}.tgz`);
}
