import { createHash } from "node:crypto";
import { type ApiObject, type App, Chart, Names, YamlOutputType } from "cdk8s";
import type { Construct } from "constructs";
import { isRecord } from "../core/check";
import { textOf } from "../core/yaml";
import { type OrderedTree, orderedTree } from "./dependency-order";
import { distinctNames, type NameSteps } from "./file-names";
import { ObjectWriter } from "./object-writer";
import { validateTree } from "./validate-tree";
import type { FileContent } from "./write";

/** A file of manifests, or the index of constructs that cdk8s puts beside them. */
export interface ManifestFile {
  /** Path below the output folder, with forward slashes. */
  readonly path: string;
  readonly content: FileContent;
}

/**
 * The files that cdk8s's own synth would write for an app: the same objects in the same order, under the same names.
 *
 * Two objects, or two charts, whose names cdk8s would give one file get one each: an object's name is lengthened by its namespace, then
 * by its API group, a chart's by a hash of its path. Validations run once, before anything is rendered.
 *
 * @throws Error with every failed validation, in cdk8s's words.
 * @throws InvalidInput when an object holds what YAML cannot carry.
 */
export function manifestFiles(app: App, seen?: Seen): readonly ManifestFile[] {
  validateTree(app);
  const tree = orderedTree(app);
  return [...filesByType(app, tree, new DocumentWriter(app, seen)), ...constructIndex(app, tree)];
}

/** All objects of an app in one text, as cdk8s's `synthYaml` gives it. Validations run first, once. */
export function manifestYaml(app: App, seen?: Seen): string {
  validateTree(app);
  return textOf(content(new DocumentWriter(app, seen), appDocuments(orderedTree(app))));
}

/** Is told of each document that is written: the construct that it comes from, and its data. */
export type Seen = (construct: Construct, data: unknown) => void;

/** Writes documents, and tells of each. */
class DocumentWriter {
  readonly #objects: ObjectWriter;
  readonly #seen: Seen | undefined;

  constructor(app: App, seen: Seen | undefined) {
    this.#objects = new ObjectWriter(app);
    this.#seen = seen;
  }

  write(document: Document): unknown {
    if (!("object" in document)) {
      this.#objects.writeData(document.data, document.chart.node.path);
      this.#seen?.(document.chart, document.data);
      return document.data;
    }
    const { object } = document;
    const written = this.#objects.write(object);
    this.#seen?.(object, this.#objects.dataOf(object, written));
    return written ?? object;
  }

  take(): readonly Uint8Array[] {
    return this.#objects.take();
  }
}

/** What becomes one YAML document: an object, or data that a chart of the user's own put in place of its objects. */
export type Document = { readonly object: ApiObject } | { readonly data: unknown; readonly chart: Chart };

function filesByType(app: App, tree: OrderedTree, writer: DocumentWriter): readonly ManifestFile[] {
  switch (app.yamlOutputType) {
    case YamlOutputType.FILE_PER_APP:
      return appFile(app, tree, writer);
    case YamlOutputType.FILE_PER_CHART:
      return chartFiles(app, tree, writer);
    case YamlOutputType.FILE_PER_RESOURCE:
      return objectFiles(app, appDocuments(tree), { writer });
    case YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE:
      return chartFolders(app, tree, writer);
    default:
      return [];
  }
}

function appFile(app: App, tree: OrderedTree, writer: DocumentWriter): readonly ManifestFile[] {
  if (tree.charts.length === 0) return [];
  return [{ path: `app${app.outputFileExtension}`, content: content(writer, appDocuments(tree)) }];
}

function chartFiles(app: App, tree: OrderedTree, writer: DocumentWriter): readonly ManifestFile[] {
  const paths = distinctNames(chartNames(tree), app.outputFileExtension, [indexPath]);
  return tree.charts.map((chart, index) => ({ path: paths[index] ?? "", content: content(writer, chartDocuments(chart, tree)) }));
}

