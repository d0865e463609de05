import { describe, expect, test } from "vitest";
import { annotationProblem } from "../../../lib/checks/rules/workloads/annotation-values";
import { misplacedAnnotation } from "../../../lib/checks/rules/workloads/ist0107-misplaced-annotation";
import { unknownAnnotation } from "../../../lib/checks/rules/workloads/ist0108-unknown-annotation";
import { invalidAnnotation } from "../../../lib/checks/rules/workloads/ist0125-invalid-annotation";
import { deprecatedAnnotation } from "../../../lib/checks/rules/workloads/ist0135-deprecated-annotation";
import { alphaAnnotation } from "../../../lib/checks/rules/workloads/ist0136-alpha-annotation";
import { istioAnnotations } from "../../../lib/checks/rules/workloads/istio-annotations";
import type { Finding } from "../../../lib/core/finding";
import { type Around, findingsIn } from "../checked";
import { anything, deployment, type Fields, istio, namespace, pod, service, yaml } from "./workload-objects";

type Objects = readonly Fields[];
type Annotations = Readonly<Record<string, string>>;

const rules = [misplacedAnnotation, unknownAnnotation, invalidAnnotation, deprecatedAnnotation];
const codes = (objects: Objects, around?: Around): readonly string[] => findingsIn(yaml(...objects), rules, around).map(({ code }) => code);
const first = (...objects: Objects): Finding | undefined => findingsIn(yaml(...objects), rules)[0];
const onPod = (annotations: Annotations, metadata = {}): Fields => pod({}, { annotations, ...metadata });
const onService = (annotations: Annotations): Fields => service("pricing", {}, { annotations });

