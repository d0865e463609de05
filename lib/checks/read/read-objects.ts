import { isUtf8 } from "node:buffer";
import type { Finding } from "../../core/finding";
import { deepest } from "../../core/not-plain";
import { join } from "../../core/problem";
import { type Data, list, record, text } from "../fields";
import { type MeshObject, meshObject, objectName, type Position } from "../mesh-object";
import { suppressionOf } from "../suppression";
import { type DocumentContent, readCarefully } from "./careful-reader";
import type { Fault } from "./document-data";
import { DocumentText } from "./document-text";
import { LineIndex } from "./line-index";
import { meshConfigData, meshConfigOf, meshConfigText } from "./mesh-config-document";
import { otherDocument, unknownIstioKind, unreadableDocument } from "./reader-texts";
import { splitDocuments } from "./split-documents";

/** Text to read objects from. */
export interface SourceText {
  /** Name of the file as reports show it. */
  readonly file: string;
  readonly bytes: Buffer;
}

/** What a file holds. */
export interface FileContent {
  readonly objects: readonly MeshObject[];
  /** What could not be read, or is no object. */
  readonly findings: readonly Finding[];
  /** MeshConfig that the file is, or that a ConfigMap in it carries. */
  readonly meshConfig: Data | undefined;
}

/** Reads the objects of a file: YAML of one or several documents, or JSON; lists are taken apart. Never throws. */
export function readObjects(source: SourceText): FileContent {
  return new FileReader(source).read();
}

/** Kinds that configure a program and have no name of their own; the file names them. */
const nameless: ReadonlySet<string> = new Set(["IstioOperator", "KubeletConfiguration", "KubeProxyConfiguration"]);
/** Istio's groups and the kinds that they have had. */
const istioKinds: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "networking.istio.io",
    [
      "VirtualService",
      "DestinationRule",
      "Gateway",
      "ServiceEntry",
      "Sidecar",
      "EnvoyFilter",
      "WorkloadEntry",
      "WorkloadGroup",
      "ProxyConfig",
    ],
  ],
  ["security.istio.io", ["PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"]],
  ["telemetry.istio.io", ["Telemetry"]],
  ["extensions.istio.io", ["WasmPlugin", "TrafficExtension"]],
  ["install.istio.io", ["IstioOperator"]],
  ["authentication.istio.io", []],
  ["rbac.istio.io", []],
  ["config.istio.io", []],
]);

interface Place {
  readonly file: string;
  readonly position: (field: string) => Position;
}

class FileReader {
  readonly #source: SourceText;
  readonly #lines: LineIndex;
  readonly #objects: MeshObject[] = [];
  readonly #findings: Finding[] = [];
  #meshConfig: Data | undefined;
  #last: { readonly start: number; readonly text: DocumentText } | undefined;
  /** From a ConfigMap `istio` itself: a revision's counts less. */
  #isDefaultRevision = false;

  constructor({ file, bytes }: SourceText) {
    this.#source = { file, bytes: withoutMark(bytes) };
    this.#lines = new LineIndex(this.#source.bytes);
  }

  read(): FileContent {
    const { bytes } = this.#source;
    for (const { start, end } of splitDocuments(bytes)) if (!this.#document(bytes.subarray(start, end), start)) break;
    return { objects: this.#objects, findings: this.#findings, meshConfig: this.#meshConfig };
  }

  /** False where the rest of the file is not worth reading. */
  #document(bytes: Buffer, start: number): boolean {
    if (!isUtf8(bytes)) {
      this.#unreadable(this.#text(bytes, start).at(firstInvalid(bytes)), "it is not UTF-8.");
      return true;
    }
    const { data, faults } = contentOf(bytes);
    if (faults.length > 0 && bytes.includes("{{")) return this.#template(bytes, start, faults);
    for (const { offset, message } of faults) this.#unreadable(this.#text(bytes, start).at(offset), message);
    const position = (field: string): Position => this.#text(bytes, start).of(field);
    if (data !== null && data !== undefined) this.#value(data, { file: this.#source.file, position });
    return true;
  }

  /** The text of a document, with what is known of its places. That of the last document is kept: a list of thousands is one document. */
  #text(bytes: Buffer, start: number): DocumentText {
    if (this.#last?.start !== start) {
      const text = isUtf8(bytes) ? bytes.toString() : bytes.toString("latin1");
      this.#last = { start, text: new DocumentText(text, this.#lines.position(start).line) };
    }
    return this.#last.text;
  }

