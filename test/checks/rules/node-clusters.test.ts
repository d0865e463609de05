import { describe, expect, test } from "vitest";
import { catalogue } from "../../../lib/istio/catalogue";
import { kubernetesEndOfLife } from "../../../lib/istio/kubernetes-support";
import { codes, type Fields, found, node, only, pool } from "./node-yaml";

const k3s = (disable?: readonly string[]): Fields =>
  pool("oslo", { distribution: "k3s", ...(disable !== undefined && { k3s: { disable } }) });
const service = (name: string, ports: readonly number[], more: Fields = {}, labels: Fields = {}): Fields => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "istio-system", labels },
  spec: { type: "LoadBalancer", ports: ports.map((port) => ({ port })), ...more },
});
const operator = (spec: Fields): Fields => ({
  apiVersion: "install.istio.io/v1alpha1",
  kind: "IstioOperator",
  metadata: { name: "mesh", namespace: "istio-system" },
  spec,
});
const gateway = (name: string, annotations: Fields = {}): Fields => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name, namespace: "shop", annotations },
  spec: { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
});

describe("MG0618: ports of a gateway that k3s gives to another Service", () => {
  test("Traefik has 80 and 443 unless it is left out", () => {
    const edge = service("edge", [443]);
    expect(codes([k3s([]), edge])).toEqual(["error MG0618"]);
    expect(codes([k3s(["traefik"]), edge])).toEqual([]);
    expect(only("MG0618", [k3s([]), edge])).toMatchObject({
      field: "spec.k3s.disable",
      message:
        "k3s's Traefik has ports 80 and 443 of each node, and Service istio-system/edge wants them too: what comes second stays Pending.",
    });
  });

  test("another load balancer than ServiceLB gives each Service an address of its own", () => {
    expect(codes([k3s(["servicelb"]), service("edge", [443]), service("other", [443])])).toEqual([]);
    expect(codes([k3s([]), service("edge", [443], { loadBalancerClass: "example.no/lb" })])).toEqual([]);
  });

  test("other ports, other types, and Traefik's own Service are no matter", () => {
    expect(codes([k3s([]), service("edge", [8_443]), service("inner", [443], { type: "ClusterIP" })])).toEqual([]);
    const traefik = { ...service("traefik", [80, 443]), metadata: { name: "traefik", namespace: "kube-system" } };
    expect(codes([k3s([]), traefik])).toEqual([]);
  });

  test("where nobody says what is left out, it is a note", () => {
    expect(codes([k3s(), service("edge", [80])])).toEqual(["note MG0618"]);
    expect(codes([pool("oslo", { distribution: "kubeadm" }), service("edge", [80])])).toEqual([]);
  });

  test("gateways that an installer or the Gateway API makes are looked at too", () => {
    expect(codes([k3s([]), operator({})])).toEqual(["error MG0618"]);
    expect(codes([k3s([]), operator({ profile: "minimal" })])).toEqual([]);
    const internal = { name: "istio-ingressgateway", enabled: true, k8s: { service: { type: "ClusterIP" } } };
    expect(codes([k3s([]), operator({ components: { ingressGateways: [internal] } })])).toEqual([]);
    expect(codes([k3s([]), gateway("edge")])).toEqual(["error MG0618"]);
    expect(codes([k3s([]), gateway("edge", { "networking.istio.io/service-type": "ClusterIP" })])).toEqual([]);
  });

  test("ServiceLB gives a port of the nodes once", () => {
    const all = [k3s(["traefik"]), service("edge", [15_021, 443]), service("partner", [15_021, 8_443])];
    expect(found(all).map(({ code, resource, message }) => `${code} ${resource?.name} ${message}`)).toEqual([
      "MG0618 partner Service istio-system/partner and Service istio-system/edge both want 15021/TCP of each node from ServiceLB: one of them stays Pending without an address.",
    ]);
    const apart = { "svccontroller.k3s.cattle.io/lbpool": "partner" };
    expect(codes([k3s(["traefik"]), service("edge", [443]), service("partner", [443], {}, apart)])).toEqual([]);
  });
});

