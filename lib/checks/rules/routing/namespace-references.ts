import { list, record, records } from "../../fields";
import { isSystemNamespace, judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";

/** Namespaces that AuthorizationPolicies let in or shut out, and that are not among the objects. */
export function* namespaceReferences(graph: ObjectGraph): Iterable<RuleFinding> {
  if (graph.of("Namespace").length === 0) return;
  for (const object of judged(graph, "AuthorizationPolicy")) {
    for (const { field, pattern } of patternsOf(object.spec.rules)) {
      if (graph.derive(knownNamespaces).matches(pattern) || graph.isExternal("Namespace", "default", pattern)) continue;
      yield {
        object,
        field,
        message: `${pattern} is none of the namespaces that were checked. If there is none, nobody is meant by it.`,
        fix: `Correct the name, make the Namespace, or declare it external: externals: ["Namespace ${pattern}"].`,
      };
    }
  }
}

interface NamespacePattern {
  readonly field: string;
  readonly pattern: string;
}

function patternsOf(rules: unknown): readonly NamespacePattern[] {
  return records(rules).flatMap(({ from }, rule) =>
    records(from).flatMap(({ source }, index) =>
      (["namespaces", "notNamespaces"] as const).flatMap((name) =>
        list(record(source)[name]).flatMap((pattern, at) =>
          typeof pattern === "string" ? [{ pattern, field: `spec.rules[${rule}].from[${index}].source.${name}[${at}]` }] : [],
        ),
      ),
    ),
  );
}

/** Finds a namespace by name, without regard to case, or by one end of it. */
interface KnownNamespaces {
  readonly matches: (pattern: string) => boolean;
}

/** Namespaces that are made, that objects lie in, and that every cluster and mesh has. */
function knownNamespaces(graph: ObjectGraph): KnownNamespaces {
  const names = new Set([
    "default",
    graph.derive(meshConfig).rootNamespace,
    ...graph.of("Namespace").map(({ name }) => name.toLowerCase()),
    ...graph.objects.flatMap(({ writtenNamespace }) => writtenNamespace?.toLowerCase() ?? []),
  ]);
  const [forwards, backwards] = [[...names].sort(), [...names].map(reversed).sort()];
  return {
    matches: (pattern) => {
      const wanted = pattern.toLowerCase();
      if (wanted.startsWith("*")) return wanted === "*" || anyStartsWith(backwards, reversed(wanted.slice(1)));
      if (wanted.endsWith("*")) return anyStartsWith(forwards, wanted.slice(0, -1));
      return names.has(wanted) || isSystemNamespace(wanted);
    },
  };
}

/** Whether any of the names, which are in order, begins with a text. */
function anyStartsWith(names: readonly string[], start: string): boolean {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? "") < start) low = middle + 1;
    else high = middle;
  }
  return names[low]?.startsWith(start) ?? false;
}

function reversed(name: string): string {
  return [...name].reverse().join("");
}
