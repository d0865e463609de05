import { expect, test } from "vitest";
import { membershipOf } from "../../../lib/checks/graph/membership";
import { mutualTlsAt } from "../../../lib/checks/graph/mutual-tls";
import { namedAddresses } from "../../../lib/checks/graph/named-addresses";
import { plaintextRefusal } from "../../../lib/checks/graph/plaintext";
import type { Workload } from "../../../lib/checks/graph/workloads";
import { workloads } from "../../../lib/checks/graph/workloads";
import type { ObjectGraph } from "../../../lib/checks/object-graph";
import { graphOf } from "../checked";
import { installation, type Json, type Made, namespace, peer, pods, portModes, strict, yaml } from "./mtls-objects";

type Documents = readonly Json[];

const only = (graph: ObjectGraph): Workload => {
  const [first] = graph.derive(workloads);
  if (first === undefined) throw new Error("no workload");
  return first;
};
const membership = (made: Made, ...around: Documents): string => {
  const graph = graphOf(yaml(pods("pricing", made), ...around));
  return membershipOf(graph, only(graph));
};
const modes = (ports: readonly (number | undefined)[], ...around: Documents): readonly string[] => {
  const graph = graphOf(yaml(pods(), ...around));
  return ports.map((port) => mutualTlsAt(graph, only(graph), port).mode);
};
const refuses = (made: Made, port: number | undefined, ...around: Documents): boolean => {
  const graph = graphOf(yaml(pods("pricing", made), ...around));
  return plaintextRefusal(graph, only(graph), port) !== undefined;
};
const inject = (value: string): Made => ({ labels: { "sidecar.istio.io/inject": value } });
const unlabelled = namespace("shop", {});

test.each([
  ["a labelled namespace", {}, [namespace()], "sidecar"],
  ["a revision", {}, [namespace("shop", { "istio.io/rev": "canary" })], "sidecar"],
  ["a namespace without a label", {}, [unlabelled], "outside"],
  ["a namespace that is not among the objects", {}, [], "unknown"],
  ["a pod that asks for one where the namespace says nothing", inject("true"), [unlabelled], "sidecar"],
  [
    "a pod that asks for one where the namespace refuses",
    inject("true"),
    [namespace("shop", { "istio-injection": "disabled" })],
    "outside",
  ],
  ["a pod that asks in words of its own", inject("yes"), [unlabelled], "outside"],
  [
    "a pod that asks by an annotation, which the API server does not look at",
    { annotations: { "sidecar.istio.io/inject": "true" } },
    [unlabelled],
    "outside",
  ],
  ["a pod that refuses by a label", inject("false"), [namespace()], "outside"],
  ["a pod that refuses by an annotation", { annotations: { "sidecar.istio.io/inject": "false" } }, [namespace()], "outside"],
  [
    "a pod whose label and annotation differ",
    { ...inject("true"), annotations: { "sidecar.istio.io/inject": "false" } },
    [namespace()],
    "sidecar",
  ],
  ["a pod with a revision", { labels: { "istio.io/rev": "canary" } }, [unlabelled], "sidecar"],
  ["the node's network", { spec: { hostNetwork: true } }, [namespace()], "outside"],
  ["an ambient namespace", {}, [namespace("shop", { "istio.io/dataplane-mode": "ambient" })], "ambient"],
  [
    "a pod that leaves the ambient mesh",
    { labels: { "istio.io/dataplane-mode": "none" } },
    [namespace("shop", { "istio.io/dataplane-mode": "ambient" })],
    "outside",
  ],
  ["a gateway by its template", { annotations: { "inject.istio.io/templates": "sidecar, gateway" } }, [namespace()], "gateway"],
  ["a gateway by its label", { labels: { istio: "ingressgateway" } }, [namespace()], "gateway"],
  [
    "a gateway by what runs in it",
    { spec: { containers: [{ name: "istio-proxy", image: "proxyv2", args: ["proxy", "router"] }] } },
    [],
    "gateway",
  ],
  [
    "a sidecar that is there already",
    { spec: { containers: [{ name: "istio-proxy", image: "proxyv2", args: ["proxy", "sidecar"] }] } },
    [unlabelled],
    "sidecar",
  ],
  [
    "settings of a sidecar that nobody injects",
    { spec: { containers: [{ name: "istio-proxy", image: "auto" }] } },
    [unlabelled],
    "outside",
  ],
  ["gRPC without a proxy", { annotations: { "inject.istio.io/templates": "grpc-agent" } }, [namespace()], "proxyless"],
  [
    "an installation that injects everywhere",
    {},
    [unlabelled, installation({ values: { sidecarInjectorWebhook: { enableNamespacesByDefault: true } } })],
    "sidecar",
  ],
] as const)("membership of %s", (_, made, around, expected) => {
  expect(membership(made, ...around)).toBe(expected);
});

test("Kubernetes' own namespaces never get sidecars", () => {
  expect(membership({ namespace: "kube-system" }, namespace("kube-system"))).toBe("outside");
});

test("without a policy everything is taken", () => {
  expect(modes([8080, undefined])).toEqual(["PERMISSIVE", "PERMISSIVE"]);
});

test("the narrower policy goes before the wider, and what it leaves unset is inherited", () => {
  const workload = peer("pricing", {
    selector: { matchLabels: { app: "pricing" } },
    mtls: { mode: "UNSET" },
    portLevelMtls: { 9090: { mode: "PERMISSIVE" }, 8080: { mode: "UNSET" } },
  });
  expect(modes([8080, 9090, 1, undefined], strict("istio-system"))).toEqual(["STRICT", "STRICT", "STRICT", "STRICT"]);
  expect(modes([8080], strict("istio-system"), peer("default", { mtls: { mode: "DISABLE" } }))).toEqual(["DISABLE"]);
  expect(modes([8080], strict("istio-system"), peer("default", {}))).toEqual(["STRICT"]);
  expect(modes([8080, 9090, 1, undefined], strict(), workload)).toEqual(["STRICT", "PERMISSIVE", "STRICT", "UNKNOWN"]);
});

