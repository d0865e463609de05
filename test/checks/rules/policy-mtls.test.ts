import { describe, expect, test } from "vitest";
import { mtlsConflict } from "../../../lib/checks/rules/policy/ist0113-mtls-conflict";
import { type Around, findingsIn } from "../checked";

const found = (yaml: readonly string[], around: Around = {}): readonly string[] =>
  findingsIn(yaml.join("---\n"), [mtlsConflict], around).map(
    ({ resource, field, severity }) => `${severity} ${resource?.kind} ${resource?.namespace}/${resource?.name} ${field}`,
  );

const object = (apiVersion: string, kind: string, path: string, spec: string): string => {
  const [namespace, name] = path.split("/");
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
};
const service = (path = "shop/pricing", selector = "{ app: pricing }", ports = "[{ port: 8080 }]"): string =>
  object("v1", "Service", path, `{ selector: ${selector}, ports: ${ports} }`);
const rule = (spec: string, path = "shop/pricing"): string => object("networking.istio.io/v1", "DestinationRule", path, spec);
const tls = (mode: string, host = "pricing", path?: string): string =>
  rule(`{ host: "${host}", trafficPolicy: { tls: { mode: ${mode} } } }`, path);
const peers = (spec: string, path = "shop/default"): string => object("security.istio.io/v1", "PeerAuthentication", path, spec);
const mode = (value: string, path?: string): string => peers(`{ mtls: { mode: ${value} } }`, path);
const narrow = (value: string, more = "", path = "shop/pricing"): string =>
  peers(`{ selector: { matchLabels: { app: pricing } }, mtls: { mode: ${value} }${more} }`, path);
const namespace = (name: string, labels: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: ${labels} }\n`;
const injected = namespace("shop", "{ istio-injection: enabled }");
const pod = (labels: string, more = "", annotations = "{}"): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: pricing-1, namespace: shop, labels: ${labels}, annotations: ${annotations} }\nspec: { containers: [{ name: app${more} }] }\n`;

const told = "error DestinationRule shop/pricing spec.trafficPolicy.tls.mode";
const likely = "warning DestinationRule shop/pricing spec.trafficPolicy.tls.mode";

describe("what callers send", () => {
  test.each([
    ["DISABLE", "STRICT"],
    ["SIMPLE", "STRICT"],
    ["ISTIO_MUTUAL", "DISABLE"],
  ])("%s is refused where pods take %s", (sent, taken) => {
    expect(found([service(), tls(sent), mode(taken)])).toEqual([told]);
  });

  test.each([
    ["ISTIO_MUTUAL", "STRICT"],
    ["DISABLE", "DISABLE"],
    ["DISABLE", "PERMISSIVE"],
    ["ISTIO_MUTUAL", "PERMISSIVE"],
    ["SIMPLE", "DISABLE"],
    ["MUTUAL", "STRICT"],
  ])("%s is taken, or cannot be judged, where pods take %s", (sent, taken) => {
    expect(found([service(), tls(sent), mode(taken)])).toEqual([]);
  });

  test("without a mode is plaintext", () => {
    expect(found([service(), rule("{ host: pricing, trafficPolicy: { tls: { sni: a } } }"), mode("STRICT")])).toEqual([told]);
  });

  test("is automatic where the DestinationRule does not say", () => {
    expect(found([service(), rule("{ host: pricing, trafficPolicy: { loadBalancer: { simple: RANDOM } } }"), mode("STRICT")])).toEqual([]);
  });

  test("is plaintext where automatic mTLS is switched off, told at the DestinationRule, else at the policy", () => {
    const off = { meshConfig: "enableAutoMtls: false" };
    expect(found([service(), rule("{ host: pricing }"), mode("STRICT")], off)).toEqual(["error DestinationRule shop/pricing spec.host"]);
    expect(found([service(), service("shop/payment"), mode("STRICT")], off)).toEqual([
      "error PeerAuthentication shop/default spec.mtls.mode",
    ]);
    expect(found([service(), tls("ISTIO_MUTUAL", "*.local", "istio-system/all"), mode("STRICT")], off)).toEqual([]);
  });

  test("on one port is what is said for that port, and nothing said is automatic", () => {
    const ports = "[{ name: http, port: 8080 }, { name: admin, port: 9090 }]";
    const level = (port: number, policy: string): string => `portLevelSettings: [{ port: { number: ${port} }${policy} }]`;
    const all = (spec: string): readonly string[] =>
      found([service("shop/pricing", "{ app: pricing }", ports), rule(spec), mode("STRICT")]);
    expect(all(`{ host: pricing, trafficPolicy: { ${level(9090, ", tls: { mode: DISABLE }")} } }`)).toEqual([
      "error DestinationRule shop/pricing spec.trafficPolicy.portLevelSettings[0].tls.mode",
    ]);
    const single = service();
    const hidden = rule(`{ host: pricing, trafficPolicy: { tls: { mode: DISABLE }, ${level(8080, ", tls: { mode: ISTIO_MUTUAL }")} } }`);
    expect(found([single, hidden, mode("STRICT")])).toEqual([]);
    expect(
      found([single, rule(`{ host: pricing, trafficPolicy: { tls: { mode: DISABLE }, ${level(8080, "")} } }`), mode("STRICT")]),
    ).toEqual([]);
  });

  test("to a subset is what the subset says, for the pods that are in it", () => {
    const subsets =
      "subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 }, trafficPolicy: { tls: { mode: DISABLE } } }]";
    const field = "error DestinationRule shop/pricing spec.subsets[1].trafficPolicy.tls.mode";
    const all = [injected, service(), rule(`{ host: pricing, ${subsets} }`), mode("STRICT")];
    expect(found([...all, pod("{ app: pricing, version: v2 }")])).toEqual([field]);
    expect(found([...all, pod("{ app: pricing, version: v1 }")])).toEqual([]);
  });
});

