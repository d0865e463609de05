import type { Problem } from "../core/problem";

/** What lives outside the objects that are checked. */
export interface Externals {
  readonly has: (kind: string, namespace: string, name: string) => boolean;
}

const pattern = /^([A-Za-z][\w.]{0,62}) (?:([\w.*-]{1,253})\/)?([\w.*:-]{1,253})$/;

/** What is wrong with a declaration of something outside. */
export function externalProblems(path: string, declaration: unknown): readonly Problem[] {
  if (typeof declaration === "string" && pattern.test(declaration)) return [];
  const message = `got ${JSON.stringify(declaration)}, expected a kind and a name, such as "Service shop/legacy", "Gateway istio-system/*" or "Host api.example.no".`;
  return [{ path, message }];
}

/** Reads declarations such as `Service shop/legacy`. `*` stands for any namespace or any name; a name without a namespace is one in any. */
export function externals(declarations: readonly string[]): Externals {
  const known = new Set(declarations.flatMap(keyOf));
  if (known.size === 0) return { has: () => false };
  return {
    has: (kind, namespace, name) =>
      [`${kind} ${namespace}/${name}`, `${kind} ${namespace}/*`, `${kind} */${name}`, `${kind} */*`].some((key) => known.has(key)),
  };
}

function keyOf(declaration: string): readonly string[] {
  const [, kind, namespace = "*", name] = pattern.exec(declaration) ?? [];
  return kind === undefined ? [] : [`${kind} ${namespace}/${name}`];
}
