import { type Data, number, text } from "../fields";
import { portProtocol } from "./port-protocol";

/** Protocols in which the server speaks first, by the words that ports are named with. */
const words: ReadonlyMap<string, string> = new Map([
  ["mysql", "MySQL"],
  ["mariadb", "MySQL"],
  ["smtp", "SMTP"],
  ["submission", "SMTP"],
  ["lmtp", "LMTP"],
  ["imap", "IMAP"],
  ["pop3", "POP3"],
  ["sieve", "ManageSieve"],
  ["ftp", "FTP"],
  ["nntp", "NNTP"],
  ["ssh", "SSH"],
  ["sftp", "SSH"],
  ["nats", "NATS"],
  ["vnc", "VNC"],
]);

/** The same by the ports that are registered for them. */
const numbers: ReadonlyMap<number, string> = new Map([
  [21, "FTP"],
  [22, "SSH"],
  [25, "SMTP"],
  [110, "POP3"],
  [119, "NNTP"],
  [143, "IMAP"],
  [587, "SMTP"],
  [3306, "MySQL"],
  [4190, "ManageSieve"],
  [4222, "NATS"],
  [5900, "VNC"],
]);

/** Words of ports that lie beside such a server and speak something else. */
const beside: ReadonlySet<string> = new Set([
  "http",
  "https",
  "http2",
  "grpc",
  "metrics",
  "prom",
  "prometheus",
  "monitor",
  "monitoring",
  "exporter",
  "admin",
  "web",
  "ui",
  "tls",
]);

/**
 * The protocol of a Service's port in which the server speaks first: by what it is named, else by its number. Undefined for any other.
 *
 * @see https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols
 */
export function serverFirst(port: Data): string | undefined {
  if (port.protocol !== undefined && port.protocol !== "TCP") return undefined;
  const named = (text(port.appProtocol) ?? text(port.name) ?? "").slice(0, 100).toLowerCase().split(/[-./]/);
  if (named.some((word) => beside.has(word))) return undefined;
  const declared = portProtocol(port);
  if (declared !== undefined && declared !== "tcp" && declared !== "mysql") return undefined;
  return named.map((word) => words.get(word)).find((found) => found !== undefined) ?? numbers.get(number(port.port) ?? 0);
}
