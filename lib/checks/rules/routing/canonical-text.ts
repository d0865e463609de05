/** How deep data is looked into. No field of Istio's lies deeper. */
const deepest = 12;

/** Data as text that is the same whatever the order of its keys. Undefined for what is nested too deep to be anything that Istio knows. */
export function canonicalText(value: unknown, depth = 0): string | undefined {
  if (depth > deepest) return undefined;
  if (typeof value !== "object" || value === null) return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (Array.isArray(value))
    return joined(
      "[",
      "]",
      value.map((item) => canonicalText(item, depth + 1)),
    );
  const fields = Object.entries(value).sort(byKey);
  return joined(
    "{",
    "}",
    fields.map(([key, item]) => labelled(key, canonicalText(item, depth + 1))),
  );
}

function labelled(key: string, item: string | undefined): string | undefined {
  return item === undefined ? undefined : `${JSON.stringify(key)}:${item}`;
}

function joined(open: string, close: string, parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(",")}${close}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
