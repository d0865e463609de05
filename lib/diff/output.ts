import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { list, record } from "../checks/fields";
import { type MeshObject, meshObject } from "../checks/mesh-object";
import { readDocuments } from "../checks/read/read-documents";
import { isRecord } from "../core/check";
import type { Finding } from "../core/finding";
import { kernelKeys } from "./kernel-keys";

/** A file of an output, as it lies there. */
export interface OutputFile {
  /** Path below the folder, with forward slashes. Empty for a file that was named itself: whatever its name, it is read as YAML or JSON. */
  readonly path: string;
  /** What messages call it. @default - the path */
  readonly name?: string;
  readonly bytes: Buffer;
}

/** How a file that holds no objects is compared: by the fields of its documents, by kernel key, by line, or as a whole. */
export type FileForm = "fields" | "kernel keys" | "text" | "bytes";

/** What a file holds beside objects. */
export interface OtherContent {
  readonly path: string;
  readonly form: FileForm;
  /** Plain data, a text, or the SHA-256 of bytes that are no text. */
  readonly content: unknown;
}

/** Everything that a synth wrote, or a chart, or anybody. */
export interface Output {
  readonly objects: readonly MeshObject[];
  readonly others: readonly OtherContent[];
  /** What a synth of meshground found, if it is one's. */
  readonly findings: readonly Finding[];
  /** What could not be read. One line each. */
  readonly unreadable: readonly string[];
}

const findingsPath = /(?:^|\/)report\/findings\.json$/;
/** Made of what is compared anyway: the checksums of the files, and the picture of the objects. */
const derivedPath = /(?:^|\/)report\/(?:files\.json|index\.html)$/;
const sysctlPath = /(?:^|\/)sysctl(?:\.d\/[^/]+)?\.conf$/;
const documentPath = /(?:^$|\.(?:ya?ml|json)$)/i;

/** Reads the files of an output. Never throws. */
export function readOutput(files: readonly OutputFile[]): Output {
  const parts = files.filter(({ path }) => !derivedPath.test(path)).map(readFile);
  return {
    objects: parts.flatMap(({ objects = [] }) => objects),
    others: parts.flatMap(({ others = [] }) => others),
    findings: parts.flatMap(({ findings = [] }) => findings),
    unreadable: parts.flatMap(({ unreadable = [] }) => unreadable),
  };
}

function readFile(file: OutputFile): Partial<Output> {
  const { path, bytes } = file;
  if (documentPath.test(path) || bytes.subarray(0, 13).toString("latin1") === "#cloud-config") return readContent(file);
  if (!isUtf8(bytes) || bytes.includes(0)) return { others: [{ path, form: "bytes", content: sha256(bytes) }] };
  const text = bytes.toString();
  if (sysctlPath.test(path)) return { others: [{ path, form: "kernel keys", content: kernelKeys(text) }] };
  return { others: [{ path, form: "text", content: text }] };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readContent({ path, name = path, bytes }: OutputFile): Partial<Output> {
  const documents = [...readDocuments(bytes)];
  const unreadable = documents.flatMap(({ faults, start }) =>
    faults.slice(0, 1).map(({ offset, message }) => `${name}:${lineAt(bytes, start + offset)}: ${message}`),
  );
  if (unreadable.length > 0) return { unreadable };
  const contents = documents.map(({ data }) => data).filter((data) => data !== null && data !== undefined);
  if (findingsPath.test(path)) return { findings: contents.flatMap((data) => list(record(data).findings).filter(isFinding)) };
  const found = contents.flatMap(itemsOf).map((data) => meshObject(data, { file: path }) ?? data);
  const objects = found.filter(isObject);
  const rest = found.filter((data) => !isObject(data));
  if (rest.length === 0) return { objects };
  return { objects, others: [{ path, form: "fields", content: rest.length === 1 ? rest[0] : rest }] };
}

function isObject(data: unknown): data is MeshObject {
  return isRecord(data) && "origin" in data && "writtenNamespace" in data;
}

/** The objects of a list of Kubernetes, or the document itself. */
function itemsOf(data: unknown): readonly unknown[] {
  const { kind, items, metadata } = record(data);
  return typeof kind === "string" && kind.endsWith("List") && record(metadata).name === undefined && Array.isArray(items) ? items : [data];
}

function isFinding(value: unknown): value is Finding {
  return isRecord(value) && ["code", "severity", "path", "message"].every((field) => typeof value[field] === "string");
}

function lineAt(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).toString("latin1").split("\n").length;
}
