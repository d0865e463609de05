import { isHttp } from "../../../istio/text";
import { type Data, record, records, text } from "../../fields";
import { serverTlsWarnings } from "./server-tls-warnings";
import type { SpecWarning } from "./spec-warning";

/** What of a Gateway's servers does nothing. */
export function* gatewayWarnings(spec: Data): Iterable<SpecWarning> {
  for (const [index, server] of records(spec.servers).entries()) {
    const path = `spec.servers[${index}].tls`;
    yield* serverTlsWarnings(server.tls, path);
    const { protocol, number } = record(server.port);
    const spoken = text(protocol);
    if (record(server.tls).httpsRedirect !== true || spoken === undefined || isHttp(spoken)) continue;
    yield {
      field: `${path}.httpsRedirect`,
      message: `port ${number} speaks ${spoken}, and httpsRedirect answers calls in plain HTTP only: here it redirects nobody.`,
      fix: "Remove httpsRedirect here, and set it on the server of the port that speaks HTTP.",
    };
  }
}
