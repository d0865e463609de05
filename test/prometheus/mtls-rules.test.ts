import { expect, test } from "vitest";
import { ruleGroupsOf } from "../../lib/prometheus/rule-group";
import { meshApp, namespace, service } from "../support/tree";

test("a namespace brings rules that record plaintext, and alerts on what nobody declared", () => {
  const shop = namespace({ stage: "permissive" });
  const pricing = service(shop);
  shop.allowPlaintext("vm-monitor", { to: pricing, port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" });
  const [group] = ruleGroupsOf(shop);
  expect(group?.name).toBe("meshground-mtls-shop");
  expect(group?.rules.map((rule) => ("record" in rule ? rule.record : rule.alert))).toEqual([
    "meshground:plaintext_requests:rate5m",
    "meshground:plaintext_tcp_connections:rate5m",
    "PlaintextRequests",
    "PlaintextConnections",
  ]);
  expect(group?.rules[2]).toMatchInlineSnapshot(`
    {
      "alert": "PlaintextRequests",
      "annotations": {
        "description": "Stage "strict" would refuse them. Give the caller a sidecar, or declare it: allowPlaintext. Who calls stands in the access log of the workload's sidecar; what is left in all: meshground mtls status --namespace shop --prometheus URL",
        "summary": "Plaintext requests to {{ $labels.destination_workload }}{{ with $labels.destination_port }}:{{ . }}{{ end }} in shop, which nobody declared",
      },
      "expr": "meshground:plaintext_requests:rate5m{destination_workload_namespace="shop"} > 0 unless meshground:plaintext_requests:rate5m{destination_workload_namespace="shop",destination_workload=~"pricing-v1|pricing-v2",destination_port="9090"}",
      "labels": {
        "severity": "warning",
      },
    }
  `);
  expect(group?.rules[0]).toMatchInlineSnapshot(`
    {
      "expr": "sum by (destination_workload_namespace, destination_workload, destination_port) ((max_over_time(istio_requests_total{reporter="destination",connection_security_policy!="mutual_tls",destination_workload_namespace="shop"}[5m]) unless last_over_time(istio_requests_total{reporter="destination",connection_security_policy!="mutual_tls",destination_workload_namespace="shop"}[1h] offset 5m)) / 300 or rate(istio_requests_total{reporter="destination",connection_security_policy!="mutual_tls",destination_workload_namespace="shop"}[5m]))",
      "labels": {
        "destination_workload_namespace": "shop",
      },
      "record": "meshground:plaintext_requests:rate5m",
    }
  `);
});

test("in a strict namespace they are critical: there plaintext cannot come in", () => {
  const severities = (stage: "permissive" | "strict"): readonly unknown[] =>
    ruleGroupsOf(namespace({ stage }))
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => ("alert" in rule ? [rule.labels?.severity] : []));
  expect(severities("strict")).toEqual(["critical", "critical"]);
  expect(severities("permissive")).toEqual(["warning", "warning"]);
});

test("a namespace that adds nothing unasked brings none", () => {
  expect(ruleGroupsOf(namespace({ defaults: "none" }, meshApp()))).toEqual([]);
});