  /** What is no YAML because of its braces is a template: all of it is one thing to mend, and what can be read of it means nothing. */
  #template(bytes: Buffer, start: number, [fault]: readonly Fault[]): boolean {
    this.#objects.length = 0;
    this.#findings.length = 0;
    this.#meshConfig = undefined;
    this.#findings.push({
      ...unreadableDocument({ file: this.#source.file, message: `it is a template: ${fault?.message ?? ""}` }),
      ...this.#text(bytes, start).at(Math.max(bytes.toString().indexOf("{{"), 0)),
      fix: "Render it first, and check what comes out: helm template CHART | meshground check -",
    });
    return false;
  }

  #value(data: unknown, place: Place): void {
    if (Array.isArray(data) && data.some((item) => typeof item === "object")) this.#items(data, place, { prefix: "", inherited: {} });
    else if (isList(record(data))) this.#items(list(record(data).items), place, { prefix: "items", inherited: record(data) });
    else this.#object(record(data), place, data);
  }

  /** Items of a list are objects of their own; those of a `ServiceList` need not say that they are Services. */
  #items(items: readonly unknown[], place: Place, { prefix, inherited }: { readonly prefix: string; readonly inherited: Data }): void {
    const kind = text(inherited.kind)?.replace(/List$/, "");
    const defaults = kind === undefined || kind === "" ? {} : { apiVersion: inherited.apiVersion, kind };
    for (const [index, item] of items.entries()) {
      const path = join(prefix, index);
      const position = (field: string): Position =>
        place.position(field.startsWith("[") || field === "" ? `${path}${field}` : `${path}.${field}`);
      const named = record(item).kind === undefined && record(item).metadata !== undefined ? { ...defaults, ...record(item) } : item;
      this.#value(named, { file: place.file, position });
    }
  }

  #object(data: Data, place: Place, found: unknown): void {
    const object = meshObject(data, place) ?? meshObject(named(data, place.file), place);
    if (object === undefined) this.#noObject(data, place, found);
    else {
      this.#objects.push(object);
      this.#notice(object, place);
    }
  }

  #noObject(data: Data, place: Place, found: unknown): void {
    const meshConfig = data.kind === undefined && data.apiVersion === undefined ? meshConfigOf(data) : undefined;
    if (meshConfig !== undefined) this.#meshConfig ??= meshConfig;
    else this.#findings.push({ ...otherDocument({ file: place.file, message: whatItLacks(data, found) }), ...place.position("") });
  }

  /** Looks for what concerns more than the object itself. */
  #notice(object: MeshObject, place: Place): void {
    if (object.kind === "ConfigMap") this.#configMap(object, place);
    const kinds = istioKinds.get(object.group);
    if (kinds === undefined || kinds.includes(object.kind)) return;
    const { apiVersion, kind, name, writtenNamespace } = object;
    const suppressed = suppressionOf(object, "MG0012");
    const resource = { apiVersion, kind, ...(writtenNamespace !== undefined && { namespace: writtenNamespace }), name };
    this.#findings.push({
      ...unknownIstioKind({ file: place.file, message: `${object.group} has no kind ${kind}.` }),
      path: objectName(object),
      ...place.position("kind"),
      resource,
      field: "kind",
      ...(suppressed !== undefined && { suppressed }),
    });
  }

  #configMap({ data, name }: MeshObject, place: Place): void {
    const mesh = meshConfigText(data);
    if (mesh === undefined || this.#isDefaultRevision) return;
    const content = readCarefully(mesh);
    const [fault] = content.faults;
    if (fault !== undefined) this.#unreadable(place.position("data.mesh"), `data.mesh of the ConfigMap ${name}: ${fault.message}`);
    else if (this.#meshConfig === undefined || name === "istio") this.#meshConfig = meshConfigData(record(content.data));
    this.#isDefaultRevision = name === "istio";
  }

  #unreadable(position: Position, message: string): void {
    this.#findings.push({ ...unreadableDocument({ file: this.#source.file, message }), ...position });
  }
}

function contentOf(bytes: Buffer): DocumentContent {
  const text = bytes.toString();
  try {
    if (isJson(bytes) && isFlat(bytes)) return { data: JSON.parse(text), faults: [] };
  } catch {
    // YAML says where it is wrong.
  }
  return readCarefully(text);
}

function isJson(bytes: Buffer): boolean {
  const first = bytes.find((byte) => byte > 32);
  return first === 0x7b || first === 0x5b;
}

/** Whether brackets alone, those in texts included, show that no more levels are there than a document may have. */
function isFlat(bytes: Buffer): boolean {
  let depth = 0;
  for (const byte of bytes) {
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    if (depth > deepest) return false;
  }
  return true;
}

/** Without the mark that some editors put before a text. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** First byte that is no UTF-8, as an offset into the same bytes read as Latin 1. */
function firstInvalid(bytes: Buffer): number {
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(wholeCharacters(bytes, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/** The bytes before an end, without a last character that is cut in two. */
function wholeCharacters(bytes: Buffer, end: number): Buffer {
  let cut = end;
  while (cut > 0 && end - cut < 3 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut--;
  return bytes.subarray(0, cut);
}

function isList({ kind, items, metadata }: Data): boolean {
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) && record(metadata).name === undefined;
}

function named(data: Data, file: string): Data {
  if (!nameless.has(text(data.kind) ?? "")) return data;
  const name = file.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "");
  return { ...data, metadata: { ...record(data.metadata), name } };
}

function whatItLacks(data: Data, found: unknown): string {
  if (data !== found) return `it is ${typeof found === "object" ? "a list" : `a ${typeof found}`}, and no object of Kubernetes.`;
  const { name, generateName } = record(data.metadata);
  const lacks = [
    ...(typeof data.apiVersion === "string" ? [] : ["apiVersion"]),
    ...(typeof data.kind === "string" ? [] : ["kind"]),
    ...(typeof name === "string" || typeof generateName === "string" ? [] : ["metadata.name"]),
  ];
  return `it is no object of Kubernetes: ${lacks.join(" and ")} ${lacks.length === 1 ? "is" : "are"} missing.`;
}
