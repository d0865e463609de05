import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildPackage, packageRoot } from "./built-package";

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

describe("npm pack", () => {
  let packed: Packed;
  let paths: ReadonlySet<string>;
  const text = (path: string): string => readFileSync(join(packageRoot, path), "utf8");
  const endingIn = (ending: string): readonly string[] => [...paths].filter((path) => path.endsWith(ending));

  beforeAll(() => {
    buildPackage();
    [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: packageRoot, encoding: "utf8", stdio: "pipe" }));
    paths = new Set(packed.files.map(({ path }) => path));
  });

  it("holds the compiled library, the documentation, the templates of init, and the papers", () => {
    const others = [...paths].filter((path) => !/^(?:dist|docs|templates)\//.test(path));
    expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  });

  it("holds nothing of the tests, no maps and no sources", () => {
    const built = [...paths].filter((path) => !path.startsWith("templates/"));
    expect(built.filter((path) => /\.map$|\.test\.|\btest\/|(?<!\.d)\.ts$|\.tsbuildinfo$/.test(path))).toEqual([]);
  });

  it("has a module for every set of types, and types for every module that one imports", () => {
    const types = endingIn(".d.ts").map((path) => path.replace(/\.d\.ts$/, ".js"));
    expect(types.filter((path) => !paths.has(path))).toEqual([]);
  });

  it("has every file that package.json names", () => {
    const { main, types, bin, exports: doors } = JSON.parse(text("package.json"));
    const named = [main, types, ...Object.values(bin), ...Object.values(doors).flatMap((door) => Object.values(Object(door)))] as string[];
    expect(named.map((path) => posix.normalize(path)).filter((path) => path.length > 1 && !paths.has(path))).toEqual([]);
  });

  it("loads nothing but its dependencies, its peers and Node itself", () => {
    const { dependencies, peerDependencies } = JSON.parse(text("package.json"));
    const allowed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    const loaded = endingIn(".js").flatMap((path) =>
      [...text(path).matchAll(/\b(?:require|import)\("([^."][^"]*)"\)/g)].flatMap(([, name]) => name ?? []),
    );
    const packages = loaded.filter((name) => !name.startsWith("node:")).map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    expect(new Set(packages.filter((name) => !allowed.has(name)))).toEqual(new Set());
  });

  it("stays small: under 6 MB unpacked", () => {
    expect(packed.unpackedSize).toBeLessThan(6_000_000);
  });

  it("names no folder of the machine that built it", () => {
    const files = [...endingIn(".js"), ...endingIn(".d.ts"), ...endingIn(".json")];
    expect(files.filter((path) => text(path).includes(`${packageRoot}/`))).toEqual([]);
  });
});
