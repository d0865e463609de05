/** Documents of YAML, one after the other. */
export function documents(...texts: readonly string[]): string {
  return texts.map((text) => text.trim()).join("\n---\n");
}

/** A Service of ports named `http`, `http-1`, `http-2`… */
export function service(fullName: string, ports: readonly number[] = [8080], more = ""): string {
  const list = ports.map((port, index) => `    - { name: http${index === 0 ? "" : `-${index}`}, port: ${port} }`);
  const spec = [
    ...(ports.length > 0 ? ["  ports:", ...list] : []),
    `  selector: { app: ${nameOf(fullName)} }`,
    ...(more === "" ? [] : [`  ${more}`]),
  ];
  return document("v1", "Service", fullName, spec);
}

/** Any object of Istio's networking API: its spec as lines of YAML. */
export function networking(kind: string, fullName: string, spec: string): string {
  return document("networking.istio.io/v1", kind, fullName, indented(spec));
}

/** A VirtualService with one route of HTTP for each destination, written as a flow map: `{ host: pricing, subset: v1 }`. */
export function virtualService(fullName: string, head: string, ...destinations: readonly string[]): string {
  const routes = destinations.map((destination) => `  - route: [{ destination: ${destination} }]`);
  return networking("VirtualService", fullName, [head, ...(routes.length > 0 ? ["http:", ...routes] : [])].join("\n"));
}

/** A Gateway with one server for each list of hosts, all on one port. */
export function gateway(fullName: string, selector: string, port: number, ...hosts: readonly string[]): string {
  const servers = hosts.map((list) => `  - { port: { number: ${port}, name: http, protocol: HTTP }, hosts: ${list} }`);
  return networking("Gateway", fullName, [`selector: ${selector}`, ...(servers.length > 0 ? ["servers:", ...servers] : [])].join("\n"));
}

/** A Gateway that shows the certificate of a Secret. */
export function tlsGateway(fullName: string, selector: string, secret: string): string {
  const port = "{ number: 443, name: https, protocol: HTTPS }";
  const server = `  - { port: ${port}, hosts: [${nameOf(fullName)}.example.no], tls: { mode: SIMPLE, credentialName: ${secret} } }`;
  return networking("Gateway", fullName, [`selector: ${selector}`, "servers:", server].join("\n"));
}

/** A Deployment whose pods carry labels. */
export function deployment(fullName: string, labels: string, more = ""): string {
  const template = [
    `    metadata: { labels: ${labels} }`,
    "    spec:",
    "      containers: [{ name: app, image: app }]",
    ...indented(more, 6),
  ];
  return document("apps/v1", "Deployment", fullName, ["  template:", ...template]);
}

/** A Pod as it runs, with or without a proxy. */
export function pod(fullName: string, labels: string, more = ""): string {
  return [
    "apiVersion: v1",
    "kind: Pod",
    "metadata:",
    ...metadata(fullName),
    `  labels: ${labels}`,
    "spec:",
    "  containers: [{ name: app, image: app }]",
    ...indented(more),
  ].join("\n");
}

/** A Namespace with labels. */
export function namespace(name: string, labels = "{}"): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: ${labels} }`;
}

/** Any object: its spec as lines of YAML that are indented already. */
function document(apiVersion: string, kind: string, fullName: string, spec: readonly string[]): string {
  return [`apiVersion: ${apiVersion}`, `kind: ${kind}`, "metadata:", ...metadata(fullName), "spec:", ...spec].join("\n");
}

/** Any object of another API, its spec as lines of YAML. */
export function object(apiVersion: string, kind: string, fullName: string, spec: string): string {
  return document(apiVersion, kind, fullName, indented(spec));
}

function metadata(fullName: string): readonly string[] {
  const slash = fullName.indexOf("/");
  return [`  name: ${nameOf(fullName)}`, ...(slash === -1 ? [] : [`  namespace: ${fullName.slice(0, slash)}`])];
}

function nameOf(fullName: string): string {
  return fullName.slice(fullName.indexOf("/") + 1);
}

function indented(text: string, by = 2): readonly string[] {
  return text === "" ? [] : text.split("\n").map((line) => " ".repeat(by) + line);
}
