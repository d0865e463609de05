import { describe, expect, test } from "vitest";
import { clusterPolicies } from "../../../lib/checks/graph/cluster-policies";
import type { Rule } from "../../../lib/checks/rule";
import { ejectsNothing } from "../../../lib/checks/rules/traffic/mg0304-ejects-nothing";
import { ejectsEverything } from "../../../lib/checks/rules/traffic/mg0313-ejects-everything";
import { accidentalLocalityFailover } from "../../../lib/checks/rules/traffic/mg0314-accidental-locality-failover";
import { type Around, findingsIn, graphOf, inShort } from "../checked";

const together = (...documents: readonly string[]): string => documents.join("\n---\n");
const said = (rule: Rule, documents: readonly string[], around?: Around): readonly string[] =>
  findingsIn(together(...documents), [rule], around).map(({ severity, message }) => `${severity}: ${message}`);

const service = `
apiVersion: v1
kind: Service
metadata: { name: pricing, namespace: shop }
spec: { selector: { app: pricing }, ports: [{ name: http, port: 80 }] }`;
const pods = (version: string, replicas: number | undefined, kind = "Deployment"): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: pricing-${version}, namespace: shop }
spec: { ${replicas === undefined ? "" : `replicas: ${replicas}, `}template: { metadata: { labels: { app: pricing, version: ${version} } }, spec: { containers: [] } } }`;
const rule = (policy: string, subsets = "[]", host = "pricing"): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: pricing, namespace: shop }
spec: { host: ${host}, trafficPolicy: { ${policy} }, subsets: ${subsets} }`;
const outliers = (percent?: number, more = ""): string =>
  `outlierDetection: { consecutive5xxErrors: 5${percent === undefined ? "" : `, maxEjectionPercent: ${percent}`}${more} }`;
const versions = "[{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]";
const weights = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing, namespace: shop }
spec: { hosts: [pricing], http: [{ route: [{ destination: { host: pricing, subset: v1 }, weight: 95 }, { destination: { host: pricing, subset: v2 }, weight: 5 }] }] }`;

describe("outlier detection that ejects no pod", () => {
  const nothing = (...documents: readonly string[]): readonly string[] => said(ejectsNothing, documents);

  test("is what Istio's 10 percent are for fewer than ten pods", () => {
    expect(nothing(service, pods("v1", 9), rule(outliers()))).toEqual([
      "warning: pricing has 9 pods, and maxEjectionPercent is not set, so 10: less than one pod, so none is ever ejected, however badly it answers.",
    ]);
    expect(nothing(service, pods("v1", 10), rule(outliers()))).toEqual([]);
    expect(nothing(service, pods("v1", 2), rule(outliers(49)))).toHaveLength(1);
    expect(nothing(service, pods("v1", 2), rule(outliers(50)))).toEqual([]);
  });

  test("did not exist before Istio 1.20: the first pod always went", () => {
    expect(said(ejectsNothing, [service, pods("v1", 2), rule(outliers())], { istio: "1.19" })).toEqual([]);
    expect(said(ejectsNothing, [service, pods("v1", 2), rule(outliers())], { istio: "1.20" })).toHaveLength(1);
  });

  test("is counted by subset, and told only where none of them can lose a pod", () => {
    expect(nothing(service, pods("v1", 3), pods("v2", 1), rule(outliers(30), versions))).toEqual([
      "warning: v1 has 3 pods, v2 has 1 pod, and maxEjectionPercent is 30: less than one pod, so none is ever ejected, however badly it answers.",
    ]);
    expect(nothing(service, pods("v1", 3), pods("v2", 1), rule(outliers(34), versions))).toEqual([]);
  });

  test("is not told where the number of pods is not known", () => {
    expect(nothing(service, pods("v1", undefined), rule(outliers()))).toEqual([]);
    expect(nothing(service, pods("v1", undefined, "DaemonSet"), rule(outliers()))).toEqual([]);
    expect(nothing(service, rule(outliers()))).toEqual([]);
    expect(nothing(pods("v1", 2), rule(outliers()))).toEqual([]);
    expect(said(ejectsNothing, [service, pods("v1", 2), rule(outliers())], { externals: ["Pod shop/*"] })).toEqual([]);
  });

  test("counts what an autoscaler keeps", () => {
    const scaler = (min: number): string => `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: pricing, namespace: shop }
