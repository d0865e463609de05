import { expect } from "vitest";
import { type Manifest, manifestsBelow } from "../support/examples";
import type { ApiServer } from "./api-server";
import type { Outcome } from "./program";

/** Applies every manifest below a folder, or of a file, as a server-side apply that knows every field. */
export function applyFiles(server: ApiServer, path: string): Outcome {
  return server.kubectl("apply", "--server-side", "--validate=strict", "--recursive", "--filename", path);
}

/**
 * Applies every manifest below a folder twice: an API server takes them, keeps every field and changes nothing the second time.
 * Gives how many objects there are, as evidence says it.
 */
export function expectKept(server: ApiServer, folder: string): string {
  const objects = manifestsBelow(folder);
  makeNamespaces(server, objects);
  expect(applyFiles(server, folder)).toMatchObject({ status: 0, stderr: "" });
  const first = storedObjects(server, objects);
  expect(applyFiles(server, folder)).toMatchObject({ status: 0 });
  const second = storedObjects(server, objects);
  expect(second.map(versionOf)).toEqual(first.map(versionOf));
  expect(objects.flatMap((object, index) => changesOf(object, second[index]))).toEqual([]);
  return `${objects.length} objects accepted, none changed by the second apply, no field lost or changed`;
}

function versionOf({ metadata }: Manifest): unknown {
  return metadata.resourceVersion;
}

/** Makes the namespaces that objects name and that are not among them: they are there already where the manifests go. */
function makeNamespaces(server: ApiServer, objects: readonly Manifest[]): void {
  const made = new Set(objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name));
  const named = new Set(
    objects.flatMap(({ metadata: { namespace } }) => (namespace === undefined || made.has(namespace) ? [] : [namespace])),
  );
  const items = [...named].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  if (items.length > 0)
    server.kubectlWith({ apiVersion: "v1", kind: "List", items }, "apply", "--server-side", "--field-manager=others", "--filename=-");
}

/** The objects as the API server has stored them, in their order. */
function storedObjects(server: ApiServer, objects: readonly Manifest[]): readonly Manifest[] {
  const items = objects.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({ apiVersion, kind, metadata: { name, namespace } }));
  const text = server.kubectlWith(
    { apiVersion: "v1", kind: "List", items },
    "get",
    "--output=json",
    "--show-managed-fields",
    "--filename=-",
  );
  const found = JSON.parse(text) as Manifest | { readonly items: readonly Manifest[] };
  return "items" in found ? (found.items as readonly Manifest[]) : [found];
}

/** Fields that were applied, and that are not there or are others, with their paths. Fields that the server adds do not count. */
export function changesOf(applied: Manifest, stored: Manifest | undefined): readonly string[] {
  return differences(applied, stored, `${applied.kind} ${applied.metadata.name}`);
}

function differences(applied: unknown, stored: unknown, at: string): readonly string[] {
  if (Array.isArray(applied)) {
    const list = Array.isArray(stored) ? stored : [];
    const more = list.length > applied.length ? [`${at}: ${list.length - applied.length} items more`] : [];
    return [...more, ...applied.flatMap((item, index) => differences(item, list[index], `${at}[${index}]`))];
  }
  if (typeof applied !== "object" || applied === null)
    return isSame(applied, stored) ? [] : [`${at}: ${JSON.stringify(applied)} became ${JSON.stringify(stored)}`];
  return Object.entries(applied).flatMap(([key, value]) =>
    differences(value, (stored as Readonly<Record<string, unknown>> | undefined)?.[key], `${at}.${key}`),
  );
}

/** The API server writes quantities in a form of its own: 2048Mi becomes 2Gi, 1000m becomes 1. */
function isSame(applied: unknown, stored: unknown): boolean {
  return applied === stored || (amountOf(applied) !== undefined && amountOf(applied) === amountOf(stored));
}

const factors: Readonly<Record<string, number>> = { "": 1, m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

function amountOf(value: unknown): number | undefined {
  const [, amount, unit = ""] = (typeof value === "string" && /^(\d+)(m|Ki|Mi|Gi)?$/.exec(value)) || [];
  return amount === undefined ? undefined : Number(amount) * (factors[unit] as number);
}
