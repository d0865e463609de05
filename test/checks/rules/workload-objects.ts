/** Objects of the tests as plain data. */
export type Fields = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

/** YAML of several objects. */
export const yaml = (...objects: readonly Fields[]): string => objects.map((object) => JSON.stringify(object)).join("\n---\n");

const object = (apiVersion: string, kind: string, metadata: Fields, rest: Fields = {}): Fields => ({ apiVersion, kind, metadata, ...rest });

export const namespace = (name: string, labels: Labels = {}, annotations: Labels = {}): Fields =>
  object("v1", "Namespace", { name, labels, annotations });

export const service = (name: string, spec: Fields, metadata: Fields = {}): Fields =>
  object("v1", "Service", { name, namespace: "shop", ...metadata }, { spec: { selector: { app: "pricing" }, ...spec } });

export const pod = (spec: Fields = {}, metadata: Fields = {}, rest: Fields = {}): Fields =>
  object(
    "v1",
    "Pod",
    { name: "pricing", namespace: "shop", ...metadata },
    { spec: { containers: [{ name: "app", image: "a" }], ...spec }, ...rest },
  );

export const deployment = (spec: Fields = {}, template: Fields = {}, metadata: Fields = {}): Fields =>
  object(
    "apps/v1",
    "Deployment",
    { name: "pricing", namespace: "shop", ...metadata },
    {
      spec: {
        template: {
          metadata: { labels: { app: "pricing" }, ...template },
          spec: { containers: [{ name: "app", image: "a" }], ...spec },
        },
      },
    },
  );

/** A Deployment whose pods ask for a sidecar. */
export const injected = (labels: Labels = {}, metadata: Fields = {}): Fields =>
  deployment({}, { labels: { app: "pricing", "sidecar.istio.io/inject": "true", ...labels } }, metadata);

export const istio = (kind: string, spec: Fields, metadata: Fields = {}): Fields => {
  const group = kind === "Telemetry" ? "telemetry" : kind === "RequestAuthentication" ? "security" : "networking";
  return object(`${group}.istio.io/v1`, kind, { name: "pricing", namespace: "shop", ...metadata }, { spec });
};

export const configMap = (name: string, data: Fields): Fields => object("v1", "ConfigMap", { name, namespace: "istio-system" }, { data });

export const anything = object;