test("the root namespace is the mesh's, as its configuration names it", () => {
  const root = installation({ meshConfig: { rootNamespace: "mesh" } });
  expect(modes([8080], root, strict("mesh"))).toEqual(["STRICT"]);
  expect(modes([8080], root, strict("istio-system"))).toEqual(["PERMISSIVE"]);
});

test("ports without a selector, and selectors in the root namespace, do nothing", () => {
  expect(modes([9090], peer("default", { mtls: { mode: "STRICT" }, portLevelMtls: { 9090: { mode: "DISABLE" } } }))).toEqual(["STRICT"]);
  const elsewhere = peer(
    "pricing",
    { selector: { matchLabels: { app: "pricing" } }, mtls: { mode: "STRICT" } },
    { namespace: "istio-system" },
  );
  expect(modes([8080], elsewhere)).toEqual(["PERMISSIVE"]);
});

test("of two policies for the same pods the oldest counts, and nobody knows which where no day is written", () => {
  const [first, second] = [portModes({ 8080: "DISABLE" }, "a"), portModes({ 8080: "STRICT" }, "b")];
  expect(modes([8080, 9090], first, second)).toEqual(["UNKNOWN", "PERMISSIVE"]);
  const dated = (created: string, name: string, mode: string) =>
    peer(name, { selector: { matchLabels: { app: "pricing" } }, mtls: { mode } }, { creationTimestamp: created });
  expect(modes([8080], dated("2026-02-01T00:00:00Z", "a", "STRICT"), dated("2026-01-01T00:00:00Z", "b", "DISABLE"))).toEqual(["DISABLE"]);
  expect(modes([8080], dated("2026-01-01T00:00:00Z", "b", "DISABLE"), dated("2026-01-01T00:00:00Z", "a", "STRICT"))).toEqual(["STRICT"]);
});

test("a mode or a selector that cannot be read claims nothing", () => {
  expect(modes([8080], peer("default", { mtls: { mode: "strict" } }))).toEqual(["UNKNOWN"]);
  expect(modes([8080], peer("default", { selector: { matchLabels: { app: 1 } }, mtls: { mode: "STRICT" } }))).toEqual(["PERMISSIVE"]);
});

test("policies that are declared to live outside may say anything", () => {
  const graph = graphOf(yaml(pods(), strict()), { externals: ["PeerAuthentication shop/pricing"] });
  expect(mutualTlsAt(graph, only(graph), 8080).mode).toBe("UNKNOWN");
});

test("plaintext is refused where a proxy stands before the port", () => {
  expect(refuses({}, 8080, strict(), namespace())).toBe(true);
  expect(refuses({}, 8080, strict(), namespace("shop", { "istio.io/dataplane-mode": "ambient" }))).toBe(true);
  expect(refuses({}, 8080, strict(), unlabelled)).toBe(false);
  expect(refuses({ labels: { istio: "ingressgateway" } }, 8080, strict(), namespace())).toBe(false);
});

test("a namespace that is not among the objects counts as in the mesh where a policy of its own says STRICT", () => {
  expect(refuses({}, 8080, strict())).toBe(true);
  expect(refuses({}, 8080, strict("istio-system"))).toBe(false);
});

test.each([
  [{ "traffic.sidecar.istio.io/excludeInboundPorts": "9090, 8080" }, 8080, false],
  [{ "traffic.sidecar.istio.io/excludeInboundPorts": "9090" }, 8080, true],
  [{ "traffic.sidecar.istio.io/includeInboundPorts": "9090" }, 8080, false],
  [{ "traffic.sidecar.istio.io/includeInboundPorts": "" }, 8080, false],
  [{ "traffic.sidecar.istio.io/includeInboundPorts": "*" }, 8080, true],
  [{ "sidecar.istio.io/interceptionMode": "NONE" }, 8080, false],
  [{}, 15020, false],
  [{ "traffic.sidecar.istio.io/excludeInboundPorts": "9090" }, undefined, false],
] as const)("annotations %j decide whether port %s is the sidecar's", (annotations, port, expected) => {
  expect(refuses({ annotations }, port, strict(), namespace())).toBe(expected);
});

test("addresses are read from variables, commands and arguments, and nothing else is taken for one", () => {
  const env = [
    "http://pricing.shop/prices",
    "postgres://user:p@ss@db:5432/x",
    "redis:6379,cache.shop.svc",
    "kafka=broker:9092",
    "plain",
    "v1.2.3",
    "12:30",
    "http://[::1]:80",
    "https://$(HOST)/",
  ];
  const graph = graphOf(
    yaml(
      pods("pricing", {
        container: {
          env: env.map((value) => ({ name: "A", value })),
          command: ["sh", "-c", "curl -s http://a.b.svc.cluster.local:8080/ | cat"],
          args: ["--to=https://c"],
        },
      }),
    ),
  );
  expect(namedAddresses(only(graph)).map(({ host, port }) => `${host}:${port}`)).toEqual([
    "pricing.shop:80",
    "db:5432",
    "redis:6379",
    "cache.shop.svc:undefined",
    "broker:9092",
    "12:30",
    "a.b.svc.cluster.local:8080",
    "c:443",
  ]);
});
