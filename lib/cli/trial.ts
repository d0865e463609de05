import { join } from "node:path";
import { record, text } from "../checks/fields";
import { safeText } from "../checks/report/safe-text";
import { type Output, readOutput } from "../diff/output";
import type { ReleaseProps } from "../istio/release";
import { type Environment, runProgram } from "./app-program";
import type { Console } from "./console";
import { readOutputFiles } from "./output-files";

/** Releases to put in place of those that a program names. */
export type OtherReleases = Partial<Pick<ReleaseProps, "istio" | "kubernetes">>;

/** What a run of the program came to. */
export interface Trial {
  readonly output: Output;
  /** Releases that its report names; undefined of a program without a MeshApp. */
  readonly releases: Pick<ReleaseProps, "istio" | "kubernetes"> | undefined;
}

/** How a trial is run. */
export interface TrialProps {
  readonly command: string;
  /** Empty folder that everything is written into. */
  readonly folder: string;
  /** @default - those that the program names */
  readonly releases?: OtherReleases;
  readonly environment: Environment;
}

/** Runs the program into a folder of its own; undefined, and said why, when it failed or wrote nothing there. */
export async function runTrial({ command, folder, releases = {}, environment }: TrialProps, console: Console): Promise<Trial | undefined> {
  const { istio, kubernetes } = releases;
  const variables = {
    ...environment,
    MESHGROUND_ISTIO: istio,
    MESHGROUND_KUBERNETES: kubernetes,
    MESHGROUND_TRIAL: folder,
    CDK8S_OUTDIR: join(folder, "manifests"),
  };
  const printed: string[] = [];
  const code = await runProgram(command, variables, { write: () => undefined, error: (line) => printed.push(`${line}\n`) });
  const how = `${releasesText(releases)}: ${safeText(command)}`;
  if (code !== 0) {
    console.error(`${printed.join("")}meshground: the program failed with exit code ${code}, ${how}\n`);
    return undefined;
  }
  const { files, unreadable } = readOutputFiles(folder);
  const output = readOutput(files);
  const troubles = [...unreadable, ...output.unreadable].map((line) => `cannot read ${line}`);
  // A program that names its folder and is no MeshApp writes there.
  if (files.length === 0)
    troubles.push(`the program wrote nothing where CDK8S_OUTDIR told it to, ${how}. Does it name a folder of its own (outdir)?`);
  for (const line of troubles) console.error(`meshground: ${safeText(line)}\n`);
  return troubles.length > 0 ? undefined : { output, releases: releasesIn(files) };
}

function releasesText({ istio, kubernetes }: OtherReleases): string {
  const words = [...(istio === undefined ? [] : [`Istio ${istio}`]), ...(kubernetes === undefined ? [] : [`Kubernetes ${kubernetes}`])];
  return words.length === 0 ? "run as it is" : `run for ${words.join(" on ")}`;
}

function releasesIn(files: ReturnType<typeof readOutputFiles>["files"]): Trial["releases"] {
  const report = files.find(({ path }) => path.endsWith("report/findings.json"));
  const { istio, kubernetes } = record(report === undefined ? undefined : JSON.parse(report.bytes.toString()));
  const [named, on] = [text(istio), text(kubernetes)];
  return named === undefined || on === undefined ? undefined : { istio: named, kubernetes: on };
}
