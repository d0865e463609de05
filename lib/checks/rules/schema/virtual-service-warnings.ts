import { isIP } from "node:net";
import { at, type Data, list, record, records, text, texts } from "../../fields";
import type { SpecWarning } from "./spec-warning";

const kilobyte = 1024;
/** Bodies that Istio takes without a word. Unit: bytes. */
const smallBody = 100 * kilobyte;
/** What Istio takes at all. Unit: bytes. */
const largestBody = 1024 * kilobyte;

/** What of a VirtualService is out of date, or costs more than it seems to. */
export function* virtualServiceWarnings(spec: Data): Iterable<SpecWarning> {
  yield* gatewayNames(spec.gateways, "spec.gateways");
  for (const [index, route] of records(spec.http).entries()) yield* httpWarnings(route, `spec.http[${index}]`);
  for (const [index, { match }] of records(spec.tls).entries()) {
    for (const [place, { sniHosts, gateways }] of records(match).entries()) {
      const path = `spec.tls[${index}].match[${place}]`;
      yield* sniWarnings(sniHosts, `${path}.sniHosts`);
      yield* gatewayNames(gateways, `${path}.gateways`);
    }
  }
}

/** Istio looks no further than the first gateway that is written without a slash. */
function* gatewayNames(value: unknown, path: string): Iterable<SpecWarning> {
  const index = texts(value).findIndex((gateway) => !gateway.includes("/"));
  const gateway = texts(value)[index];
  const [name, namespace] = gateway?.split(".") ?? [];
  if (gateway === undefined || namespace === undefined) return;
  yield {
    field: `${path}[${list(value).indexOf(gateway)}]`,
    message: `${gateway} names the gateway as a host, which Istio takes for ${namespace}/${name} and is to take no longer.`,
    fix: `Write ${namespace}/${name}.`,
  };
}

function* httpWarnings(route: Data, path: string): Iterable<SpecWarning> {
  if (route.mirrorPercent !== undefined && route.mirrorPercent !== null) {
    yield {
      field: `${path}.mirrorPercent`,
      message: "mirrorPercent is deprecated.",
      fix: `Write mirrorPercentage: { value: ${JSON.stringify(route.mirrorPercent)} }.`,
    };
  }
  const size = bodySize(at(route, "directResponse", "body"));
  if (size <= smallBody || size > largestBody) return;
  yield {
    field: `${path}.directResponse.body`,
    message: `the body has ${Math.round(size / kilobyte)} kB, which istiod holds in memory and sends to every proxy that the route is for, at each change.`,
    fix: "Serve it from a workload, and route there.",
  };
}

/** Unit: bytes. */
function bodySize(body: unknown): number {
  const { string, bytes } = record(body);
  const encoded = text(bytes)?.replace(/=*$/, "").length ?? 0;
  return typeof string === "string" ? Buffer.byteLength(string) : Math.floor((encoded * 3) / 4);
}

function* sniWarnings(value: unknown, path: string): Iterable<SpecWarning> {
  for (const [index, host] of list(value).entries()) {
    if (typeof host !== "string" || isIP(host) === 0) continue;
    yield {
      field: `${path}[${index}]`,
      message: `${host} is an address, and callers say only names in SNI: hardly any call is matched.`,
      fix: "Name hosts in sniHosts, and addresses in destinationSubnets.",
    };
  }
}
