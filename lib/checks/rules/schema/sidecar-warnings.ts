import { isHttp } from "../../../istio/text";
import type { Data } from "../../fields";
import { list, record, records, text } from "../../fields";
import { serverTlsWarnings } from "./server-tls-warnings";
import type { SpecWarning } from "./spec-warning";

/** What of a Sidecar's listeners does nothing. */
export function* sidecarWarnings(spec: Data, namespace: string): Iterable<SpecWarning> {
  for (const [index, listener] of records(spec.ingress).entries()) yield* ingressWarnings(listener, `spec.ingress[${index}]`);
  for (const [index, { hosts }] of records(spec.egress).entries()) yield* hostWarnings(hosts, `spec.egress[${index}].hosts`, namespace);
}

function* ingressWarnings({ port, tls, connectionPool }: Data, path: string): Iterable<SpecWarning> {
  yield* serverTlsWarnings(tls, `${path}.tls`);
  const { http } = record(connectionPool);
  if (typeof http !== "object" || http === null || typeof port !== "object" || port === null) return;
  const { protocol, number } = record(port);
  const spoken = text(protocol) ?? "";
  if (isHttp(spoken)) return;
  yield {
    field: `${path}.connectionPool.http`,
    message: `port ${number} ${spoken === "" ? "names no protocol" : `speaks ${spoken}`}, so of its connection pool only tcp holds: the limits of http are left out.`,
    fix: "Name the protocol of the port if it speaks HTTP, else remove connectionPool.http.",
  };
}

/** Hosts of one listener that others of it hold already. Each is written `namespace/host`. */
function* hostWarnings(value: unknown, path: string, own: string): Iterable<SpecWarning> {
  const seen = new Map<string, Set<string>>();
  for (const [index, host] of list(value).entries()) {
    const [namespace = "", name] = parts(host, own);
    if (name === undefined) continue;
    const names = seen.get(namespace) ?? new Set();
    seen.set(namespace, names);
    if (isHeld(name, names)) yield repeated(`${path}[${index}]`, String(host), name);
    names.add(name);
  }
  if (seen.get("*")?.has("*") !== true || seen.size === 1) return;
  yield {
    field: path,
    message: "*/* stands for every host of every namespace, so the other hosts of this listener narrow nothing.",
    fix: "Remove */* if only the others are meant, else the others.",
  };
}

function isHeld(name: string, names: ReadonlySet<string>): boolean {
  return name === "*" ? names.size > 0 : names.has(name) || names.has("*");
}

function parts(host: unknown, own: string): readonly (string | undefined)[] {
  if (typeof host !== "string" || host.startsWith("~")) return [];
  const slash = host.indexOf("/");
  if (slash === -1) return [];
  const namespace = host.slice(0, slash);
  return [namespace === "." ? own : namespace, host.slice(slash + 1)];
}

function repeated(field: string, host: string, name: string): SpecWarning {
  const message =
    name === "*"
      ? `${host} stands for every host of the namespace, and some are named before it: they narrow nothing.`
      : `${host} is in this listener already, by its name or by a wildcard.`;
  return { field, message, fix: name === "*" ? `Remove ${host} if only the others are meant, else the others.` : "Remove it." };
}
