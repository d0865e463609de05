/** A document of a YAML text: JSON is YAML. */
export type Json = Readonly<Record<string, unknown>>;

/** Documents of one file. */
export function yaml(...documents: readonly Json[]): string {
  return documents.map((document) => JSON.stringify(document)).join("\n---\n");
}

/** A namespace whose pods get sidecars, unless its labels say otherwise. */
export function namespace(name = "shop", labels: Json = { "istio-injection": "enabled" }): Json {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** A PeerAuthentication. */
export function peer(name: string, spec: Json, metadata: Json = {}): Json {
  return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { name, namespace: "shop", ...metadata }, spec };
}

/** Refuses plaintext in a namespace. */
export function strict(place = "shop"): Json {
  return peer("default", { mtls: { mode: "STRICT" } }, { namespace: place });
}

/** A mode for ports of the workload `pricing`. */
export function portModes(modes: Json, name = "pricing-ports"): Json {
  const portLevelMtls = Object.fromEntries(Object.entries(modes).map(([port, mode]) => [port, { mode }]));
  return peer(name, { selector: { matchLabels: { app: "pricing" } }, portLevelMtls });
}

/** What a workload may have beside its name. */
export interface Made {
  readonly kind?: string;
  readonly namespace?: string;
  readonly labels?: Json;
  readonly annotations?: Json;
  /** Of the pods. */
  readonly spec?: Json;
  /** Of the only container. */
  readonly container?: Json;
}

const groups: Readonly<Record<string, string>> = { Pod: "v1", Job: "batch/v1", CronJob: "batch/v1", Rollout: "argoproj.io/v1alpha1" };

/** A workload, a Deployment unless said otherwise, whose pods carry `app` with its name. */
export function pods(name = "pricing", { kind = "Deployment", namespace: place = "shop", ...made }: Made = {}): Json {
  const ports = [
    { name: "http", containerPort: 8080 },
    { name: "http-metrics", containerPort: 9090 },
  ];
  const template = {
    metadata: { labels: { app: name, ...made.labels }, annotations: made.annotations ?? {} },
    spec: { serviceAccountName: name, containers: [{ name: "app", image: "app:1", ports, ...made.container }], ...made.spec },
  };
  const head = { apiVersion: groups[kind] ?? "apps/v1", kind };
  if (kind === "Pod") return { ...head, ...template, metadata: { name, namespace: place, ...template.metadata } };
  const spec = kind === "CronJob" ? { jobTemplate: { spec: { template } } } : { selector: { matchLabels: { app: name } }, template };
  return { ...head, metadata: { name, namespace: place }, spec };
}

/** A Service of the pods that carry `app` with its name: 80 leads to http, 9090 to http-metrics. */
export function service(name = "pricing", spec: Json = {}, metadata: Json = {}): Json {
  const ports = [
    { name: "http", port: 80, targetPort: "http" },
    { name: "http-metrics", port: 9090, targetPort: "http-metrics" },
  ];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop", labels: { app: name }, ...metadata },
    spec: { selector: { app: name }, ports, ...spec },
  };
}

/** An AuthorizationPolicy. */
export function policy(name: string, spec: Json, metadata: Json = {}): Json {
  return { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata: { name, namespace: "shop", ...metadata }, spec };
}

/** Lets callers in by one source. */
export function allow(source: Json, operation?: Json): Json {
  const to = operation === undefined ? {} : { to: [{ operation }] };
  return policy("callers", { selector: { matchLabels: { app: "pricing" } }, rules: [{ from: [{ source }], ...to }] });
}

/** An installation by istioctl. */
export function installation(spec: Json): Json {
  return { apiVersion: "install.istio.io/v1alpha1", kind: "IstioOperator", metadata: { name: "mesh", namespace: "istio-system" }, spec };
}
