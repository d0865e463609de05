import { record } from "../../fields";
import { judged } from "../../graph/judged";
import type { Rule } from "../../rule";
import { clientTlsExample, isUnverified, severityBefore118, severityOf, unverifiedMessage } from "./client-tls";

/** Encryption alone does not say who is at the other end. */
export const noCaCertificates: Rule = {
  code: "IST0128",
  title: "TLS to a host whose certificate is not held to a CA of its own",
  severity: "warning",
  consequence:
    "Before Istio 1.21 the proxy takes any certificate: whoever stands on the way can read along. Since then it takes one from any CA that the proxy's operating system trusts, and refuses those of a private CA: callers get 503.",
  fix: "Name the CA in caCertificates, with subjectAltNames for the host, or put it into the Secret of credentialName and add a workloadSelector.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0128/",
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings",
  ],
  example: clientTlsExample(""),
  *check(graph) {
    for (const object of judged(graph, "DestinationRule")) {
      const tls = record(record(object.spec.trafficPolicy).tls);
      if (!isUnverified(object, tls)) continue;
      yield {
        object,
        field: "spec.trafficPolicy.tls",
        message: unverifiedMessage(graph, object, tls),
        ...severityOf(graph, object),
        ...severityBefore118(graph),
      };
    }
  },
};
