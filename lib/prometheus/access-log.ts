import { BlockList, isIP, isIPv6 } from "node:net";
import { isRecord } from "../core/check";
import type { DeclaredPlaintext } from "./mtls-expectation";

/** A request or connection that came to a sidecar without mTLS. */
export interface PlaintextCall {
  /** Address of the caller, as the sidecar saw it. */
  readonly address: string;
  /** Port that the workload listens on. */
  readonly port: number;
}

/** How often an address called a port. */
interface Caller extends PlaintextCall {
  readonly count: number;
  /** Why its calls are declared; undefined where they are not. */
  readonly declared: string | undefined;
}

/** Who called without mTLS, as access logs say. */
export interface Callers {
  /** Those who called most, the first one most often. */
  readonly most: readonly Caller[];
  /** All others: how many, and how often they called. */
  readonly others: { readonly callers: number; readonly count: number };
  /** Calls that no exception covers, of all callers. */
  readonly undeclared: number;
  /** Lines that are neither of Istio's two forms. */
  readonly unread: number;
}

/** Longest line that is looked at. Unit: UTF-16 code units. */
const longestLine = 65_536;

/** Most callers that are told apart: whoever can call could fill the memory. */
const mostKept = 100_000;

/** Most callers that are named. */
const mostNamed = 10;

interface CountedCall {
  readonly call: PlaintextCall;
  count: number;
}

/** Counts the plaintext callers in lines of access logs: in Istio's default text, or in its JSON. */
export class CallerCount {
  readonly #counts: Map<string, CountedCall> = new Map();
  #unread = 0;
  #uncounted = 0;

  /** Takes a line. What a sidecar logs beside its access log is JSON or begins with a date: none of it is a call. */
  add(line: string): void {
    if (line.trim() === "") return;
    const call = line.length > longestLine ? undefined : plaintextCall(line);
    if (call === undefined) this.#unread += 1;
    else if (call !== "other") this.#count(call);
  }

  /** Who called, by the exceptions that a tree declares. */
  result(declared: readonly DeclaredPlaintext[]): Callers {
    const all = [...this.#counts.values()].sort((a, b) => b.count - a.count);
    const rest = all.slice(mostNamed);
    return {
      most: all.slice(0, mostNamed).map(({ call, count }) => ({ ...call, count, declared: reasonOf(call, declared) })),
      others: { callers: rest.length, count: rest.reduce((sum, { count }) => sum + count, this.#uncounted) },
      // Of those that were too many to keep nobody knows who they are.
      undeclared: undeclaredOf(all, declared) + this.#uncounted,
      unread: this.#unread,
    };
  }

  #count(call: PlaintextCall): void {
    const key = `${call.address} ${call.port}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#counts.size < mostKept) this.#counts.set(key, { call, count: 1 });
    else this.#uncounted += 1;
  }
}

/** The call of a line; `"other"` for one that went over mTLS or out of the pod; undefined for a line that is none of an access log. */
export function plaintextCall(line: string): PlaintextCall | "other" | undefined {
  const fields = line.trimStart().startsWith("{") ? jsonFields(line) : textFields(line);
  if (fields === undefined) return undefined;
  const [local, remote] = [endpoint(fields.local), endpoint(fields.remote)];
  if (local === undefined || remote === undefined) return undefined;
  // Istio's mTLS brings a server name of its own form: `outbound_.8080_.v1_.pricing.shop.svc.cluster.local`. Another one is a caller's own TLS.
  if (!fields.cluster.startsWith("inbound") || fields.serverName.startsWith("outbound_")) return "other";
  return { address: remote.address, port: local.port };
}

interface Fields {
  readonly cluster: string;
  readonly local: string;
  readonly remote: string;
  readonly serverName: string;
}

/**
 * From the end: what stands before, a caller writes as it likes, quotation marks among it.
 *
 * @see https://istio.io/v1.30/docs/tasks/observability/logs/access-log/#default-access-log-format
 */
function textFields(line: string): Fields | undefined {
  const words = line.trimEnd().split(" ");
  const [cluster = "", , local = "", remote = "", serverName = ""] = words.slice(-6);
  return words.length < 12 ? undefined : { cluster, local, remote, serverName };
}

function jsonFields(line: string): Fields | undefined {
  const entry = tryJson(line);
  if (!isRecord(entry)) return undefined;
  const text = (name: string): string => (typeof entry[name] === "string" ? entry[name] : "-");
  return {
    cluster: text("upstream_cluster"),
    local: text("downstream_local_address"),
    remote: text("downstream_remote_address"),
    serverName: text("requested_server_name"),
  };
}

function endpoint(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "";
  return isIP(address) === 0 ? undefined : { address, port: Number(port) };
}

/** Where an exception's addresses are not those that arrive, its port alone decides. */
function reasonOf({ address, port }: PlaintextCall, declared: readonly DeclaredPlaintext[]): string | undefined {
  const own = declared.filter((exception) => exception.port === port && (exception.from.length === 0 || holds(exception.from, address)));
  return own.length === 0 ? undefined : [...new Set(own.map(({ reason }) => reason))].join("; ");
}

function undeclaredOf(calls: readonly CountedCall[], declared: readonly DeclaredPlaintext[]): number {
  return calls.filter(({ call }) => reasonOf(call, declared) === undefined).reduce((sum, { count }) => sum + count, 0);
}

function holds(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", prefix = ""] = range.split("/");
    list.addSubnet(network, Number(prefix), isIPv6(network) ? "ipv6" : "ipv4");
  }
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
