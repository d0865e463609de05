import { at, type Data, records, text } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";
import { type Credential, findSecret, gatewayCredentials } from "./gateway-credentials";

/** Secrets that Gateways name, and that nothing among the objects makes. */
export function* credentialReferences(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const credential of gatewayCredentials(graph)) {
    const { gateway: object, field, name, namespaces } = credential;
    if (findSecret(graph, credential) !== undefined || isMadeOrOutside(graph, credential)) continue;
    const elsewhere = (graph.derive(namespacesByName).get(name) ?? []).join(", ");
    if (elsewhere === "" && !namespaces.some((namespace) => graph.derive(namespacesWithSecrets).has(namespace))) continue;
    const where = namespaces.length === 1 ? `${namespaces[0]}` : "any namespace that its pods run in";
    yield {
      object,
      field,
      message: `Secret ${name} is not among the objects of ${where}, where the gateway's pods look for it${
        elsewhere === "" ? "" : ` (there is one in ${elsewhere})`
      }. If it is not there, TLS handshakes on this port are refused.`,
      fix: `Put the Secret into the namespace of the gateway's pods, correct the name, or declare it external: externals: ["Secret ${namespaces[0]}/${name}"].`,
    };
  }
}

function isMadeOrOutside(graph: ObjectGraph, { name, namespaces }: Credential): boolean {
  const made = graph.derive(madeSecrets);
  return namespaces.some((namespace) => made.has(`${namespace}/${name}`) || graph.isExternal("Secret", namespace, name));
}

/** Namespaces in which anything makes a Secret: in the others they are all made elsewhere, and none can be missed. */
function namespacesWithSecrets(graph: ObjectGraph): ReadonlySet<string> {
  const made = [...graph.derive(madeSecrets)].map((key) => key.slice(0, key.indexOf("/")));
  return new Set([...graph.of("Secret").map(({ namespace }) => namespace), ...made]);
}

function namespacesByName(graph: ObjectGraph): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, string[]>();
  for (const { name, namespace } of graph.of("Secret")) {
    const namespaces = known.get(name);
    if (namespaces === undefined) known.set(name, [namespace]);
    else if (namespaces.length < 3) namespaces.push(namespace);
  }
  return known;
}

/** Controllers that make Secrets: kind, API group and the names that an object of it gives them. */
const makers: readonly (readonly [kind: string, group: string, names: (object: MeshObject) => readonly unknown[]])[] = [
  ["Certificate", "cert-manager.io", ({ spec }) => [spec.secretName]],
  ["ExternalSecret", "external-secrets.io", ({ spec, name }) => [at(spec, "target", "name") ?? name]],
  ["SealedSecret", "bitnami.com", ({ spec, name }) => [at(spec, "template", "metadata", "name") ?? name]],
  [
    "SecretProviderClass",
    "secrets-store.csi.x-k8s.io",
    ({ spec }) => records(spec.secretObjects).map(({ secretName }: Data) => secretName),
  ],
  ["VaultStaticSecret", "secrets.hashicorp.com", ({ spec }) => [at(spec, "destination", "name")]],
  ["VaultPKISecret", "secrets.hashicorp.com", ({ spec }) => [at(spec, "destination", "name")]],
];

function madeSecrets(graph: ObjectGraph): ReadonlySet<string> {
  return new Set(
    makers.flatMap(([kind, group, names]) =>
      graph
        .of(kind, group)
        .flatMap((object) => names(object).flatMap((name) => (text(name) === undefined ? [] : [`${object.namespace}/${name}`]))),
    ),
  );
}
