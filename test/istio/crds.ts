import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { isRecord } from "../../lib/core/check";

/** What is read of a JSON schema. */
export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** Paths of the fields that the schema does not know: an API server drops those in silence. */
export function dropped(value: unknown, schema: Schema | undefined, at: string): readonly string[] {
  if (schema === undefined) return [at];
  if (Array.isArray(value)) return value.flatMap((item, index) => dropped(item, schema.items, `${at}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    dropped(entry, schema.properties?.[key] ?? schema.additionalProperties, `${at}.${key}`),
  );
}

/** Istio's own CRDs of an old release: data beside this repository, not in it. */
export interface OldCrds {
  /** Empty when they are not there. */
  readonly crds: readonly (Crd | null)[];
  readonly missing: boolean;
  /** What a test's title says when it cannot run. */
  readonly note: string;
}

export function oldCrds(patch: string): OldCrds {
  const file = resolve("../shared/istio-crds", `${patch}.yaml`);
  if (!existsSync(file)) return { crds: [], missing: true, note: ` (SKIPPED: there is no ../shared/istio-crds/${patch}.yaml)` };
  return { crds: parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Crd | null), missing: false, note: "" };
}
