import { type Data, list, record, records, text } from "../../fields";
import type { SpecWarning } from "./spec-warning";

const tcp: readonly unknown[] = ["TCP", "HTTPS", "TLS", "MONGO", "REDIS", "MYSQL"];
const byName: readonly unknown[] = ["DNS", "DNS_ROUND_ROBIN"];

/** What of a ServiceEntry does not do what it seems to. That TCP needs addresses is IST0134's. */
export function* serviceEntryWarnings(spec: Data): Iterable<SpecWarning> {
  const resolution = text(spec.resolution) ?? "NONE";
  if (resolution !== "DYNAMIC_DNS") yield* partialWildcards(spec.hosts);
  if (resolution === "NONE" && typeof spec.workloadSelector === "object" && spec.workloadSelector !== null) yield selectsForNothing;
  if (resolution === "STATIC") {
    for (const [index, endpoint] of records(spec.endpoints).entries()) yield* addressWarnings(endpoint, `spec.endpoints[${index}]`);
  }
  if (byName.includes(resolution)) yield* sharedAddresses(spec);
}

/** A WorkloadEntry, or an endpoint of a ServiceEntry, that only its network reaches. */
export function* addressWarnings({ address, network }: Data, path: string): Iterable<SpecWarning> {
  if ((address ?? "") !== "" || text(network) === undefined || network === "") return;
  yield {
    field: `${path}.network`,
    message: `there is no address, so callers go by the gateway of the network ${network}: where the mesh knows none for it, or callers are of the same network, the endpoint takes no calls.`,
    fix: "Set address if callers reach it directly, else see that the network has a gateway.",
  };
}

const selectsForNothing: SpecWarning = {
  field: "spec.workloadSelector",
  message:
    "resolution is NONE, so calls go to the address that the caller asked for: the pods that workloadSelector names get none of them.",
  fix: "Set resolution to STATIC if the pods are meant, else remove workloadSelector.",
};

function* partialWildcards(hosts: unknown): Iterable<SpecWarning> {
  for (const [index, host] of list(hosts).entries()) {
    if (typeof host !== "string" || host === "*" || !host.includes("*") || host.startsWith("*.")) continue;
    yield {
      field: `spec.hosts[${index}]`,
      message: `${host} has a wildcard for a part of a label: proxies match whole labels only, so no call is for it.`,
      fix: "Put *. in the place of whole labels, as in *.example.no.",
    };
  }
}

function* sharedAddresses({ addresses, hosts, ports }: Data): Iterable<SpecWarning> {
  if (list(addresses).length === 0 || list(hosts).length < 2) return;
  const index = records(ports).findIndex(({ protocol }) => tcp.includes(text(protocol)?.toUpperCase()));
  if (index === -1) return;
  const { number, protocol } = record(list(ports)[index]);
  yield {
    field: "spec.hosts",
    message: `port ${number} of ${protocol} is found by its address, and ${list(hosts).length} hosts share the addresses: all calls go to one of the hosts.`,
    fix: "Write one ServiceEntry for each host, or remove addresses.",
  };
}