function chartFolders(app: App, tree: OrderedTree, writer: DocumentWriter): readonly ManifestFile[] {
  const folders = distinctNames(chartNames(tree), "", [indexPath]);
  // cdk8s asks the objects here, not the chart: what a chart of the user's own makes of them does not count.
  return tree.charts.flatMap((chart, index) => {
    const files = objectFiles(app, tree.objects(chart).map(objectDocument), { writer, namer: ({ object }) => object });
    return files.map((file) => ({ ...file, path: `${folders[index]}/${file.path}` }));
  });
}

/** A file for each document, named after its data; in folders cdk8s takes the name from the construct, before patches. */
function objectFiles<Of extends Document>(
  app: App,
  documents: readonly Of[],
  { writer, namer }: { readonly writer: DocumentWriter; readonly namer?: (document: Of) => unknown },
): readonly ManifestFile[] {
  const steps: NameSteps[] = [];
  const contents = documents.map((document) => {
    const data = writer.write(document);
    steps.push(nameSteps(namer?.(document) ?? data));
    return writer.take();
  });
  const paths = distinctNames(steps, app.outputFileExtension, [indexPath]);
  return contents.map((pieces, index) => ({ path: paths[index] ?? "", content: pieces }));
}

/** `Deployment.pricing`, then with the namespace, then with the API group too. */
function nameSteps(data: unknown): NameSteps {
  const { kind, apiVersion, metadata } = isRecord(data) ? data : {};
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const [group, version] = String(apiVersion).split("/");
  const short = `${kind}.${name}`;
  const long = namespace === undefined ? short : `${short}.${namespace}`;
  return [bare(short), bare(long), bare(version === undefined ? long : `${long}.${group}`)];
}

function bare(name: string): string {
  return name.replace(/[^0-9a-zA-Z-_.]/g, "");
}

/** The name that cdk8s gives; before it, for the chart that a construct opened for itself, the construct's name without a hash. */
function chartNames({ charts, numbered }: OrderedTree): readonly NameSteps[] {
  return charts.map((chart, index) => {
    const prefix = numbered ? `${String(index).padStart(4, "0")}-` : "";
    const name = `${prefix}${Names.toDnsLabel(chart)}`;
    const longest = `${name}-${createHash("sha256").update(chart.node.path).digest("hex").slice(0, 8)}`;
    return chart.node.id === "Default" ? [`${prefix}${Names.toDnsLabel(chart, { includeHash: false })}`, name, longest] : [name, longest];
  });
}

/** What becomes a document, in the order of the manifests. */
export function appDocuments(tree: OrderedTree): readonly Document[] {
  return tree.charts.flatMap((chart) => chartDocuments(chart, tree));
}

function chartDocuments(chart: Chart, tree: OrderedTree): readonly Document[] {
  if (chart.toJson === Chart.prototype.toJson) return tree.objects(chart).map(objectDocument);
  const documents: readonly unknown[] = Object.values(chart.toJson());
  return documents.filter((data) => data !== undefined).map((data) => ({ data, chart }));
}

function objectDocument(object: ApiObject): { readonly object: ApiObject } {
  return { object };
}

function content(writer: DocumentWriter, documents: readonly Document[]): readonly Uint8Array[] {
  for (const document of documents) writer.write(document);
  return writer.take();
}

const indexPath = "construct-metadata.json";

/** The file in which cdk8s's plugins look up the construct of an object. */
function constructIndex(app: App, { charts, objects }: OrderedTree): readonly ManifestFile[] {
  if (!(app as unknown as { readonly recordConstructMetadata?: boolean }).recordConstructMetadata) return [];
  const resources: Record<string, { readonly path: string }> = {};
  for (const object of charts.flatMap(objects)) resources[object.name] = { path: object.node.path };
  return [{ path: indexPath, content: JSON.stringify({ version: "1.0.0", resources }) }];
}
