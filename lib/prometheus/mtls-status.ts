import type { DurationText } from "../core/duration";
import { type DeclaredPlaintext, type ExpectedNamespace, type ExpectedService, type MtlsExpectation, unexpected } from "./mtls-expectation";
import type { PlaintextCounts, PortCount } from "./plaintext";

/**
 * Whether STRICT breaks a namespace:
 *
 * - `safe`: everything came over mTLS
 * - `safe-with-declared`: what did not, came to ports that are declared, and STRICT leaves them open
 * - `plaintext`: somebody calls without mTLS whom nobody declared
 * - `too-little`: too little was seen to tell
 * - `no-metric`: Istio's metrics are not there, or do not say to which port plaintext came
 * - `unreachable`: Prometheus gives no answer
 */
export type MtlsVerdict = "safe" | "safe-with-declared" | "plaintext" | "too-little" | "no-metric" | "unreachable";

/** What came to a port of a workload. */
export interface PortStatus extends Omit<PortCount, "namespace"> {
  /** Why its plaintext is declared; undefined where it is not. */
  readonly declared: string | undefined;
}

/** What is known of a namespace. */
export interface NamespaceStatus {
  readonly name: string;
  readonly verdict: MtlsVerdict;
  /** Why, a sentence each. */
  readonly why: readonly string[];
  readonly ports: readonly PortStatus[];
}

/** What a judgement is made by. */
export interface MtlsQuestion {
  readonly over: DurationText;
  /** Requests below which nothing can be said: of a namespace, and of each of its services. */
  readonly atLeast: number;
  /** What the tree says; without it every plaintext caller is undeclared. */
  readonly expectation: MtlsExpectation | undefined;
  /** Namespaces to judge. @default - those of the expectation; without one, those that Prometheus knows */
  readonly namespaces: readonly string[];
}

/** Whether STRICT is safe in a namespace. Nothing but these two is: no data is not. */
export function isSafe({ verdict }: Pick<NamespaceStatus, "verdict">): boolean {
  return verdict === "safe" || verdict === "safe-with-declared";
}

/** Names of the namespaces that a question is about; none where it is about all that Prometheus knows. */
export function namespacesAsked({ namespaces, expectation }: Pick<MtlsQuestion, "namespaces" | "expectation">): readonly string[] {
  return namespaces.length > 0 ? namespaces : (expectation?.namespaces ?? []).map(({ name }) => name);
}

/** Judges each namespace by what Prometheus saw. */
export function mtlsStatus(counts: PlaintextCounts, question: MtlsQuestion): readonly NamespaceStatus[] {
  const asked = namespacesAsked(question);
  const names = asked.length > 0 ? asked : [...new Set(counts.ports.map(({ namespace }) => namespace))];
  return [...new Set(names)].sort().map((name) => {
    const expected = question.expectation?.namespaces.find((namespace) => namespace.name === name) ?? unexpected(name);
    return namespaceStatus(counts, expected, question);
  });
}

/** What is known of namespaces when Prometheus gives no answer. */
export function unreachableStatus(names: readonly string[], why: string): readonly NamespaceStatus[] {
  return [...new Set(names)].sort().map((name) => ({ name, verdict: "unreachable", why: [why], ports: [] }));
}

/**
 * What is known when access logs show callers too, whom nobody declared: that is plaintext, whatever else was seen. The logs do not say of which namespace they are.
 */
export function withUndeclaredCallers(statuses: readonly NamespaceStatus[], undeclared: number): readonly NamespaceStatus[] {
  if (undeclared === 0) return statuses;
  const why = `The access logs show ${undeclared} call${undeclared === 1 ? "" : "s"} without mTLS that nobody declared.`;
  return statuses.map((status) =>
    status.verdict === "plaintext" ? status : { ...status, verdict: "plaintext", why: [why, ...(isSafe(status) ? [] : status.why)] },
  );
}

function namespaceStatus(counts: PlaintextCounts, expected: ExpectedNamespace, question: MtlsQuestion): NamespaceStatus {
  const { name } = expected;
  const ports = counts.ports
    .filter(({ namespace }) => namespace === name)
    .map(({ namespace, ...count }) => ({ ...count, declared: declaredReason(count, expected) }));
  if (!counts.anyMetric) return { name, ports, verdict: "no-metric", why: [noMetric] };
  const undeclared = ports.filter((port) => plaintextOf(port) > 0 && port.declared === undefined);
  const blind = undeclared.filter((port) => port.port === "" && exceptionsOf(port, expected).length > 0);
  if (undeclared.length > blind.length) return { name, ports, verdict: "plaintext", why: [undeclaredText(undeclared, blind)] };
  if (blind.length > 0) return { name, ports, verdict: "no-metric", why: blind.map(({ workload }) => noPort(workload)) };
  const missing = tooLittle(ports, expected, { ...question, watched: counts.watched.has(name), down: counts.down.get(name) ?? 0 });
  if (missing.length > 0) return { name, ports, verdict: "too-little", why: missing };
  return ports.some((port) => plaintextOf(port) > 0)
    ? { name, ports, verdict: "safe-with-declared", why: [declaredOnly] }
    : { name, ports, verdict: "safe", why: ["Everything came over mTLS."] };
}

