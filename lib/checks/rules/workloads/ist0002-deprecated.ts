import { minorNumber } from "../../../istio/catalogue";
import { record, records, text } from "../../fields";
import { judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import type { MeshObject } from "../../mesh-object";
import type { KnownKind, ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { type DeprecatedField, deprecatedFields, isSet } from "./deprecated-fields";
import { PathTree, type Place } from "./path-tree";

/** Kinds of the first authorization API: Istio removed their CRDs in 1.6. */
const removedKinds: ReadonlySet<string> = new Set(["ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"]);

/** Tracing providers that Istio wants to drop, with the first minor in which it says so. */
const providers = { lightstep: "1.18", opencensus: "1.22" } as const;

const providerNames = new PathTree([["spec.tracing[].providers[].name", "name"]]);

/** Istio removes deprecated things: what is written with them stops working at an upgrade. */
export const deprecated: Rule = {
  code: "IST0002",
  title: "deprecated field, value or kind",
  severity: "warning",
  consequence:
    "It works today at best. Istio removes deprecated fields without another word: the upgrade that does so changes what the mesh does, or refuses the object.",
  fix: "Write what has replaced it.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0002/"],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - fault:
        delay:
          percent: 50
          fixedDelay: 2s
      route:
        - destination:
            host: pricing
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - fault:
        delay:
          percentage:
            value: 50
          fixedDelay: 2s
      route:
        - destination:
            host: pricing
`,
  },
  *check(graph) {
    for (const [kind, fields] of Object.entries(deprecatedFields)) {
      const tree = new PathTree(fields.filter(({ since }) => isSince(graph, since)).map((field) => [field.path, field]));
      for (const object of judged(graph, kind as KnownKind)) yield* findingsOf(object, tree);
    }
    for (const object of graph.of("CustomResourceDefinition")) yield* removed(object);
    yield* deprecatedProviders(graph);
  },
};

function isSince({ surroundings }: ObjectGraph, since = "1.0"): boolean {
  return minorNumber(surroundings.releases.istio.minor) >= minorNumber(since);
}

/** One finding for each deprecated thing of an object, however often it stands there. */
function* findingsOf(object: MeshObject, tree: PathTree<DeprecatedField>): Iterable<RuleFinding> {
  const places = tree.placesIn(object.data).filter(({ item: { when = isSet }, value }) => when(value));
  for (const item of new Set(places.map((place) => place.item))) {
    const [first, ...others] = places.filter((place) => place.item === item);
    if (first !== undefined) yield { object, ...told(first, others.length) };
  }
}

function told({ item: { instead, today }, field, value }: Place<DeprecatedField>, others: number): Omit<RuleFinding, "object"> {
  const name = field.replace(/^(?:.*\]|spec)\./, "");
  const what = typeof value === "string" ? `${name}: ${value}` : name;
  const more = others === 0 ? "" : ` It stands in ${others} more ${others === 1 ? "place" : "places"}.`;
  const fix = instead === undefined ? "Remove it." : `Use ${instead}.`;
  return { field, message: `${what} is deprecated. Today it ${today}.${more}`, fix };
}

function* removed(object: MeshObject): Iterable<RuleFinding> {
  const kind = text(record(object.spec.names).kind) ?? "";
  if (object.spec.group !== "rbac.istio.io" || !removedKinds.has(kind)) return;
  const message = `${kind} of rbac.istio.io is a kind that Istio no longer reads: whatever such objects allow or deny has no effect.`;
  yield { object, field: "spec.names.kind", message, fix: "Write AuthorizationPolicies, then remove the CRD." };
}

/** Telemetries that send traces to a provider whose kind is deprecated. */
function* deprecatedProviders(graph: ObjectGraph): Iterable<RuleFinding> {
  const names = new Map(
    Object.entries(providers)
      .filter(([, since]) => isSince(graph, since))
      .flatMap(([kind]) =>
        records(graph.derive(meshConfig).data.extensionProviders).flatMap((entry) =>
          Object.hasOwn(entry, kind) && typeof entry.name === "string" ? [[entry.name, kind] as const] : [],
        ),
      ),
  );
  if (names.size === 0) return;
  for (const object of judged(graph, "Telemetry")) yield* tracesTo(object, names);
}

function* tracesTo(object: MeshObject, deprecatedNames: ReadonlyMap<string, string>): Iterable<RuleFinding> {
  const told = new Set<string>();
  for (const { field, value } of providerNames.placesIn(object.data)) {
    const name = text(value) ?? "";
    const kind = deprecatedNames.get(name);
    if (kind === undefined || told.has(name)) continue;
    told.add(name);
    const message = `traces go to ${name}, a provider of the kind ${kind}, which is deprecated and goes away.`;
    yield { object, field, message, fix: "Define an opentelemetry provider in the MeshConfig, and name it here." };
  }
}
