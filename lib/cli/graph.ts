import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { chainBudget } from "../checks/chain-budget";
import { safeJson, safeText } from "../checks/report/safe-text";
import { countText } from "../checks/report/text-report";
import { pictureHtml } from "../picture/html-page";
import { mermaid } from "../picture/mermaid";
import type { Topology } from "../picture/topology";
import { topologyOf } from "../picture/topology-of";
import type { SurroundingsOptions } from "./check-settings";
import { checkFiles, isUnread } from "./checked-files";
import type { Console } from "./console";
import { reason, type Sources } from "./source-files";
import { UsageError } from "./usage-error";

/** Options of `meshground graph`, as the command line gives them. */
export interface GraphOptions extends SurroundingsOptions {
  readonly format: "html" | "mermaid" | "json";
  readonly json: boolean;
  readonly output?: string;
}

const renderers: Readonly<Record<GraphOptions["format"], (topology: Topology) => string>> = {
  html: pictureHtml,
  mermaid,
  json: safeJson,
};

/**
 * Runs `meshground graph`.
 *
 * @returns the exit code: 0 when the objects are drawn, 2 when something could not be read.
 * @throws UsageError when the options cannot be followed.
 */
export async function graph(files: readonly string[], options: GraphOptions, console: Console): Promise<number> {
  const { format, json, output } = options;
  const checked = await checkFiles(files, options, console);
  const topology = topologyOf(checked.graph, { findings: checked.findings, chains: chainBudget(checked.graph) });
  const text = renderers[json ? "json" : format](topology);
  if (output === undefined) console.write(text);
  else {
    write(output, text, checked.sources);
    console.write(`${subjectOf(topology)}. ${countText(checked.findings)}. The picture is in ${safeText(output)}.\n`);
  }
  return isUnread(checked) ? 2 : 0;
}

/** `12 services in 3 namespaces, 2 node pools`. */
function subjectOf({ namespaces, services, pools, leftOut }: Topology): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const all = count(services.length + leftOut.services, "service");
  return `${all} in ${count(namespaces.length, "namespace")}, ${count(pools.length + leftOut.pools, "node pool")}`;
}

function write(file: string, text: string, { texts }: Sources): void {
  if (texts.some((source) => isSame(source.file, file)))
    throw new UsageError([`--output ${file}: the objects were read from there, and it would be overwritten. Name another file.`]);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError([`--output ${file}: ${reason(error)}`]);
  }
}

/** Whether two names lead to one file. One that is not there yet is no other's. */
function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
