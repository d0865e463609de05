import { at, type Data, records, text } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";
import { type Credential, findSecret, gatewayCredentials, secretsByName } from "./gateway-credentials";

/** Secrets that Gateways name, and that nothing among the objects makes. */
export function* credentialReferences(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const credential of gatewayCredentials(graph)) {
    if (findSecret(graph, credential) !== undefined || isMadeOrOutside(graph, credential)) continue;
    const elsewhere = (graph.derive(secretsByName).get(credential.name) ?? []).map(({ namespace }) => namespace).join(", ");
    if (elsewhere !== "" || makesSecrets(graph, credential)) yield missing(credential, elsewhere);
  }
}

function missing({ gateway: object, field, name, namespaces }: Credential, elsewhere: string): RuleFinding {
  const [only = "istio-system", second] = namespaces === "any" ? [] : namespaces;
  const where = namespaces === "any" || second !== undefined ? "any namespace that its pods run in" : only;
  const hint = elsewhere === "" ? "" : ` (there is one in ${elsewhere})`;
  return {
    object,
    field,
    message: `Secret ${name} is not among the objects of ${where}, where the gateway's pods look for it${hint}. If it is not there, TLS handshakes on this port are refused.`,
    fix: `Put the Secret into the namespace of the gateway's pods, correct the name, or declare it external: externals: ["Secret ${only}/${name}"].`,
  };
}

function isMadeOrOutside(graph: ObjectGraph, { name, namespaces }: Credential): boolean {
  const made = graph.derive(madeSecrets);
  if (namespaces === "any") return made.has(`*/${name}`) || graph.isExternal("Secret", "istio-system", name);
  return namespaces.some((namespace) => made.has(`${namespace}/${name}`) || graph.isExternal("Secret", namespace, name));
}

/** Whether anything makes Secrets where the gateway's pods run: if not, they are all made elsewhere, and none can be missed. */
function makesSecrets(graph: ObjectGraph, { namespaces }: Credential): boolean {
  const known = graph.derive(namespacesWithSecrets);
  return namespaces === "any" ? known.size > 0 : namespaces.some((namespace) => known.has(namespace));
}

function namespacesWithSecrets(graph: ObjectGraph): ReadonlySet<string> {
  const made = [...graph.derive(madeSecrets)].map((key) => key.slice(0, key.indexOf("/")));
  return new Set([...graph.of("Secret").map(({ namespace }) => namespace), ...made]);
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

/** `namespace/name` of what is made, and a star before the slash for any namespace. */
function madeSecrets(graph: ObjectGraph): ReadonlySet<string> {
  const made = makers.flatMap(([kind, group, names]) =>
    graph.of(kind, group).flatMap((object) => names(object).flatMap((name) => [`${object.namespace}/${text(name)}`, `*/${text(name)}`])),
  );
  return new Set(made);
}