describe("an annotation of Istio", () => {
  test.each([
    ["for pods on a Deployment", deployment({}, {}, { annotations: { "sidecar.istio.io/proxyCPU": "1" } })],
    ["for pods on a Service", onService({ "sidecar.istio.io/proxyCPU": "1" })],
    ["for pods on a Namespace", namespace("shop", {}, { "sidecar.istio.io/proxyCPU": "1" })],
    ["for Services on a Pod", onPod({ "networking.istio.io/exportTo": "." })],
    ["for Ingresses on a Service", onService({ "kubernetes.io/ingress.class": "istio" })],
    ["for policies on a Namespace", namespace("shop", {}, { "istio.io/dry-run": "true" })],
  ])("is misplaced: one %s", (_, one) => {
    expect(codes([one])).toEqual(["IST0107"]);
  });

  test.each([
    ["one for pods on a Pod", onPod({ "sidecar.istio.io/proxyCPU": "1" })],
    ["one for Services on a Service", onService({ "networking.istio.io/exportTo": "." })],
    ["one for anything on a Deployment", deployment({}, {}, { annotations: { "galley.istio.io/analyze-suppress": "IST0107" } })],
    ["those that Istio writes, wherever they are", onService({ "sidecar.istio.io/status": "{}", "istio.io/rev": "default" })],
    ["one of somebody else", onPod({ "kiali.io/runtimes": "go", "acmeistio.io/owner": "prices", "prometheus.io/scrape": "true" })],
    ["one on the template of a Deployment's pods", deployment({}, { annotations: { "sidecar.istio.io/nothing": "1" } })],
    ["one on a kind that nobody looks at", istio("VirtualService", {}, { annotations: { "sidecar.istio.io/nothing": "1" } })],
    ["one in a namespace of Kubernetes", pod({}, { namespace: "kube-system", annotations: { "istio.io/nothing": "" } })],
  ])("is right: %s", (_, one) => {
    expect(codes([one])).toEqual([]);
  });

  test("is unknown where no release has it, and what it may mean is said", () => {
    const finding = first(onPod({ "sidecar.istio.io/proxyCpuLimits": "1" }));
    expect(finding).toMatchObject({ code: "IST0108", field: 'metadata.annotations["sidecar.istio.io/proxyCpuLimits"]' });
    expect(finding?.fix).toBe("Did you mean sidecar.istio.io/proxyCPULimit?");
    expect(first(onPod({ "istio.io/quite-something-else": "1" }))?.fix).toMatch(/^Look for its name/);
    expect(first(onPod({ "traffic.istio.io/excludeInboundPorts": "1" }))?.fix).toBe(
      "Did you mean traffic.sidecar.istio.io/excludeInboundPorts?",
    );
    expect(first(onService({ "istio.io/use-waypoint": "edge" }))?.fix).toBe("It is a label: write it under metadata.labels.");
  });

  test("is never taken for one that the release does not know, or that nobody writes", () => {
    const later = findingsIn(yaml(onPod({ "sidecar.istio.io/nativeSidecars": "true" })), rules, { istio: "1.23" });
    expect(later[0]?.fix).toMatch(/^Look for its name/);
    expect(first(onPod({ "proxy.istio.io/overide": "{}" }))?.fix).not.toContain("proxy.istio.io/overrides");
  });

  test("is known from the release on that brought it", () => {
    const newer = onPod({ "sidecar.istio.io/nativeSidecar": "true" });
    expect(codes([newer], { istio: "1.24" })).toEqual([]);
    const [finding] = findingsIn(yaml(newer), rules, { istio: "1.23" });
    expect(finding?.message).toBe("Istio 1.23 knows no annotation sidecar.istio.io/nativeSidecar: it came with 1.24.");
  });

  test("is unknown from the release on that dropped it", () => {
    const gone = onPod({ "sidecar.istio.io/enableCoreDump": "true" });
    expect(codes([gone], { istio: "1.24" })).toEqual([]);
    const [finding] = findingsIn(yaml(gone), rules, { istio: "1.25" });
    expect(finding?.message).toBe("Istio 1.25 knows no annotation sidecar.istio.io/enableCoreDump: it went with 1.25.");
  });

  test("may stand on more kinds in newer releases", () => {
    const one = namespace("shop", {}, { "networking.istio.io/traffic-distribution": "PreferClose" });
    expect(codes([one], { istio: "1.30" })).toEqual([]);
    expect(codes([one], { istio: "1.29" })).toEqual(["IST0107"]);
  });

  test("that is misplaced is told where it belongs", () => {
    const one = namespace("shop", {}, { "istio.io/dry-run": "true" });
    expect(first(one)?.message).toBe("Istio reads istio.io/dry-run from an AuthorizationPolicy, and not from a Namespace.");
    const two = onPod({ "networking.istio.io/traffic-distribution": "a" });
    expect(first(two)?.message).toMatch(/from a Service or a ServiceEntry or a Namespace, and not from a Pod\.$/);
  });

  test("is deprecated from the release on that says so", () => {
    const one = onPod({ "sidecar.istio.io/extraStatTags": "a" });
    expect(codes([one], { istio: "1.20" })).toEqual([]);
    expect(codes([one], { istio: "1.21" })).toEqual(["IST0135"]);
  });

  test("is deprecated and misplaced at once, and each is told", () => {
    expect(codes([onService({ "sidecar.istio.io/inject": "true" })])).toEqual(["IST0107", "IST0135"]);
  });

  test("that asks for a sidecar is deprecated, unless the label stands beside it", () => {
    const annotations = { "sidecar.istio.io/inject": "true" };
    expect(codes([onPod(annotations)])).toEqual(["IST0135"]);
    expect(first(onPod(annotations))).toMatchObject({
      message: "sidecar.istio.io/inject is deprecated.",
      fix: "Use the label of the same name.",
      severity: "note",
    });
    expect(first(onService({ "alpha.istio.io/kubernetes-serviceaccounts": "a" }))?.fix).toBe("Write what has replaced it.");
    expect(codes([onPod(annotations, { labels: annotations })])).toEqual([]);
  });

  test("that is misplaced is not judged by its value", () => {
    expect(codes([onService({ "sidecar.istio.io/interceptionMode": "nonsense" })])).toEqual(["IST0107"]);
  });
});

test("each annotation of the table has a name of Istio's and a kind", () => {
  for (const { name, kinds } of istioAnnotations.values()) {
    expect(name).toMatch(/^(?:[a-z.]+\.)?istio\.io\/[\w-]+$|^kubernetes\.io\/ingress\.class$/);
    expect(kinds.length).toBeGreaterThan(0);
  }
});