const declaredOnly =
  "All plaintext came to declared ports, which STRICT leaves open to the declared addresses. Metrics show no addresses: meshground mtls status --access-log FILE does.";

const noMetric =
  "Prometheus has neither istio_requests_total nor istio_tcp_connections_opened_total of any server: it does not scrape the sidecars, or their metrics are off.";

function noPort(workload: string): string {
  return `Plaintext came to ${workload}, and its metric has no destination_port: whether it came to the declared port cannot be told. Stage "permissive" adds the label; it counts from then on.`;
}

function undeclaredText(undeclared: readonly PortStatus[], blind: readonly PortStatus[]): string {
  const count = undeclared.length - blind.length;
  return `${count === 1 ? "A port takes" : `${count} ports take`} plaintext that nobody declared: STRICT would refuse it.`;
}

function plaintextOf({ plaintext, tcpPlaintext }: Pick<PortCount, "plaintext" | "tcpPlaintext">): number {
  return plaintext + tcpPlaintext;
}

function exceptionsOf({ workload }: Pick<PortCount, "workload">, { plaintext }: ExpectedNamespace): readonly DeclaredPlaintext[] {
  return plaintext.filter(({ workloads }) => workloads.includes(workload));
}

function declaredReason(port: Pick<PortCount, "workload" | "port">, expected: ExpectedNamespace): string | undefined {
  const reasons = exceptionsOf(port, expected).filter((exception) => `${exception.port}` === port.port);
  return reasons.length === 0 ? undefined : [...new Set(reasons.map(({ reason }) => reason))].join("; ");
}

interface Watch extends Pick<MtlsQuestion, "over" | "atLeast"> {
  /** Whether there were metrics when the window began. */
  readonly watched: boolean;
  /** Sidecars that do not answer Prometheus. */
  readonly down: number;
}

/** Why what was seen is not enough, a sentence each. */
function tooLittle(
  ports: readonly PortStatus[],
  { services }: ExpectedNamespace,
  { over, atLeast, watched, down }: Watch,
): readonly string[] {
  const seen = trafficOf(ports);
  const starved = services.filter((service) => !isEnough(trafficOf(portsOf(service, ports)), atLeast));
  return [
    ...(watched ? [] : [`Prometheus has no metric of it from ${over} ago: it has not been watched for that long.`]),
    ...(down === 0 ? [] : [`${down} of its sidecars ${down === 1 ? "does" : "do"} not answer Prometheus: what comes to them is not seen.`]),
    ...(isEnough(seen, atLeast) ? [] : [`${seenText(seen)} within ${over}, of at least ${atLeast}.`]),
    ...starved.map((service) => `${service.name}: ${seenText(trafficOf(portsOf(service, ports)))} within ${over}, of at least ${atLeast}.`),
  ];
}

interface Traffic {
  readonly requests: number;
  readonly connections: number;
}

function trafficOf(ports: readonly PortStatus[]): Traffic {
  return {
    requests: ports.reduce((sum, { plaintext, mutualTls }) => sum + plaintext + mutualTls, 0),
    connections: ports.reduce((sum, { tcpPlaintext, tcpMutualTls }) => sum + tcpPlaintext + tcpMutualTls, 0),
  };
}

/** A TCP connection carries any number of requests, and a caller of a database may hold one for days: where there are no others, one is enough. */
function isEnough({ requests, connections }: Traffic, atLeast: number): boolean {
  return requests + connections >= atLeast || (requests === 0 && connections > 0);
}

function seenText({ requests, connections }: Traffic): string {
  const [some, others] = [
    `${requests} request${requests === 1 ? "" : "s"}`,
    `${connections} TCP connection${connections === 1 ? "" : "s"}`,
  ];
  return connections === 0 ? some : `${some} and ${others}`;
}

function portsOf({ workloads }: ExpectedService, ports: readonly PortStatus[]): readonly PortStatus[] {
  return ports.filter(({ workload }) => workloads.includes(workload));
}
