import { stringify } from "yaml";
import { nodeRules } from "../../../lib/checks/rules/node-rules";
import type { Finding } from "../../../lib/core/finding";
import { type Around, findingsIn } from "../checked";

/** An object as it would be read from YAML. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the rules on nodes find in objects. */
export function found(objects: readonly Fields[], around: Around = {}): readonly Finding[] {
  return findingsIn(objects.map((object) => stringify(object)).join("---\n"), nodeRules, around);
}

/** Codes in that order, each with its severity: `error MG0602`. */
export function codes(objects: readonly Fields[], around: Around = {}): readonly string[] {
  return found(objects, around).map(({ code, severity }) => `${severity} ${code}`);
}

/** The one finding of a code; throws when there is none, or another one. */
export function only(code: string, objects: readonly Fields[], around: Around = {}): Finding {
  const all = found(objects, around).filter((finding) => finding.code === code);
  const [first] = all;
  if (first === undefined || all.length > 1) throw new Error(`${all.length} findings of ${code}`);
  return first;
}

/** A NodePool. */
export function pool(name: string, spec: Fields): Fields {
  return { apiVersion: "meshground.io/v1", kind: "NodePool", metadata: { name }, spec };
}

/** A Deployment of shop/pricing, unless it is named otherwise. */
export function deployment(pod: Fields, { name = "pricing", annotations = {}, ...spec }: Fields & { readonly name?: string } = {}): Fields {
  const labels = { app: name };
  const containers = [{ name, image: "registry.example.no/pricing:1.8.0" }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels, annotations }, spec: { containers, ...pod } }, ...spec },
  };
}

/** A Deployment whose pods ask for cpu and memory. */
export function asking(cpu: string, memory: string, more: Fields & { readonly name?: string; readonly pod?: Fields } = {}): Fields {
  const { pod = {}, ...rest } = more;
  return deployment({ containers: [{ name: "app", image: "a", resources: { requests: { cpu, memory } } }], ...pod }, rest);
}

/** A Deployment whose pods ask for kernel settings. */
export function withSysctls(sysctls: Readonly<Record<string, string>>, pod: Fields = {}): Fields {
  return deployment({ securityContext: { sysctls: Object.entries(sysctls).map(([name, value]) => ({ name, value })) }, ...pod });
}

/** The namespace shop. */
export function shop(labels: Readonly<Record<string, string>>): Fields {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } };
}

/** A Node as the API server shows it. */
export function node(name: string, allocatable: Fields, more: Fields = {}): Fields {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    status: { allocatable },
    ...more,
  };
}
