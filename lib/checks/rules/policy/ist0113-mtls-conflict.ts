import { objectName } from "../../mesh-object";
import type { Rule, RuleFinding } from "../../rule";
import type { Sending } from "./client-tls";
import { listed } from "./listed";
import { type MtlsConflict, mtlsConflicts } from "./mtls-conflicts";

/** Callers and pods have to agree on mTLS. */
export const mtlsConflict: Rule = {
  code: "IST0113",
  title: "DestinationRule and PeerAuthentication disagree on mTLS",
  severity: "error",
  consequence:
    "The pods refuse what their callers send: every call gets a 503, TCP connections are reset. Istio's own analysis no longer looks for it.",
  fix:
    "Leave tls out of the DestinationRule: automatic mTLS then sends what each pod takes. Or set the mode that the PeerAuthentication asks for: " +
    "ISTIO_MUTUAL for STRICT. Where callers without mTLS are meant, write a PERMISSIVE PeerAuthentication for that port of the workload.",
  see: [
    "https://istio.io/v1.20/docs/reference/config/analysis/ist0113/",
    "https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule",
    "https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: STRICT
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    tls:
      mode: DISABLE
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: STRICT
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 100
`,
  },
  *check(graph) {
    for (const conflicts of graph.derive(mtlsConflicts).values()) yield* conflicts.map(finding);
  },
};

const sent: Readonly<Record<Sending, string>> = {
  plaintext: "plaintext",
  tls: "TLS without the mesh's certificate",
  mutual: "mTLS",
};

function finding({ object, field, tls, services, demand }: MtlsConflict): RuleFinding {
  const where = services.length === 1 && demand.port !== undefined ? `${services[0]}:${demand.port}` : listed(services);
  const who = tls.written === undefined ? "automatic mTLS is off, and callers send" : `${tls.written} sends`;
  const taken = demand.mode === "STRICT" ? "mTLS only (STRICT)" : "plaintext only (DISABLE)";
  return {
    object,
    field,
    message: `${who} ${sent[tls.sending]} to ${where}, which by ${objectName(demand.policy)} takes ${taken}: calls get a 503.`,
    ...(!demand.certain && { severity: "warning" as const }),
  };
}
