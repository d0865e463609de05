import type { App } from "cdk8s";
import type { Construct } from "constructs";
import { refuse } from "../core/problem";
import { orderedTree } from "./dependency-order";
import { duplicateObjects, objectsOf } from "./identity";
import { appDocuments, type Document } from "./manifest-files";
import { ObjectWriter } from "./object-writer";
import { validateTree } from "./validate-tree";

/** An object of a tree as data, for whoever hands it to a cluster by another way than a file. */
export interface RenderedObject {
  /** The construct that it comes from: itself an ApiObject, or a chart of the user's own that puts data in place of its objects. */
  readonly construct: Construct;
  /** What the manifest says, as plain data. */
  readonly data: unknown;
  /** The objects that it must wait for because somebody said so (`node.addDependency`), by their index. */
  readonly waitsFor: readonly number[];
}

/**
 * Every object of an app, in the order of the manifests, after the same validations and refusals. What only Argo CD reads, which then does not
 * apply them, is left out.
 *
 * @throws Error with every failed validation, in cdk8s's words.
 * @throws InvalidInput when two objects are one to the cluster, or one holds what YAML cannot carry.
 */
export function renderedObjects(app: App): readonly RenderedObject[] {
  refuse("MeshApp", duplicateObjects(objectsOf(app)));
  validateTree(app);
  const writer = new ObjectWriter(app);
  const documents = appDocuments(orderedTree(app));
  const constructs = documents.map((document) => ("object" in document ? document.object : document.chart));
  const waits = declaredWaits(app, constructs);
  return documents.map((document, index) => ({
    construct: constructs[index] as Construct,
    data: dataOf(writer, document),
    waitsFor: [...(waits.get(index) ?? [])].filter((other) => other !== index).sort((a, b) => a - b),
  }));
}

/** The writer refuses what YAML cannot carry; its text is not needed. */
function dataOf(writer: ObjectWriter, document: Document): unknown {
  if (!("object" in document)) {
    writer.writeData(document.data, document.chart.node.path);
    writer.take();
    return document.data;
  }
  const data = writer.write(document.object) ?? (document.object.toJson() as unknown);
  writer.take();
  return data;
}

/** A dependency between two constructs holds between every object at or below the one and every object at or below the other. */
function declaredWaits(app: App, constructs: readonly Construct[]): ReadonlyMap<number, ReadonlySet<number>> {
  const waits = new Map<number, Set<number>>();
  const below = objectsBelow(constructs);
  for (const source of app.node.findAll()) {
    const targets = source.node.dependencies.flatMap((target) => below.get(target) ?? []);
    if (targets.length === 0) continue;
    for (const index of below.get(source) ?? []) {
      const known = waits.get(index) ?? new Set();
      waits.set(index, known);
      for (const target of targets) known.add(target);
    }
  }
  return waits;
}

function objectsBelow(constructs: readonly Construct[]): ReadonlyMap<unknown, readonly number[]> {
  const below = new Map<unknown, number[]>();
  for (const [index, construct] of constructs.entries()) {
    for (const scope of construct.node.scopes) {
      const list = below.get(scope) ?? [];
      below.set(scope, list);
      list.push(index);
    }
  }
  return below;
}