describe("MG0624: nodes outside the countries of residency", () => {
  const stockholm = pool("stockholm", { nodes: { country: "SE" } });

  test("says where they stand and where they must", () => {
    expect(only("MG0624", [stockholm], { residency: ["NO", "DK"] })).toMatchObject({
      field: "spec.nodes.country",
      message: "the nodes of stockholm stand in SE, and data must stay in NO, DK.",
    });
  });

  test("nothing is said without a residency, or of a pool that does not say where it is", () => {
    expect([codes([stockholm]), codes([stockholm], { residency: ["SE"] }), codes([pool("oslo", {})], { residency: ["NO"] })]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe("MG0625: Istio past its end of life", () => {
  const mesh = operator({ profile: "minimal" });

  test("the last day is still a day of support", () => {
    const on = (today: string): readonly string[] => codes([mesh], { istio: "1.28.5", kubernetes: "1.36", today });
    expect([on("2026-07-01"), on("2026-07-02")]).toEqual([[], ["warning MG0625"]]);
    expect(only("MG0625", [mesh], { istio: "1.28.5", kubernetes: "1.36", today: "2026-11-27" }).message).toBe(
      "Istio 1.28.5 has had no fixes since 2026-07-01; today is 2026-11-27.",
    );
  });

  test("a month that Istio only named is said to be about", () => {
    expect(only("MG0625", [mesh], { istio: "1.29", kubernetes: "1.36", today: "2026-11-27" }).message).toContain("since about 2026-08-31");
  });

  test("without a day nothing is said; nor of a release that has no end", () => {
    expect([
      codes([mesh], { istio: "1.17", kubernetes: "1.26" }),
      codes([mesh], { istio: "1.31", kubernetes: "1.36", today: "2026-11-27" }),
    ]).toEqual([[], []]);
  });

  test("what an IstioOperator installs counts more than what the objects are for", () => {
    const tagged = operator({ profile: "minimal", tag: "1.20.8-distroless" });
    expect(only("MG0625", [tagged], { today: "2026-11-27" })).toMatchObject({
      field: "spec.tag",
      message: "Istio 1.20.8-distroless has had no fixes since 2024-06-25; today is 2026-11-27.",
    });
  });

  test("without an installer's input the first object of Istio's stands for it", () => {
    const around = { istio: "1.28", kubernetes: "1.36", today: "2026-11-27" };
    const policy = {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "default", namespace: "shop" },
      spec: {},
    };
    expect(only("MG0625", [service("edge", [80], { type: "ClusterIP" }), policy], around).resource?.kind).toBe("PeerAuthentication");
    expect(codes([service("edge", [80], { type: "ClusterIP" })], around)).toEqual(["warning MG0625"]);
  });
});

describe("MG0626: Kubernetes past its end of life", () => {
  const around = { istio: "1.28", kubernetes: "1.34", today: "2026-11-27" };
  const running = (name: string, kubeletVersion: string): Fields => node(name, {}, { status: { nodeInfo: { kubeletVersion } } });

  test("each release that nodes run is told once, with the first that runs it", () => {
    const all = [pool("oslo", { release: "v1.33.1+k3s1" }), running("a", "v1.34.2"), running("b", "v1.34.2"), running("c", "v1.35.0")];
    expect(
      found(all, around)
        .filter(({ code }) => code === "MG0626")
        .map(({ resource, message }) => `${resource?.name} ${message}`),
    ).toEqual([
      "oslo Kubernetes 1.33 has had no fixes since 2026-06-28; today is 2026-11-27.",
      "a Kubernetes 1.34 has had no fixes since 2026-10-27; today is 2026-11-27.",
    ]);
  });

  test("where no node says one, the release that the objects are for counts", () => {
    expect(codes([pool("oslo", {})], around)).toEqual(["warning MG0625", "warning MG0626"]);
    expect(codes([pool("oslo", {})], { ...around, kubernetes: "1.35", istio: "1.29", today: "2026-08-01" })).toEqual([]);
  });

  test("every release that an Istio of the catalogue supports has an end", () => {
    const minors = catalogue.flatMap(({ kubernetes }) => [kubernetes.oldest, kubernetes.newest]);
    expect(minors.filter((minor) => kubernetesEndOfLife(minor) === undefined)).toEqual([]);
  });
});
