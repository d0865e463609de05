import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { safeText } from "../checks/report/safe-text";
import { InvalidInput } from "../core/problem";
import { difference, isEmpty } from "../diff/difference";
import { jsonDifference } from "../diff/report/json-difference";
import { type ReleaseProps, type Releases, resolveReleases } from "../istio/release";
import { upgradeNotes } from "../istio/upgrade-notes";
import { type AppOptions, appProgram, type Environment } from "./app-program";
import type { Console } from "./console";
import { type DiffFormOptions, differenceText } from "./difference-text";
import { type OtherReleases, runTrial, type Trial } from "./trial";
import { UsageError } from "./usage-error";

/** Options of `meshground diff --istio`, as the command line gives them. */
export interface UpgradeOptions extends AppOptions, DiffFormOptions {
  readonly istio?: string;
  readonly kubernetes?: string;
}

/**
 * Runs the program twice, as it is and for other releases, and shows what differs. Both runs write into folders of their own, which are removed.
 *
 * @returns the exit code: 0 when nothing differs, 1 when something does, 2 when a run failed.
 * @throws UsageError when a release is malformed, or no program is named.
 */
export async function upgradeDiff(options: UpgradeOptions, console: Console, environment: Environment): Promise<number> {
  const releases = otherReleases(options);
  const { command } = appProgram(options);
  const root = mkdtempSync(join(tmpdir(), "meshground-trial-"));
  try {
    const asItIs = await runTrial({ command, folder: join(root, "as-it-is"), environment }, console);
    const other = asItIs && (await runTrial({ command, folder: join(root, "other"), releases, environment }, console));
    if (asItIs === undefined || other === undefined) return 2;
    if (!isHeeded(releases, other)) {
      console.error(
        "meshground: the program has other releases than it was told: its copy of meshground does not read MESHGROUND_ISTIO.\n",
      );
      return 2;
    }
    return report({ asItIs, other, releases }, options, console);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Each release by itself: whether they are a pair is the program's to say, which may name the other. */
function otherReleases({ istio, kubernetes }: UpgradeOptions): OtherReleases {
  try {
    resolved({ istio: istio ?? "1.31", kubernetes: kubernetes ?? "1.36" });
  } catch (error) {
    if (error instanceof InvalidInput) throw new UsageError(error.problems.map(({ path, message }) => `--${path}: ${message}`));
    throw error;
  }
  return { ...(istio !== undefined && { istio }), ...(kubernetes !== undefined && { kubernetes }) };
}

function resolved(named: Pick<ReleaseProps, "istio" | "kubernetes">): Releases {
  return resolveReleases("diff", { ...named, allowUnsupported: { reason: "the program names it" } });
}

function isHeeded({ istio, kubernetes }: OtherReleases, { releases }: Trial): boolean {
  if (releases === undefined) return true;
  return releases.istio === (istio ?? releases.istio) && releases.kubernetes === (kubernetes ?? releases.kubernetes);
}

interface Upgrade {
  readonly asItIs: Trial;
  readonly other: Trial;
  readonly releases: OtherReleases;
}

function report(upgrade: Upgrade, options: UpgradeOptions, console: Console): number {
  const { asItIs, other } = upgrade;
  const found = difference(asItIs.output, other.output);
  const notes = notesOf(upgrade);
  if (options.json || options.format === "json") {
    console.write(jsonDifference(found, { from: asItIs.releases, to: other.releases, notes }));
  } else {
    const bullet = options.format === "markdown" ? "-" : "  -";
    const lines = [heading(upgrade), ...(options.format === "markdown" ? [""] : []), ...notes.map((note) => `${bullet} ${note}`)];
    console.write(`${lines.map(safeText).join("\n")}\n\n${differenceText(found, options, console.colour)}`);
  }
  return isEmpty(found) ? 0 : 1;
}

function heading({ asItIs, other, releases }: Upgrade): string {
  const named = (pair: OtherReleases): string =>
    Object.entries(pair)
      .map(([name, text]) => `${titles[name] ?? name} ${text}`)
      .join(" on ");
  const from = asItIs.releases === undefined ? "what the program names" : named(asItIs.releases);
  return `From ${from} to ${named(other.releases ?? releases)}, by MESHGROUND_ISTIO and MESHGROUND_KUBERNETES. Nothing was written here.`;
}

const titles: Readonly<Record<string, string>> = { istio: "Istio", kubernetes: "Kubernetes" };

function notesOf({ asItIs: { releases: from }, other: { releases: to } }: Upgrade): readonly string[] {
  if (from === undefined || to === undefined)
    return ["The program has no MeshApp, so what releases it names is not known: the catalogue says nothing."];
  return upgradeNotes(resolved(from).istio, resolved(to), new Date().toISOString().slice(0, 10));
}
