import { describe, expect, test } from "vitest";
import { consequences } from "./outputs";

const object = (apiVersion: string, kind: string, spec: object, more: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name: "pricing", namespace: "shop" },
  spec,
  ...more,
});
const istio = "networking.istio.io/v1";
const security = "security.istio.io/v1";

describe("what is lost", () => {
  test("is said of what is removed, by its kind", () => {
    const [service, other] = [object("v1", "Service", {}), object("example.com/v1", "Widget", {})];
    expect(consequences([service], [])).toEqual(["danger: its name leads nowhere any more: calls to it fail."]);
    expect(consequences([other], [])).toEqual(["danger: what relies on it fails."]);
  });

  test("is a host, a subset, a port that others use", () => {
    const route = (hosts: readonly string[]): object => object(istio, "VirtualService", { hosts });
    expect(consequences([route(["a", "b"])], [route(["b"])])).toEqual(["danger: it routes a no more."]);
    const subsets = (...names: readonly string[]): object => object(istio, "DestinationRule", { subsets: names.map((name) => ({ name })) });
    expect(consequences([subsets("v1", "v2")], [subsets("v1")])).toEqual([
      "danger: subset v2 is gone: routes that still name it answer 503.",
    ]);
    const ports = (...all: readonly number[]): object => object("v1", "Service", { ports: all.map((port) => ({ port })) });
    expect(consequences([ports(80, 90)], [ports(80)])).toEqual(["danger: port 90 is gone: calls to it fail."]);
    const served = (host: string): object => object(istio, "Gateway", { servers: [{ port: { name: "https" }, hosts: [host] }] });
    expect(consequences([served("a.no")], [served("b.no")])).toEqual(["danger: a.no is no longer served."]);
  });
});

describe("what must be replaced", () => {
  const refused = (before: object, after: object): boolean =>
    consequences([before], [after]).some((text) => text.includes("cannot be changed in place"));

  test.each([
    ["Deployment", { selector: { matchLabels: { app: "a" } } }, { selector: { matchLabels: { app: "b" } } }],
    ["StatefulSet", { serviceName: "a" }, { serviceName: "b" }],
  ])("is a %s whose fixed fields change", (kind, before, after) => {
    expect(refused(object("apps/v1", kind, before), object("apps/v1", kind, after))).toBe(true);
  });

  test("names the field, not what lies below it", () => {
    const selector = (app: string): object => object("apps/v1", "Deployment", { selector: { matchLabels: { app } } });
    expect(consequences([selector("a")], [selector("b")])).toEqual([
      "danger: spec.selector cannot be changed in place: it must be replaced, deleted and made anew.",
    ]);
  });

  test("is a ConfigMap only where it is immutable", () => {
    const map = (value: string, immutable: boolean): object => object("v1", "ConfigMap", {}, { data: { value }, immutable });
    expect(refused(map("a", true), map("b", true))).toBe(true);
    expect(refused(map("a", false), map("b", false))).toBe(false);
  });

  test("is no StatefulSet whose replicas change", () => {
    expect(refused(object("apps/v1", "StatefulSet", { replicas: 1 }), object("apps/v1", "StatefulSet", { replicas: 2 }))).toBe(false);
  });
});

describe("traffic", () => {
  const destination = (subset: string, weight: number): object => ({ destination: { host: "pricing", subset }, weight });
  const routes = (...http: readonly object[]): object => object(istio, "VirtualService", { hosts: ["pricing"], http });

  test("moves by shares, said once for routes that move alike", () => {
    const http = (weight: number): readonly object[] =>
      ["reads", "writes"].map((name) => ({ name, route: [destination("v1", 100 - weight), destination("v2", weight)] }));
    expect(consequences([routes(...http(5))], [routes(...http(20))])).toEqual([
      "traffic: pricing v1: 95 % -> 80 %",
      "traffic: pricing v2: 5 % -> 20 %",
    ]);
  });

  test("goes to a destination that is new", () => {
    expect(
      consequences([routes({ route: [destination("v1", 100)] })], [routes({ route: [destination("v1", 99), destination("v2", 1)] })]),
    ).toEqual(["traffic: pricing v1: 100 % -> 99 %", "traffic: pricing v2: 0 % -> 1 %"]);
  });

  test("does not move where weights differ and shares do not", () => {
    const http = (one: number): object => ({ route: [destination("v1", one), destination("v2", one)] });
    expect(consequences([routes(http(1))], [routes(http(50))])).toEqual([]);
  });

  test("has less time, and not where it has more", () => {
    const http = (timeout: string): object => ({ timeout, route: [destination("v1", 1)] });
    expect(consequences([routes(http("2s"))], [routes(http("500ms"))])).toEqual([
      "traffic: requests that take longer than 500ms are answered 504 from then on.",
    ]);
    expect(consequences([routes(http("500ms"))], [routes(http("2s"))])).toEqual([]);
  });

  test("goes to other pods when a Service selects by other labels", () => {
    const service = (app: string): object => object("v1", "Service", { selector: { app } });
    expect(consequences([service("a")], [service("b")])).toEqual([
      "danger: other pods get its traffic at once: none, if no pod has these labels.",
    ]);
  });
});