describe("what pods take", () => {
  test("is what the mesh says, unless the namespace does, unless the workload does", () => {
    const all = [injected, service(), pod("{ app: pricing }"), tls("DISABLE")];
    expect(found([...all, mode("STRICT", "istio-system/default")])).toEqual([told]);
    expect(found([...all, mode("STRICT", "istio-system/default"), mode("PERMISSIVE")])).toEqual([]);
    expect(found([...all, mode("STRICT", "istio-system/default"), mode("UNSET")])).toEqual([told]);
    expect(found([...all, mode("PERMISSIVE"), narrow("STRICT")])).toEqual([told]);
    expect(found([...all, mode("STRICT"), narrow("PERMISSIVE")])).toEqual([]);
  });

  test("is told by the root namespace that the mesh names", () => {
    const all = [injected, service(), pod("{ app: pricing }"), tls("DISABLE"), mode("STRICT", "mesh/default")];
    expect(found(all)).toEqual([]);
    expect(found(all, { meshConfig: "rootNamespace: mesh" })).toEqual([told]);
  });

  test("on a port of the workload counts for the port of the Service that leads to it", () => {
    const ports = "[{ name: http, port: 80, targetPort: 8080 }, { name: admin, port: 90, targetPort: admin }]";
    const all = [
      injected,
      service("shop/pricing", "{ app: pricing }", ports),
      pod("{ app: pricing }", ", ports: [{ name: admin, containerPort: 9090 }]"),
    ];
    const level = (port: number): string => narrow("STRICT", `, portLevelMtls: { ${port}: { mode: PERMISSIVE } }`);
    const at = (port: number): string =>
      rule(`{ host: pricing, trafficPolicy: { portLevelSettings: [{ port: { number: ${port} }, tls: { mode: DISABLE } }] } }`);
    expect(found([...all, at(80), level(8080)])).toEqual([]);
    expect(found([...all, at(80), level(80)])).toHaveLength(1);
    expect(found([...all, at(90), level(9090)])).toEqual([]);
  });

  test("without a sidecar is anything: outside the mesh, on a port past the sidecar, at the API server", () => {
    const rest = [service(), tls("DISABLE"), mode("STRICT")];
    expect(found([...rest, injected, pod("{ app: pricing, sidecar.istio.io/inject: 'false' }")])).toEqual([]);
    expect(found([...rest, namespace("shop", "{}")])).toEqual([]);
    expect(found([...rest, namespace("shop", "{ istio.io/dataplane-mode: ambient }")])).toEqual([]);
    const past = "{ traffic.sidecar.istio.io/excludeInboundPorts: '8080' }";
    expect(found([...rest, injected, pod("{ app: pricing }", "", past)])).toEqual([]);
    expect(found([tls("DISABLE", "kubernetes.default.svc.cluster.local"), mode("STRICT", "istio-system/default")])).toEqual([]);
    expect(found([service("shop/pricing", "{}"), tls("DISABLE"), mode("STRICT")])).toEqual([]);
  });

  test("is likely where neither pods nor their namespace are among the objects, and by the policy of another namespace", () => {
    expect(found([service(), tls("DISABLE"), mode("STRICT", "istio-system/default")])).toEqual([likely]);
  });

  test("is likely where the Service is not among the objects and its namespace has a policy, unless it is declared to live outside", () => {
    expect(found([tls("DISABLE"), mode("STRICT")])).toEqual([likely]);
    expect(found([tls("DISABLE"), mode("STRICT")], { externals: ["Service shop/pricing"] })).toEqual([]);
    expect(found([tls("DISABLE"), mode("STRICT", "istio-system/default")])).toEqual([]);
    expect(found([tls("DISABLE"), mode("STRICT"), narrow("PERMISSIVE")])).toEqual([]);
  });

  test("is not likely to be the mesh's where callers send TLS of another kind: such servers are mostly outside", () => {
    expect(found([service(), tls("SIMPLE"), mode("STRICT", "istio-system/default")])).toEqual([]);
    expect(found([tls("SIMPLE"), mode("STRICT")])).toEqual([]);
    expect(found([injected, service(), pod("{ app: pricing }"), tls("SIMPLE"), mode("STRICT", "istio-system/default")])).toEqual([told]);
  });

  test("is what its Gateways say for a gateway", () => {
    expect(found([service("shop/pricing", "{ istio: egressgateway }"), tls("DISABLE"), mode("STRICT")])).toEqual([]);
  });

  test("by labels of pods that are not seen is known where the Service selects the same, and open where others may select them too", () => {
    expect(found([service(), tls("DISABLE"), narrow("STRICT")])).toEqual([told]);
    expect(
      found([
        service(),
        tls("DISABLE"),
        mode("STRICT"),
        peers("{ selector: { matchLabels: { tier: back } }, mtls: { mode: PERMISSIVE } }"),
      ]),
    ).toEqual([]);
    expect(
      found([service(), tls("DISABLE"), mode("STRICT"), peers("{ selector: { matchLabels: { app: other } } }", "shop/other")]),
    ).toEqual([told]);
  });

  test("is open where two policies of one rank disagree", () => {
    expect(found([service(), tls("DISABLE"), mode("STRICT"), mode("PERMISSIVE", "shop/second")])).toEqual([]);
  });

  test("is open where policies are declared to live outside", () => {
    expect(found([service(), tls("DISABLE"), mode("STRICT")], { externals: ["PeerAuthentication shop/*"] })).toEqual([]);
  });
});

