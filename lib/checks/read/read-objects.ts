import { isUtf8 } from "node:buffer";
import type { Finding } from "../../core/finding";
import { join } from "../../core/problem";
import { type Data, list, record, text } from "../fields";
import { type MeshObject, meshObject, objectName, type Position } from "../mesh-object";
import { suppressionOf } from "../suppression";
import { readCarefully } from "./careful-reader";
import { DocumentText } from "./document-text";
import { LineIndex } from "./line-index";
import { meshConfigData, meshConfigOf, meshConfigText } from "./mesh-config-document";
import { type FoundDocument, readDocuments } from "./read-documents";
import { otherDocument, unknownIstioKind, unreadableDocument } from "./reader-texts";

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

type DocumentPlace = Pick<FoundDocument, "start" | "end" | "form">;

interface Place {
  readonly file: string;
  readonly position: (field: string) => Position;
}

class FileReader {
  readonly #file: string;
  readonly #bytes: Buffer;
  readonly #lines: LineIndex;
  readonly #objects: MeshObject[] = [];
  readonly #findings: Finding[] = [];
  #meshConfig: Data | undefined;
  #last: { readonly start: number; readonly text: DocumentText } | undefined;
  /** From a ConfigMap `istio` itself: a revision's counts less. */
  #isDefaultRevision = false;

  constructor({ file, bytes }: SourceText) {
    this.#file = file;
    this.#bytes = withoutMark(bytes);
    this.#lines = new LineIndex(this.#bytes);
  }

  read(): FileContent {
    for (const document of readDocuments(this.#bytes)) {
      const [fault] = document.faults;
      if (fault !== undefined && this.#isTemplate(document)) {
        this.#template(document, fault.message);
        break;
      }
      for (const { offset, message } of document.faults) this.#unreadable(this.#text(document).at(offset), message);
      if (document.data !== null && document.data !== undefined) this.#value(document.data, this.#place(document));
    }
    return { objects: this.#objects, findings: this.#findings, meshConfig: this.#meshConfig };
  }

  #place({ start, end, form }: DocumentPlace): Place {
    return { file: this.#file, position: (field) => this.#text({ start, end, form }).of(field) };
  }

  /** The text of a document, with what is known of its places. That of the last document is kept: a list of thousands is one document. */
  #text({ start, end, form }: DocumentPlace): DocumentText {
    if (this.#last?.start === start) return this.#last.text;
    const bytes = this.#bytes.subarray(start, end);
    const firstLine = this.#lines.position(start).line;
    const text = new DocumentText(bytes.toString(isUtf8(bytes) ? "utf8" : "latin1"), firstLine, form);
    this.#last = { start, text };
    return text;
  }

  #isTemplate({ start, end }: DocumentPlace): boolean {
    return this.#bytes.subarray(start, end).includes("{{");
  }

  /** What is no YAML because of its braces is a template: all of it is one thing to mend, and what can be read of it means nothing. */
  #template(document: DocumentPlace, message: string): void {
    const { start, end } = document;
    this.#objects.length = 0;
    this.#findings.length = 0;
    this.#meshConfig = undefined;
    this.#findings.push({
      ...unreadableDocument({ file: this.#file, message: `it is a template: ${message}` }),
      ...this.#text(document).at(this.#bytes.toString("utf8", start, end).indexOf("{{")),
      fix: "Render it first, and check what comes out: helm template CHART | meshground check -",
    });
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
    this.#findings.push({ ...unreadableDocument({ file: this.#file, message }), ...position });
  }
}

/** Without the mark that some editors put before a text. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
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
