import type { Severity } from "../../../core/finding";
import { minorNumber } from "../../../istio/catalogue";
import { type Data, text } from "../../fields";
import { clusterDomain, fullHost } from "../../graph/hosts";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleExample } from "../../rule";

/** Whether TLS settings of a DestinationRule name no CA to hold the server's certificate to. */
export function isUnverified({ spec }: MeshObject, { mode, caCertificates, credentialName }: Data): boolean {
  if (mode !== "SIMPLE" && mode !== "MUTUAL") return false;
  // A Secret can hold the CA, but only a rule that selects workloads reads one.
  const fromSecret = (text(credentialName) ?? "") !== "" && spec.workloadSelector !== undefined && spec.workloadSelector !== null;
  return (text(caCertificates) ?? "") === "" && !fromSecret;
}

/** What a proxy of the release does without a CA. */
export function unverifiedMessage(graph: ObjectGraph, { spec }: MeshObject, { mode }: Data, port?: number): string {
  const host = `${text(spec.host) ?? "the host"}${port === undefined ? "" : ` at port ${port}`}`;
  const outcome = verifies(graph)
    ? "any CA that the proxy's operating system trusts can vouch for it, and a private CA cannot"
    : "the proxy takes whatever certificate it is shown";
  return `${mode} TLS to ${host} has no caCertificates: ${outcome}.`;
}

/** How much it matters, where that hangs on the release and the host: outside the cluster a CA of the operating system is what most want. */
export function severityOf(graph: ObjectGraph, { spec, namespace }: MeshObject): { readonly severity?: Severity } {
  const isOutside = !fullHost(text(spec.host) ?? "", namespace).endsWith(`.${clusterDomain}`);
  return verifies(graph) && isOutside ? { severity: "note" } : {};
}

/** Istio calls it an error up to 1.17, for the host as a whole. */
export function severityBefore118(graph: ObjectGraph): { readonly severity?: Severity } {
  return minorOf(graph) < minorNumber("1.18") ? { severity: "error" } : {};
}

/** Whether a proxy holds certificates to the CAs of its operating system where it is told of no other. */
function verifies(graph: ObjectGraph): boolean {
  return minorOf(graph) >= minorNumber("1.21");
}

function minorOf(graph: ObjectGraph): number {
  return minorNumber(graph.surroundings.releases.istio.minor);
}

/** The example of the rules on a CA: for the whole host, or for one of its ports. */
export function clientTlsExample(port: number | ""): RuleExample {
  return { bad: example(port, []), good: example(port, ["caCertificates: /etc/ledger/ca.pem"]) };
}

function example(port: number | "", verification: readonly string[]): string {
  const tls = ["tls:", ...["mode: SIMPLE", "sni: ledger.example.no", ...verification].map((line) => `  ${line}`)];
  const lines = port === "" ? tls : ["portLevelSettings:", "  - port:", `      number: ${port}`, ...tls.map((line) => `    ${line}`)];
  return `
apiVersion: v1
kind: Service
metadata:
  name: ledger
  namespace: shop
spec:
  selector:
    app: ledger
  ports:
    - name: tcp-postgres
      port: 5432
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ledger
  namespace: shop
spec:
  host: ledger
  trafficPolicy:
${lines.map((line) => `    ${line}`).join("\n")}
`;
}
