import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ReleaseAlertsInput, releaseAlerts } from "../../lib/mesh/release-alerts";
import { rollBackCommand } from "../../lib/mesh/release-roll-back";
import type { WeightedVersion } from "../../lib/mesh/release-strategy";
import { httpRoutes, type Traffic, virtualServiceSpec } from "../../lib/mesh/traffic";
import type { AlertingRule, RuleGroup } from "../../lib/prometheus/rule-group";

function versionsOf(...weights: readonly number[]): readonly WeightedVersion[] {
  const left = 100 - weights.reduce((sum, weight) => sum + weight, 0);
  return [left, ...weights].map((weight, index) => ({
    version: { name: `v${index + 1}`, deployed: "elsewhere" },
    weight,
    role: index === 0 ? "stable" : "canary",
  }));
}

function trafficOf(versions: readonly WeightedVersion[], more: Partial<Traffic> = {}): Traffic {
  return { host: "pricing", port: 80, otherHttpPorts: [], manyPorts: false, versions, replicas: 2, istioMutual: false, ...more };
}

const versions = versionsOf(5);
const input: ReleaseAlertsInput = {
  namespace: "shop",
  serviceName: "pricing",
  protocol: "http",
  versions,
  alertWhen: { errorsAbove: "5%", p99Above: "200ms", over: "1m" },
  virtualServices: [{ namespace: "shop", name: "pricing", http: httpRoutes(trafficOf(versions), {}) }],
};
const alertsOf = ({ rules }: RuleGroup): readonly AlertingRule[] => rules.filter((rule) => "alert" in rule);
const namesOf = (group: RuleGroup): readonly string[] => alertsOf(group).map(({ alert }) => alert);

/** What an API server makes of the operations of a JSON patch (RFC 6902) that the command uses. */
function patched(document: unknown, command: string): unknown {
  const patch = JSON.parse(/--patch='(.*?)'/.exec(command)?.[1] ?? "[]") as { op: string; path: string; value: unknown }[];
  const copy = structuredClone(document) as Record<string, unknown>;
  for (const { op, path, value } of patch) {
    const steps = path.slice(1).split("/");
    const last = steps.pop() ?? "";
    const parent = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], copy) as Record<string, unknown>;
    if (!(last in parent)) throw new Error(`${path} is not there`);
    if (op === "test" && parent[last] !== value) throw new Error(`${path} is ${parent[last]}`);
    if (op === "replace") parent[last] = value;
  }
  return copy;
}