spec: { scaleTargetRef: { kind: Deployment, name: pricing-v1 }, minReplicas: ${min}, maxReplicas: 20 }`;
    expect(nothing(service, pods("v1", undefined), scaler(3), rule(outliers()))).toHaveLength(1);
    expect(nothing(service, pods("v1", 1), scaler(10), rule(outliers()))).toEqual([]);
  });

  test("counts pods once, however many objects stand for them", () => {
    const set = pods("v1", 5, "ReplicaSet").replace(
      "namespace: shop }",
      "namespace: shop, ownerReferences: [{ kind: Deployment, name: pricing-v1 }] }",
    );
    expect(nothing(service, pods("v1", 5), set, rule(outliers(15)))).toHaveLength(1);
  });

  test("is also one that counts no errors, unless it is there for the localities", () => {
    const zero = "outlierDetection: { consecutive5xxErrors: 0 }";
    expect(nothing(service, rule(zero))).toEqual([
      "warning: consecutive5xxErrors is 0, which is never, and nothing else counts: no pod is ejected, however badly it answers.",
    ]);
    expect(nothing(service, rule("outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 5 }"))).toEqual([]);
    expect(nothing(service, rule(`${zero}, loadBalancer: { localityLbSetting: { enabled: true } }`))).toEqual([]);
  });
});

describe("outlier detection that can eject every pod", () => {
  const everything = (...documents: readonly string[]): readonly string[] =>
    inShort(findingsIn(together(...documents), [ejectsEverything]));

  test("is 100 percent of the version that carries the service", () => {
    expect(said(ejectsEverything, [service, pods("v1", 2), rule(outliers(100))])).toEqual([
      "warning: with maxEjectionPercent 100 all 2 pods of pricing can be out at the same time: its callers then get a 503 from their own sidecars.",
    ]);
    expect(everything(rule(outliers(100)))).toHaveLength(1);
    expect(everything(service, pods("v1", 2), rule(outliers(99)))).toEqual([]);
  });

  test("is right for a canary, and wrong for the version with the greater weight", () => {
    const of = (name: string): string =>
      `[{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]`.replace(
        `{ name: ${name},`,
        `{ name: ${name}, trafficPolicy: { ${outliers(100)} },`,
      );
    expect(everything(rule("", of("v2")), weights)).toEqual([]);
    expect(everything(rule("", of("v1")), weights)).toEqual([
      "MG0313 DestinationRule shop/pricing spec.subsets[0].trafficPolicy.outlierDetection",
    ]);
  });

  test("is right for a version that only some requests ask for", () => {
    const testers = weights.replace(
      "http: [",
      "http: [{ match: [{ headers: { x-test: { exact: a } } }], route: [{ destination: { host: pricing, subset: v2 } }] }, ",
    );
    const canary = versions.replace("{ name: v2,", `{ name: v2, trafficPolicy: { ${outliers(100)} },`);
    expect(everything(rule("", canary), testers)).toEqual([]);
  });

  test("was any percentage above all pods but one before Istio 1.20", () => {
    expect(said(ejectsEverything, [service, pods("v1", 2), rule(outliers(51))], { istio: "1.19" })).toHaveLength(1);
    expect(said(ejectsEverything, [service, pods("v1", 2), rule(outliers(50))], { istio: "1.19" })).toEqual([]);
    expect(said(ejectsEverything, [service, pods("v1", 2), rule(outliers(51))], { istio: "1.20" })).toEqual([]);
  });

  test("is wanted where another locality takes over, or unhealthy pods get requests again", () => {
    expect(everything(rule(`${outliers(100)}, loadBalancer: { localityLbSetting: { failover: [{ from: a, to: b }] } }`))).toEqual([]);
    expect(everything(rule(`${outliers(100)}, loadBalancer: { localityLbSetting: { enabled: false } }`))).toHaveLength(1);
    expect(everything(rule(outliers(100, ", minHealthPercent: 50")))).toEqual([]);
  });

  test("is judged for Services: what lies behind another host has rules of its own", () => {
    expect(everything(rule(outliers(100), "[]", "api.example.no"))).toEqual([]);
  });
});

describe("locality failover", () => {
  const node = (name: string, zone: string): string => `
apiVersion: v1
kind: Node
metadata: { name: ${name}, labels: { topology.kubernetes.io/region: oslo, topology.kubernetes.io/zone: ${zone} } }`;
  const bare = "apiVersion: v1\nkind: Node\nmetadata: { name: bare }";
  const twoZones = [node("a", "oslo-a"), node("b", "oslo-b")];
  const severities = (documents: readonly string[], around?: Around): readonly string[] =>
    findingsIn(together(...documents), [accidentalLocalityFailover], around).map(({ severity }) => severity);
  const silent = rule(outliers(50));

  test("is a warning where nodes stand in several zones, a note where no node is known of", () => {
    expect(severities([...twoZones, silent])).toEqual(["warning"]);
    expect(severities([silent])).toEqual(["note"]);
  });

  test("cannot begin where all nodes stand together, or say nothing", () => {
    expect(severities([node("a", "oslo-a"), node("b", "oslo-a"), silent])).toEqual([]);
    expect(severities([bare, silent])).toEqual([]);
    const pool = (labels: string): string => `apiVersion: meshground.io/v1\nkind: NodePool\nmetadata: { name: oslo }\nspec: { ${labels} }`;
    expect(severities([pool("labels: { disk: nvme }"), silent])).toEqual([]);
    expect(severities([pool("nodes: { count: 3 }"), silent])).toEqual(["note"]);
    expect(severities([pool("labels: { disk: nvme }"), pool("nodes: { count: 3 }"), silent])).toEqual(["note"]);
  });

  test("is to be expected where pods are told to spread over zones", () => {
    const spread = pods("v1", 3).replace(
      "containers: []",
      "containers: [], topologySpreadConstraints: [{ topologyKey: topology.kubernetes.io/zone }]",
    );
    expect(severities([service, spread, silent])).toEqual(["warning"]);
  });

  test("is no accident where somebody says what is wanted", () => {
    for (const setting of ["enabled: false", "enabled: true", "failover: [{ from: a, to: b }]"]) {
      expect(severities([...twoZones, rule(`${outliers(50)}, loadBalancer: { localityLbSetting: { ${setting} } }`)])).toEqual([]);
      expect(severities([...twoZones, silent], { meshConfig: `localityLbSetting: { ${setting} }` })).toEqual([]);
    }
    const near = service.replace("spec: {", "spec: { trafficDistribution: PreferClose,");
    expect(severities([...twoZones, near, silent])).toEqual([]);
  });

  test("comes back where a subset's own load balancing replaces the host's", () => {
    const subset = "[{ name: v1, labels: { version: v1 }, trafficPolicy: { loadBalancer: { simple: RANDOM } } }]";
    expect(severities([...twoZones, rule(`${outliers(50)}, loadBalancer: { localityLbSetting: { enabled: false } }`, subset)])).toEqual([
      "warning",
    ]);
  });
});

test("levels of a traffic policy are put together as Istio does", () => {
  const graph = graphOf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: pricing }
spec:
  host: pricing
  trafficPolicy:
    outlierDetection: { interval: 1s }
    loadBalancer: { simple: RANDOM }
    portLevelSettings: [{ port: { number: 80 }, outlierDetection: { interval: 2s } }]
  subsets:
    - name: v1
      trafficPolicy:
        outlierDetection: { interval: 3s }
        portLevelSettings: [{ port: { number: 81 }, loadBalancer: { simple: ROUND_ROBIN } }]
`);
  const [object] = graph.of("DestinationRule");
  const levels = (object === undefined ? [] : clusterPolicies(graph, object)).map(({ subset, port, outlierDetection, loadBalancer }) => [
    subset?.name,
    port,
    outlierDetection?.data.interval,
    loadBalancer?.data.simple,
  ]);
  expect(levels).toEqual([
    [undefined, undefined, "1s", "RANDOM"],
    [undefined, 80, "2s", undefined],
    ["v1", undefined, "3s", "RANDOM"],
    ["v1", 80, "3s", undefined],
    ["v1", 81, undefined, "ROUND_ROBIN"],
  ]);
});
