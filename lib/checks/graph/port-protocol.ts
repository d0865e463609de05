import { type Data, number, text } from "../fields";

/** Protocols that the name of a Service's port can say, in lower case. */
const protocols: ReadonlySet<string> = new Set([
  "tcp",
  "udp",
  "grpc",
  "grpc-web",
  "http",
  "http_proxy",
  "http2",
  "https",
  "tls",
  "mongo",
  "redis",
  "mysql",
]);

/** What Kubernetes itself calls protocols in `appProtocol`. */
const standard: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/h2c", "http2"],
  ["kubernetes.io/ws", "http"],
  ["kubernetes.io/wss", "https"],
]);

/** SMTP, DNS, MySQL, MongoDB: the server speaks first there, so Istio takes a port that says nothing for TCP. */
const serverFirst: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/**
 * Protocol of a port of a Service as Istio takes it, in lower case: `appProtocol`, else the first word of the name.
 *
 * Undefined where neither names one that Istio knows: it then detects the protocol from the first bytes of each connection.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function portProtocol(port: Data): string | undefined {
  if (port.protocol === "UDP") return "udp";
  const declared = text(port.appProtocol);
  const said = declared === undefined ? undefined : standard.get(declared);
  return said ?? named(declared ?? text(port.name) ?? "") ?? (serverFirst.has(number(port.port) ?? 0) ? "tcp" : undefined);
}

function named(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith("grpc-web")) return "grpc-web";
  const [word = ""] = lower.split("-", 1);
  return protocols.has(word) ? word : undefined;
}