describe("access", () => {
  const mtls = (mode: string, port: string): object =>
    object(security, "PeerAuthentication", { mtls: { mode }, portLevelMtls: { 9090: { mode: port } } });

  test("says from which mode to which, also of a port", () => {
    expect(consequences([mtls("PERMISSIVE", "STRICT")], [mtls("STRICT", "PERMISSIVE")])).toEqual([
      "danger: mTLS PERMISSIVE -> STRICT: callers without a sidecar are refused. Ask first: meshground mtls status.",
      "danger: mTLS of port 9090 STRICT -> PERMISSIVE: plaintext is let in beside mTLS.",
    ]);
  });

  test("changes with a policy, its action and its rules", () => {
    const policy = (action: string, ns: string): object =>
      object(security, "AuthorizationPolicy", { action, rules: [{ from: [{ source: { namespaces: [ns] } }] }] });
    expect(consequences([], [policy("ALLOW", "a")])).toEqual([
      "danger: new: only callers that it, or another ALLOW policy, names are let in.",
    ]);
    expect(consequences([policy("ALLOW", "a")], [policy("DENY", "a")])).toEqual(["danger: action ALLOW -> DENY"]);
    expect(consequences([policy("ALLOW", "a")], [policy("ALLOW", "b")])).toEqual(["danger: who is let in changes."]);
  });
});

describe("pods", () => {
  const deployment = (image: string, cpu: string, replicas: number): object =>
    object("apps/v1", "Deployment", {
      replicas,
      template: { spec: { containers: [{ name: "app", image, resources: { requests: { cpu } } }] } },
    });

  test("are replaced when their template changes, and said how many there are", () => {
    expect(consequences([deployment("a:1", "1", 3)], [deployment("a:2", "1", 2)])).toEqual([
      "restart: image of app: a:1 -> a:2",
      "restart: its pods are replaced.",
      "restart: replicas: 3 -> 2",
    ]);
  });

  test("stay when an amount is only written in another way", () => {
    expect(consequences([deployment("a:1", "1000m", 3)], [deployment("a:1", "1", 3)])).toEqual([]);
  });

  test("get another sidecar when the namespace's label changes", () => {
    const namespace = (revision: string): object => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels: { "istio.io/rev": revision } },
    });
    expect(consequences([namespace("a")], [namespace("b")])).toEqual([
      "traffic: istio.io/rev changes: pods get, lose or change their sidecar when they start next.",
    ]);
  });
});

test("another version of a group is a change of the same object", () => {
  const route = (version: string): object => object(`networking.istio.io/${version}`, "VirtualService", {});
  expect(consequences([route("v1beta1")], [route("v1")])).toEqual([
    "note: networking.istio.io/v1beta1 -> networking.istio.io/v1: the same object by another version, nothing is made anew.",
  ]);
});

test("a chart that Argo CD installs is said with its versions", () => {
  const application = (targetRevision: string): object =>
    object("argoproj.io/v1alpha1", "Application", { source: { chart: "istiod", targetRevision } });
  expect(consequences([application("1.30.3")], [application("1.31.0")])).toEqual([
    "restart: Argo CD installs 1.31.0 of the chart istiod in place of 1.30.3.",
  ]);
});
