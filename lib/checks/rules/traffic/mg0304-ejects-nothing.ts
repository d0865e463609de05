import { maxEjectionPercent, mostEjected } from "../../../istio/ejection";
import type { Data } from "../../fields";
import { countsNothing, ejectionPercent, type OutlierDetection, outlierDetections } from "../../graph/outlier-detections";
import { podCount } from "../../graph/pod-counts";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** A share of the pods that is less than one pod is none. */
export const ejectsNothing: Rule = {
  code: "MG0304",
  title: "outlier detection that ejects no pod",
  severity: "warning",
  consequence:
    "A pod that fails stays in the load balancing and answers its share of the requests with errors for as long as it lives, although the DestinationRule looks as if it were taken out. From Istio 1.20 on the share of ejected pods, the first one included, may not be above maxEjectionPercent, which is 10 unless it is set: with fewer than 10 pods none is ever ejected.",
  fix: "Set maxEjectionPercent so that at least one pod may go: 50 for two pods, 66 for three.",
  see: [
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection",
    "https://github.com/envoyproxy/envoy/pull/27909",
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: false
    outlierDetection:
      consecutive5xxErrors: 5
      baseEjectionTime: 30s
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: false
    outlierDetection:
      consecutive5xxErrors: 5
      baseEjectionTime: 30s
      maxEjectionPercent: 66
`,
  },
  *check(graph) {
    for (const detection of graph.derive(outlierDetections)) {
      yield* countsNothing(detection.data) ? blind(detection) : tooFew(detection, graph);
    }
  },
};

/** With limits of 0 people also switch on locality failover without any ejection. */
function* blind({ object, field, policies }: OutlierDetection): Iterable<RuleFinding> {
  if (policies.some(({ loadBalancer }) => loadBalancer?.data.localityLbSetting !== undefined)) return;
  yield {
    object,
    field: `${field}.consecutive5xxErrors`,
    message: "consecutive5xxErrors is 0, which is never, and nothing else counts: no pod is ejected, however badly it answers.",
    fix: "Say after how many errors a pod is ejected, or leave outlierDetection out.",
  };
}

function* tooFew(
  { object, field, data, service, policies, hasSubsets, written }: OutlierDetection,
  graph: ObjectGraph,
): Iterable<RuleFinding> {
  const strict = graph.surroundings.releases.istio.row.features.strictEjectionPercent;
  const { percent } = ejectionPercent(data);
  const groups = policies.filter(({ subset, port }) => port === undefined && (subset !== undefined || !hasSubsets));
  const held = groups.length > 0 ? groups : policies;
  const counts = held.map(({ subset }) => (service === undefined ? undefined : podCount(graph, service, subset?.labels)));
  if (!counts.every((pods): pods is number => pods !== undefined && mostEjected(pods, percent, strict) === 0)) return;
  const named = counts.map((pods, index) => `${held[index]?.subset?.name ?? written} has ${pods} ${pods === 1 ? "pod" : "pods"}`);
  yield { object, field, message: messageOf(named, data), fix: fixOf(Math.max(...counts)) };
}

function messageOf(named: readonly string[], data: Data): string {
  const { percent, written } = ejectionPercent(data);
  const share = written ? `maxEjectionPercent is ${percent}` : `maxEjectionPercent is not set, so ${percent}`;
  return `${[...new Set(named)].slice(0, 5).join(", ")}, and ${share}: less than one pod, so none is ever ejected, however badly it answers.`;
}

function fixOf(pods: number): string {
  return pods === 1
    ? "Run at least two pods and set maxEjectionPercent to 50, or leave outlierDetection out."
    : `Set maxEjectionPercent to at least ${Math.ceil(100 / pods)}, and to at most ${maxEjectionPercent(pods, 1)} so that one stays.`;
}