describe("the alerts of a pinned release", () => {
  test("are the plain thresholds and two pairs of windows for errors", () => {
    expect(alertsOf(releaseAlerts(input)).map(({ alert, expr, labels }) => [alert, labels?.severity, expr])).toMatchInlineSnapshot(`
      [
        [
          "ReleaseErrors",
          "critical",
          "meshground:release_error_share:1m{namespace="shop",service="pricing",version="v2"} > 0.05 and meshground:release_requests:1m{namespace="shop",service="pricing",version="v2"} >= 10",
        ],
        [
          "ReleaseLatency",
          "critical",
          "meshground:release_p99_milliseconds:1m{namespace="shop",service="pricing",version="v2"} > 200 and on() max(sum by (reporter) (increase(istio_requests_total{destination_workload_namespace="shop",destination_canonical_revision="v2",destination_service_name="pricing"}[1m])) > 0) >= 10",
        ],
        [
          "ReleaseErrorsLasting",
          "critical",
          "meshground:release_error_share:1h{namespace="shop",service="pricing",version="v2"} > 0.05 and meshground:release_error_share:5m{namespace="shop",service="pricing",version="v2"} > 0.05 and meshground:release_requests:5m{namespace="shop",service="pricing",version="v2"} >= 10",
        ],
        [
          "ReleaseErrorsSlow",
          "warning",
          "meshground:release_error_share:6h{namespace="shop",service="pricing",version="v2"} > 0.0208333 and meshground:release_error_share:30m{namespace="shop",service="pricing",version="v2"} > 0.0208333 and meshground:release_requests:30m{namespace="shop",service="pricing",version="v2"} >= 10",
        ],
      ]
    `);
  });

  test("leave out what nobody set a threshold for", () => {
    expect(namesOf(releaseAlerts({ ...input, alertWhen: { p99Above: "200ms", over: "1m" } }))).toEqual(["ReleaseLatency"]);
    expect(namesOf(releaseAlerts({ ...input, alertWhen: { errorsAbove: "5%", over: "1m" } }))).toEqual([
      "ReleaseErrors",
      "ReleaseErrorsLasting",
      "ReleaseErrorsSlow",
    ]);
  });

  test("are about each version on trial, never about the stable one", () => {
    const group = releaseAlerts({ ...input, versions: versionsOf(5, 10) });
    expect(namesOf(group).filter((name) => name === "ReleaseLatency")).toHaveLength(2);
    expect(JSON.stringify(group.rules.map(({ expr }) => expr))).not.toContain("v1");
    expect(releaseAlerts({ ...input, versions: versionsOf() }).rules).toEqual([]);
  });

  test("record each series once, also where the window is one of the others in other words", () => {
    for (const over of ["5m", "300s", "0.5h", "6h"] as const) {
      const { rules } = releaseAlerts({ ...input, alertWhen: { ...input.alertWhen, over } });
      const records = rules.flatMap((rule) => ("record" in rule ? [rule.record] : []));
      expect(new Set(records).size).toBe(records.length);
    }
  });

  test("say for whom, what and how it is taken back", () => {
    const [errors] = alertsOf(releaseAlerts(input));
    expect(errors?.annotations).toMatchInlineSnapshot(`
      {
        "description": "{{ $value | humanizePercentage }} of its requests failed within 1m, and 5% are allowed. The line in rollback sends all requests to the stable version; rollBack: true in the release keeps it so.",
        "rollback": "kubectl --namespace shop patch virtualservice pricing --type=json --patch='[{"op":"test","path":"/spec/http/0/route/0/destination/subset","value":"v1"},{"op":"replace","path":"/spec/http/0/route/0/weight","value":100},{"op":"test","path":"/spec/http/0/route/1/destination/subset","value":"v2"},{"op":"replace","path":"/spec/http/0/route/1/weight","value":0}]'",
        "summary": "Version v2 of pricing in shop fails too many requests",
      }
    `);
  });
});

describe("the line that takes a release back", () => {
  const shapes = fc.record({
    weights: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 3 }),
    byMethod: fc.boolean(),
    testers: fc.boolean(),
    otherHttpPorts: fc.constantFrom([], [9090]),
  });

  test("makes of the rendered routes what rollBack: true would, a tester's route aside", () => {
    fc.assert(
      fc.property(shapes, ({ weights, byMethod, testers, otherHttpPorts }) => {
        const more: Partial<Traffic> = {
          otherHttpPorts,
          manyPorts: otherHttpPorts.length > 0,
          ...(byMethod && { retries: { attempts: 2, perTryTimeout: "1s", on: ["gateway-error"], methods: ["GET"] } }),
          ...(testers && { testers: { header: "x", value: "y", to: "v2" } }),
        };
        const given = versionsOf(...weights);
        const rolledBack = given.map((version) => ({ ...version, weight: version.role === "stable" ? 100 : 0 }));
        const spec = virtualServiceSpec(trafficOf(given, more));
        const command = rollBackCommand({ versions: given, virtualServices: [{ name: "pricing", http: spec.http ?? [] }] });
        expect(patched({ spec }, command)).toEqual({ spec: virtualServiceSpec(trafficOf(rolledBack, more)) });
        expect(command).not.toContain("\n");
      }),
    );
  });

  test("changes nothing where the routes are others by now", () => {
    const command = rollBackCommand(input);
    const now = httpRoutes(trafficOf([...versions].reverse()), {});
    expect(() => patched({ spec: { http: now } }, command)).toThrow("is v2");
  });

  test("is one line for all VirtualServices that hold the weights", () => {
    const [own] = input.virtualServices;
    const edge = { namespace: "istio-ingress", name: "pricing-edge", http: own?.http ?? [] };
    const command = rollBackCommand({ versions, virtualServices: [...input.virtualServices, edge] });
    expect(command.split(" && ").map((part) => part.slice(0, part.indexOf(" --patch")))).toEqual([
      "kubectl --namespace shop patch virtualservice pricing --type=json",
      "kubectl --namespace istio-ingress patch virtualservice pricing-edge --type=json",
    ]);
  });

  test("is no template to Prometheus", () => {
    expect(rollBackCommand(input)).not.toContain("{{");
  });
});
