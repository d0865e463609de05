import { isCidr } from "../../../core/cidr";
import { isWithin } from "./istio-annotations";
import { proxyConfigProblem } from "./proxy-config-text";

/** What is wrong with the value of an annotation: a phrase; undefined when nothing is. */
type ValueCheck = (value: string) => string | undefined;

interface CheckedAnnotation {
  readonly check: ValueCheck;
  /** First minor of Istio that checks it. @default - all of the catalogue */
  readonly from?: string;
  /** First minor of Istio that no longer checks it. @default - none */
  readonly before?: string;
}

const checked: ReadonlyMap<string, CheckedAnnotation> = new Map<string, CheckedAnnotation>([
  ["sidecar.istio.io/interceptionMode", { check: interceptionMode }],
  ["status.sidecar.istio.io/port", { check: port }],
  ["readiness.status.sidecar.istio.io/initialDelaySeconds", { check: wholeNumber }],
  ["readiness.status.sidecar.istio.io/periodSeconds", { check: wholeNumber }],
  ["readiness.status.sidecar.istio.io/failureThreshold", { check: wholeNumber }],
  ["traffic.sidecar.istio.io/includeOutboundIPRanges", { check: orAll(ranges) }],
  ["traffic.sidecar.istio.io/excludeOutboundIPRanges", { check: ranges }],
  ["traffic.sidecar.istio.io/includeInboundPorts", { check: orAll(ports) }],
  ["traffic.sidecar.istio.io/excludeInboundPorts", { check: ports }],
  ["traffic.sidecar.istio.io/excludeOutboundPorts", { check: ports }],
  ["traffic.sidecar.istio.io/excludeInterfaces", { check: interfaces, from: "1.30" }],
  ["traffic.sidecar.istio.io/kubevirtInterfaces", { check: interfaces, from: "1.30" }],
  ["istio.io/reroute-virtual-interfaces", { check: interfaces, from: "1.30" }],
  ["sidecar.istio.io/enableCoreDump", { check: boolean, before: "1.25" }],
  ["prometheus.istio.io/merge-metrics", { check: boolean }],
  ["proxy.istio.io/config", { check: proxyConfigProblem }],
  ["sidecar.istio.io/proxyCPU", { check: quantity, from: "1.27" }],
  ["sidecar.istio.io/proxyMemory", { check: quantity, from: "1.27" }],
  ["sidecar.istio.io/proxyCPULimit", { check: quantity, from: "1.27" }],
  ["sidecar.istio.io/proxyMemoryLimit", { check: quantity, from: "1.27" }],
]);

/** What a release of Istio finds wrong with the value of an annotation: a phrase; undefined when nothing is, or when it does not look. */
export function annotationProblem(name: string, value: string, minor: string): string | undefined {
  const known = checked.get(name);
  return known !== undefined && isWithin(minor, known.from, known.before) ? known.check(value) : undefined;
}

function interceptionMode(value: string): string | undefined {
  return ["REDIRECT", "TPROXY", "NONE"].includes(value) ? undefined : "it takes REDIRECT, TPROXY or NONE";
}

function boolean(value: string): string | undefined {
  return /^(?:1|0|[tTfF]|true|false|TRUE|FALSE|True|False)$/.test(value) ? undefined : "it takes true or false";
}

function wholeNumber(value: string): string | undefined {
  return isWholeNumber(value, 2 ** 32 - 1) ? undefined : "it takes a whole number";
}

function port(value: string): string | undefined {
  return isWholeNumber(value.trim(), 65_535) ? undefined : "it takes a port from 0 to 65535";
}

function ports(value: string): string | undefined {
  if (value.trim() === "") return undefined;
  const wrong = value.split(",").find((entry) => port(entry) !== undefined);
  return wrong === undefined ? undefined : `it takes ports with commas between them, and ${JSON.stringify(cut(wrong))} is none`;
}

function ranges(value: string): string | undefined {
  if (value === "") return undefined;
  const wrong = value.split(",").find((entry) => !isCidr(entry));
  return wrong === undefined
    ? undefined
    : `it takes address ranges with commas and no blanks between them, and ${JSON.stringify(cut(wrong))} is none`;
}

function interfaces(value: string): string | undefined {
  if (value === "") return undefined;
  const wrong = value.split(",").find((entry) => !/^[A-Za-z][\w.-]{0,14}$/.test(entry.trim()));
  return wrong === undefined
    ? undefined
    : `it takes interfaces of at most 15 characters with commas between them, and ${JSON.stringify(cut(wrong))} is none`;
}

/** A quantity as Kubernetes reads it. */
function quantity(value: string): string | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(value)
    ? undefined
    : 'it takes an amount such as "500m" or "128Mi"';
}

function orAll(check: ValueCheck): ValueCheck {
  return (value) => (value === "*" ? undefined : check(value));
}

function isWholeNumber(text: string, most: number): boolean {
  return /^\d{1,20}$/.test(text) && Number(text) <= most;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
