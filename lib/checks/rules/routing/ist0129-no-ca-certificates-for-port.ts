import { record, records } from "../../fields";
import { judged } from "../../graph/judged";
import type { Rule } from "../../rule";
import { clientTlsExample, isUnverified, severityOf, unverifiedMessage } from "./client-tls";

/** Encryption alone does not say who is at the other end. */
export const noCaCertificatesForPort: Rule = {
  code: "IST0129",
  title: "TLS to a port whose certificate is not held to a CA of its own",
  severity: "warning",
  consequence:
    "Before Istio 1.21 the proxy takes any certificate: whoever stands on the way can read along. Since then it takes one from any CA that the proxy's operating system trusts, and refuses those of a private CA: callers get 503.",
  fix: "Name the CA in the port's caCertificates, with subjectAltNames for the host, or put it into the Secret of credentialName and add a workloadSelector.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0129/",
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings",
  ],
  example: clientTlsExample(5432),
  *check(graph) {
    for (const object of judged(graph, "DestinationRule")) {
      for (const [index, setting] of records(record(object.spec.trafficPolicy).portLevelSettings).entries()) {
        const tls = record(setting.tls);
        if (!isUnverified(object, tls)) continue;
        const port = record(setting.port).number;
        const message = unverifiedMessage(graph, object, tls, typeof port === "number" ? port : undefined);
        yield { object, field: `spec.trafficPolicy.portLevelSettings[${index}].tls`, message, ...severityOf(graph, object) };
      }
    }
  },
};