describe("the value of an annotation", () => {
  const table: readonly (readonly [name: string, good: readonly string[], bad: readonly string[]])[] = [
    ["sidecar.istio.io/interceptionMode", ["REDIRECT", "TPROXY", "NONE"], ["redirect", ""]],
    ["status.sidecar.istio.io/port", ["15021", "0", " 15021 "], ["", "70000", "-1", "http"]],
    ["readiness.status.sidecar.istio.io/periodSeconds", ["0", "15", "4294967295"], ["", "-1", "1.5", "4294967296", " 1"]],
    [
      "traffic.sidecar.istio.io/includeOutboundIPRanges",
      ["*", "", "10.0.0.0/8,fd00::/8"],
      ["10.0.0.0", "10.0.0.0/8, 10.1.0.0/16", "*,10.0.0.0/8"],
    ],
    ["traffic.sidecar.istio.io/excludeOutboundIPRanges", ["", "10.0.0.1/32"], ["*", "10.0.0.0/33", "10.0.0.0/08"]],
    ["traffic.sidecar.istio.io/includeInboundPorts", ["*", "", "80, 443"], ["80;443", "http"]],
    ["traffic.sidecar.istio.io/excludeInboundPorts", ["80,443", " "], ["*", "80,", "65536"]],
    ["traffic.sidecar.istio.io/excludeOutboundPorts", ["5432"], ["5432 6379"]],
    ["traffic.sidecar.istio.io/excludeInterfaces", ["", "eth0, net1"], ["eth0,,net1", "0eth", "interface-of-sixteen"]],
    ["prometheus.istio.io/merge-metrics", ["true", "0", "F"], ["yes", "", "tRUE"]],
    ["sidecar.istio.io/proxyCPU", ["100m", "0.5", "2", "1e3", ".5", "+1"], ["", "100 m", "two", "100mi"]],
    ["sidecar.istio.io/proxyMemoryLimit", ["128Mi", "1G", "128974848"], ["128mb", "128Mb", "1\n"]],
  ];
  test.each(table)("of %s is judged as Istio does", (name, good, bad) => {
    expect(good.filter((value) => annotationProblem(name, value, "1.30") !== undefined)).toEqual([]);
    expect(bad.filter((value) => annotationProblem(name, value, "1.30") === undefined)).toEqual([]);
  });

  test.each([
    ["sidecar.istio.io/proxyCPU", "two", "1.26", "1.27"],
    ["traffic.sidecar.istio.io/excludeInterfaces", "0eth", "1.29", "1.30"],
    ["sidecar.istio.io/enableCoreDump", "yes", "1.25", "1.24"],
  ])("of %s is judged by the releases that do so", (name, value, without, withIt) => {
    expect(annotationProblem(name, value, without)).toBeUndefined();
    expect(annotationProblem(name, value, withIt)).toBeDefined();
  });

  test("is named in the message, cut where it is long", () => {
    const one = first(onPod({ "traffic.sidecar.istio.io/excludeOutboundPorts": "5432;6379" }));
    expect(one?.message).toBe(
      'traffic.sidecar.istio.io/excludeOutboundPorts is "5432;6379": it takes ports with commas between them, and "5432;6379" is none.',
    );
    expect(first(onPod({ "traffic.sidecar.istio.io/excludeOutboundPorts": "x".repeat(10_000) }))?.message.length).toBeLessThan(300);
  });
});

