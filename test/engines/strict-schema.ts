import { isRecord } from "../../lib/core/check";

/** A CRD's structural schema that refuses unknown fields too, as a strict API server does, instead of dropping them in silence. */
export function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (!isRecord(schema)) return schema;
  const closed =
    isRecord(schema.properties) && schema["x-kubernetes-preserve-unknown-fields"] !== true && schema.additionalProperties === undefined;
  const inner = Object.entries(schema).map(([key, value]) => [key, ["oneOf", "anyOf", "not"].includes(key) ? value : strictly(value)]);
  return { ...Object.fromEntries(inner), ...(closed && { additionalProperties: false }) };
}
