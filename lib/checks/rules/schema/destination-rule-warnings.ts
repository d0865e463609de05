import { type Data, list, number, record } from "../../fields";
import type { SpecWarning } from "./spec-warning";

const policy = "spec.trafficPolicy";

/** What of a DestinationRule's own traffic policy is out of date or does nothing. Istio does not look below subsets and ports. */
export function* destinationRuleWarnings(spec: Data): Iterable<SpecWarning> {
  const { outlierDetection, loadBalancer } = record(spec.trafficPolicy);
  if ((number(record(outlierDetection).consecutiveErrors) ?? 0) !== 0) yield consecutiveErrors;
  if (Number(record(record(loadBalancer).consistentHash).minimumRingSize ?? 0) > 0) yield minimumRingSize;
  if (outlierDetection !== undefined && outlierDetection !== null) return;
  for (const name of ["localityLbSetting", "zoneAwareLbSetting"] as const) {
    const locality = record(record(loadBalancer)[name]);
    const said = (["failover", "failoverPriority"] as const).find((field) => list(locality[field]).length > 0);
    if (said !== undefined && !isRefused(locality)) yield failover(name, said);
  }
}

/** Weights and an order of failover at once. */
function isRefused({ distribute, failover }: Data): boolean {
  return list(distribute).length > 0 && list(failover).length > 0;
}

const consecutiveErrors: SpecWarning = {
  field: `${policy}.outlierDetection.consecutiveErrors`,
  message:
    "consecutiveErrors is deprecated, and Istio no longer counts by it: without another counter a pod is ejected after 5 answers of 5xx.",
  fix: "Write consecutive5xxErrors, or consecutiveGatewayErrors for 502, 503 and 504 only.",
};

const minimumRingSize: SpecWarning = {
  field: `${policy}.loadBalancer.consistentHash.minimumRingSize`,
  message: "consistentHash.minimumRingSize is deprecated.",
  fix: "Write consistentHash.ringHash.minimumRingSize.",
};

function failover(name: string, said: string): SpecWarning {
  const then = name === "localityLbSetting" ? `Istio leaves ${said} out` : "calls leave the locality only when it has no ready pod";
  return {
    field: `${policy}.loadBalancer.${name}.${said}`,
    message: `${said} says where calls go when pods fail, and without outlierDetection no pod is found to fail: ${then}.`,
    fix: "Set trafficPolicy.outlierDetection.",
  };
}
