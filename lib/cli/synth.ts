import { dirname, join } from "node:path";
import { safeJson, safeText } from "../checks/report/safe-text";
import { countText } from "../checks/report/text-report";
import type { Finding } from "../core/finding";
import { readOutput } from "../diff/output";
import { readFileList } from "../synth/file-list";
import { type AppOptions, appProgram, type Environment, runProgram } from "./app-program";
import type { Console } from "./console";
import { type FolderChanges, folderChanges, folderState } from "./folder-changes";
import { readOutputFiles } from "./output-files";

/** Options of `meshground synth`, as the command line gives them. */
export interface SynthOptions extends AppOptions {
  readonly artefacts?: string;
  readonly json: boolean;
}

/** Where a program writes. */
interface Folders {
  readonly manifests: string;
  readonly artefacts: string;
}

/** A folder that the program wrote, and what became of its files. */
interface WrittenFolder extends FolderChanges {
  readonly folder: string;
  /** Files that an earlier synth wrote and this one does not, and that stay because somebody changed them. */
  readonly kept: readonly string[];
}

/**
 * Runs `meshground synth`: the program, told by the environment where to write.
 *
 * @returns the exit code: 0 when it has written, 1 when it failed, 2 when it wrote nothing where it was told to.
 * @throws UsageError when no program is named.
 */
export async function synth(options: SynthOptions, console: Console, environment: Environment): Promise<number> {
  const { command, output: manifests } = appProgram(options);
  const artefacts = options.artefacts ?? (environment.MESHGROUND_ARTEFACTS || join(dirname(manifests), "artefacts"));
  const folders = { manifests, artefacts };
  const look = lookAt(folders);
  const code = await run(command, { ...environment, CDK8S_OUTDIR: manifests, MESHGROUND_ARTEFACTS: artefacts }, options, console);
  if (code !== 0) {
    console.error(`meshground: the program failed with exit code ${code}: ${safeText(command)}\n`);
    return 1;
  }
  const written = look();
  if (written.every(isEmpty)) {
    console.error(`meshground: the program wrote nothing into ${safeText(manifests)}. Does it name a folder of its own (outdir)?\n`);
    return 2;
  }
  const findings = findingsIn(artefacts);
  console.write(options.json ? safeJson({ folders: written, findings }) : synthText(written, findings));
  return 0;
}

/** What the program prints goes where it does not come between the data. */
function run(command: string, environment: Environment, { json }: SynthOptions, { write, error }: Console): Promise<number> {
  const print = json ? error : write;
  return runProgram(command, environment, { write: (line) => print(`${line}\n`), error: (line) => error(`${line}\n`) });
}

/** Looks at both folders now; what it returns looks again, and says what became of them. */
function lookAt({ manifests, artefacts }: Folders): () => readonly WrittenFolder[] {
  const [before, earlier] = [[folderState(manifests), folderState(artefacts)] as const, readFileList(artefacts)];
  return () => {
    const list = readFileList(artefacts);
    const written = (folder: string, side: 0 | 1, name: keyof Folders): WrittenFolder => {
      const after = folderState(folder);
      const listed = new Set(list[name].map(({ path }) => path));
      const kept = earlier[name].map(({ path }) => path).filter((path) => !listed.has(path) && after.has(path));
      return { folder, ...folderChanges(before[side], after), kept };
    };
    return [written(manifests, 0, "manifests"), written(artefacts, 1, "artefacts")];
  };
}

function isEmpty({ added, changed, unchanged }: WrittenFolder): boolean {
  return [added, changed, unchanged].every(({ length }) => length === 0);
}

/** What a MeshApp found; nothing of a program that has none. */
function findingsIn(artefacts: string): readonly Finding[] {
  const path = "report/findings.json";
  return readOutput(readOutputFiles(join(artefacts, path)).files.map((file) => ({ ...file, path }))).findings;
}

function synthText(written: readonly WrittenFolder[], findings: readonly Finding[]): string {
  const blocks = written.filter((folder) => !isEmpty(folder) || folder.removed.length > 0).map(folderText);
  const found = findings.map(({ code, severity, path, message, suppressed }) =>
    safeText(`  ${suppressed === undefined ? severity : "accepted"} ${code} ${path}: ${message}`),
  );
  return `\n${[...blocks, [`${countText(findings)}.`, ...found].join("\n")].join("\n\n")}\n`;
}

function folderText({ folder, added, changed, removed, unchanged, kept }: WrittenFolder): string {
  const counts = Object.entries({ added, changed, removed, unchanged })
    .filter(([, paths]) => paths.length > 0)
    .map(([name, paths]) => `${paths.length} ${name}`);
  const lines = (mark: string, paths: readonly string[]): readonly string[] => paths.map((path) => `  ${mark} ${safeText(path)}`);
  return [
    `${safeText(folder)}: ${counts.join(", ")}`,
    ...lines("+", added),
    ...lines("~", changed),
    ...lines("-", removed),
    ...lines("! kept, because somebody changed it, and no longer written:", kept),
  ].join("\n");
}