describe("which DestinationRule callers follow", () => {
  const strict = [service(), mode("STRICT")];
  const host = "pricing.shop.svc.cluster.local";

  test.each(["*.shop.svc.cluster.local", "*.svc.cluster.local", "*.cluster.local", "*.local", "*"])(
    "may be for a wildcard: %s",
    (wildcard) => {
      expect(found([...strict, tls("DISABLE", wildcard, "shop/all")])).toEqual([
        "error DestinationRule shop/all spec.trafficPolicy.tls.mode",
      ]);
    },
  );

  test("may be for a wildcard that means other hosts", () => {
    expect(found([...strict, tls("DISABLE", "*.other.svc.cluster.local"), tls("DISABLE", "*.example.no", "shop/far")])).toEqual([]);
  });

  test("is the one for the more exact host of a namespace", () => {
    expect(found([...strict, tls("DISABLE", "*.local", "shop/all"), tls("ISTIO_MUTUAL")])).toEqual([]);
    expect(found([...strict, tls("DISABLE", "*.local", "shop/all"), tls("ISTIO_MUTUAL", "*.svc.cluster.local")])).toEqual([]);
  });

  test("is that of the host's namespace before that of the root namespace, where it is shown to callers", () => {
    const root = tls("DISABLE", "*.local", "istio-system/all");
    const last = "error DestinationRule istio-system/all spec.trafficPolicy.tls.mode";
    expect(found([...strict, root])).toEqual([last]);
    expect(found([...strict, root, tls("ISTIO_MUTUAL")])).toEqual([]);
    expect(found([...strict, root, rule(`{ host: pricing, exportTo: ["."], trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }`)])).toEqual([
      last,
    ]);
  });

  test("may be the callers' own, shown to nobody else", () => {
    const own = rule(`{ host: ${host}, exportTo: ["."], trafficPolicy: { tls: { mode: DISABLE } } }`, "web/pricing");
    expect(found([...strict, own])).toEqual(["error DestinationRule web/pricing spec.trafficPolicy.tls.mode"]);
  });

  test("is none that a namespace keeps for others and is not the host's", () => {
    const kept = rule(`{ host: ${host}, exportTo: ["app"], trafficPolicy: { tls: { mode: DISABLE } } }`, "web/pricing");
    expect(found([...strict, kept])).toEqual([]);
  });

  test("is private by default where the mesh says so", () => {
    const root = tls("DISABLE", "*.local", "istio-system/all");
    const around = { meshConfig: 'defaultDestinationRuleExportTo: ["."]' };
    expect(found([...strict, root], around)).toEqual(["error DestinationRule istio-system/all spec.trafficPolicy.tls.mode"]);
    expect(found([...strict, root, tls("ISTIO_MUTUAL")], around)).toHaveLength(1);
  });
});

test("names the port, the policy and what is sent", () => {
  const [finding] = findingsIn([service(), tls("SIMPLE"), mode("STRICT")].join("---\n"), [mtlsConflict]);
  expect(finding?.message).toBe(
    "SIMPLE sends TLS without the mesh's certificate to pricing.shop:8080, which by PeerAuthentication shop/default takes mTLS only (STRICT): calls get a 503.",
  );
});
