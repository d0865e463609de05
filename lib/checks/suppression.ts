import type { MeshObject } from "./mesh-object";

/** Before the code in an annotation that accepts it: `suppress.meshground.io/IST0101: "the Service is made by another team"`. */
export const suppressionPrefix = "suppress.meshground.io/";

/** Why a code is accepted on an object: by the construct that made it, or by its annotation. Undefined when it is not; a reason is never empty. */
export function suppressionOf({ annotations, origin }: MeshObject, code: string): string | undefined {
  const annotation = annotations[`${suppressionPrefix}${code}`]?.trim();
  return origin.accepts?.(code) ?? (annotation === "" ? undefined : annotation);
}

/** Codes that the annotations of an object accept. */
export function annotatedCodes({ annotations }: MeshObject): readonly string[] {
  const names = Object.keys(annotations).filter((name) => name.startsWith(suppressionPrefix));
  return names.map((name) => name.slice(suppressionPrefix.length));
}
