import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../core/check";
import type { EarlierFile, WrittenFile } from "./write";

/** What a synth wrote, so that the next one can remove what is no more. */
export interface FileList {
  readonly manifests: readonly EarlierFile[];
  readonly artefacts: readonly EarlierFile[];
}

/** Where the list lies below the artefacts' folder: beside the manifests, because among them it would be taken for one. */
export const fileListPath = "report/files.json";

/** The list of the last synth; empty when there is none, or somebody else wrote it. */
export function readFileList(artefactsFolder: string): FileList {
  const list = tryParse(join(artefactsFolder, fileListPath));
  return isRecord(list) ? { manifests: entries(list.manifests), artefacts: entries(list.artefacts) } : { manifests: [], artefacts: [] };
}

/** The list as text. */
export function fileListText(manifests: readonly WrittenFile[], artefacts: readonly WrittenFile[]): string {
  const kept = (files: readonly WrittenFile[]): readonly EarlierFile[] =>
    files.filter(({ change }) => change !== "removed" && change !== "kept").map(({ path, sha256 }) => ({ path, sha256 }));
  return `${JSON.stringify({ manifests: kept(manifests), artefacts: kept(artefacts) }, null, 2)}\n`;
}

function tryParse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function entries(list: unknown): readonly EarlierFile[] {
  return Array.isArray(list) ? list.filter(isEntry) : [];
}

/** Only what a synth could have written: anything else in the list might name somebody's own file. */
function isEntry(entry: unknown): entry is EarlierFile {
  if (!isRecord(entry) || typeof entry.path !== "string" || typeof entry.sha256 !== "string") return false;
  return (
    /^[0-9a-f]{64}$/.test(entry.sha256) &&
    entry.path.split("/").every((step) => !["", ".", ".."].includes(step)) &&
    !/[\0\\]/.test(entry.path)
  );
}