describe("the proxy's configuration in an annotation", () => {
  const problem = (value: string): string | undefined => annotationProblem("proxy.istio.io/config", value, "1.30");

  test.each([
    "",
    "{}",
    "concurrency: 2",
    "concurrency: '2'",
    "holdApplicationUntilProxyStarts: true",
    "hold_application_until_proxy_starts: true",
    "drainDuration: 1m30s",
    "terminationDrainDuration: 500ms",
    "discoveryAddress: istiod.istio-system.svc:15012",
    "tracing: { zipkin: { address: $(HOST_IP):9411 }, sampling: 1.5 }",
    "tracing: { zipkin: { address: '[fd00::1]:9411' } }",
    "proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' }",
    "proxyStatsMatcher: { inclusionRegexps: ['.*'] }",
    "interceptionMode: TPROXY",
    "unknown: { to: us }",
    "statusPort: null",
    "statusPort: 65535",
    "statsdUdpAddress: 10.0.0.1:65535",
    "serviceCluster: shop",
    "tracing: { sampling: '1.5' }",
    "proxyMetadata: { ISTIO_META_A: null }",
    "extraStatTags: []",
    "extraStatTags: [a, b]",
    '{"concurrency": 2}',
  ])("may be %j", (value) => {
    expect(problem(value)).toBeUndefined();
  });

  test.each([
    ["concurrency: two", 'concurrency is "two", and has to be a whole number'],
    ["holdApplicationUntilProxyStarts: 'true'", 'holdApplicationUntilProxyStarts is "true", and has to be true or false, without quotes'],
    [
      "proxyMetadata: { ISTIO_META_DNS_CAPTURE: true }",
      "proxyMetadata.ISTIO_META_DNS_CAPTURE is true, and has to be text: put it into quotes",
    ],
    ["proxyMetadata: [A=b]", 'proxyMetadata is ["A=b"], and has to be a map'],
    ["drainDuration: 45", 'drainDuration is 45, and has to be a duration of whole seconds such as "45s"'],
    ["drainDuration: 500ms", 'drainDuration is "500ms", and has to be a duration of whole seconds such as "45s"'],
    ["terminationDrainDuration: 10 s", 'terminationDrainDuration is "10 s", and has to be a duration such as "30s"'],
    ["discoveryAddress: istiod", 'discoveryAddress is "istiod", and has to be a host and a port, such as zipkin.tracing:9411'],
    [
      "tracing: { zipkin: { address: 'a b:9411' } }",
      'tracing.zipkin.address is "a b:9411", and has to be a host and a port, such as zipkin.tracing:9411',
    ],
    [
      "discoveryAddress: istiod.7:15012",
      'discoveryAddress is "istiod.7:15012", and has to be a host and a port, such as zipkin.tracing:9411',
    ],
    ["discoveryAddress: 'a..b:1'", 'discoveryAddress is "a..b:1", and has to be a host and a port, such as zipkin.tracing:9411'],
    ["discoveryAddress: 'a.b.:65536'", 'discoveryAddress is "a.b.:65536", and has to be a host and a port, such as zipkin.tracing:9411'],
    ["serviceCluster: ''", 'serviceCluster is "", and has to be text that is not empty'],
    ["serviceCluster: 7", "serviceCluster is 7, and has to be text that is not empty"],
    ["extraStatTags: a", 'extraStatTags is "a", and has to be a list of texts'],
    ["extraStatTags: [a, 1]", 'extraStatTags is ["a",1], and has to be a list of texts'],
    ["tracing: { sampling: much }", 'tracing.sampling is "much", and has to be a number'],
    ["tracing: { sampling: true }", "tracing.sampling is true, and has to be a number"],
    ["statusPort: 65536", "statusPort is 65536, and has to be a port from 1 to 65535"],
    ["statusPort: 0", "statusPort is 0, and has to be a port from 1 to 65535"],
    ["just text", 'it is "just text", and has to be a map'],
    ["[1, 2]", "it is [1,2], and has to be a map"],
    ["interceptionMode: ALL", 'interceptionMode is "ALL", and has to be REDIRECT or TPROXY or NONE'],
  ])("may not be %j", (value, message) => {
    expect(problem(value)).toBe(message);
  });

  test("has to be YAML", () => {
    expect(problem("concurrency: [")).toMatch(/^it takes the proxy's configuration as YAML, and this is none: /);
    expect(problem("a: 1\n\tb: 2")).toMatch(/this is none: /);
  });
});

describe("an annotation of an alpha feature", () => {
  const found = (...objects: Objects): readonly string[] => findingsIn(yaml(...objects), [alphaAnnotation]).map(({ field }) => field ?? "");

  test("is noted, one of a stable or beta feature is not", () => {
    const annotations = { "sidecar.istio.io/logLevel": "debug", "proxy.istio.io/config": "{}", "sidecar.istio.io/status": "{}" };
    expect(found(onPod(annotations))).toEqual(['metadata.annotations["sidecar.istio.io/logLevel"]']);
  });

  test("is not noted where the injector writes it for the CNI plugin", () => {
    const annotations = { "sidecar.istio.io/interceptionMode": "REDIRECT", "traffic.sidecar.istio.io/excludeInboundPorts": "80" };
    const initContainers = [{ name: "istio-init" }];
    expect(found(onPod(annotations))).toEqual([]);
    expect(found(pod({ initContainers }, { annotations }))).toHaveLength(2);
    expect(found(anything("v1", "Namespace", { name: "shop", annotations }))).toHaveLength(2);
  });
});
