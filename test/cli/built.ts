import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const root = resolve(__dirname, "../..");

/** The command as JavaScript, and what it loads. */
export interface Built {
  /** The program. */
  readonly main: string;
  /** Packages that are loaded with it, sooner or later, whatever the command. */
  readonly packages: readonly string[];
}

/** Translates the command and all that it loads, file by file, into a folder of this checkout: packages are found as they are from `dist`. */
export function buildCommand(folder: string): Built {
  const seen = new Set<string>();
  const start = translateAll([join(root, "lib/cli/main.ts")], { folder, seen });
  // What one command alone loads, when it runs, brings packages that the others do without.
  translateAll(start.later, { folder, seen });
  writeFileSync(join(folder, "package.json"), readFileSync(join(root, "package.json")));
  return { main: join(folder, "dist/cli/main.js"), packages: start.packages.filter((name) => !name.startsWith("node:")).sort() };
}

interface Translation {
  readonly folder: string;
  /** Files that are translated already. */
  readonly seen: Set<string>;
}

interface Loaded {
  readonly packages: readonly string[];
  /** Files of ours that are loaded by `import()`. */
  readonly later: readonly string[];
}

function translateAll(files: readonly string[], { folder, seen }: Translation): Loaded {
  const packages = new Set<string>();
  const later: string[] = [];
  const waiting = [...files];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const code = translated(file);
    const target = join(folder, "dist", relative(join(root, "lib"), file)).replace(/\.ts$/, ".js");
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
    for (const name of loadedBy(code)) {
      if (!name.startsWith(".")) packages.add(name);
      else if (name.endsWith(".js")) later.push(resolve(dirname(file), name.replace(/js$/, "ts")));
      else waiting.push(`${resolve(dirname(file), name)}.ts`);
    }
  }
  return { packages: [...packages], later };
}

/** As it lies in `dist`, where it was built after the source was written: translating takes seconds. */
function translated(file: string): string {
  const made = join(root, "dist", relative(join(root, "lib"), file)).replace(/\.ts$/, ".js");
  if (existsSync(made) && statSync(made).mtimeMs > statSync(file).mtimeMs) return readFileSync(made, "utf8");
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
    fileName: file,
    compilerOptions: { module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2023, isolatedModules: true },
  });
  return outputText;
}

/** What `require`, a function that stands for it, and `import()` are given. */
function loadedBy(code: string): readonly string[] {
  return [...code.matchAll(/(?:\brequire|\bload|\bimport|\(__filename\))\("([^"]+)"\)/g)].flatMap(([, name]) => name ?? []);
}
