import { minorNumber } from "../../../istio/catalogue";
import type { Rule } from "../../rule";
import { checkedKind } from "./spec-problems";

/** Versions of Istio's kinds, and the minor from which each is served. The catalogue begins with 1.17. */
const stable = { v1alpha3: "1.17", v1beta1: "1.17", v1: "1.22" };
const served: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AuthorizationPolicy: { v1beta1: "1.17", v1: "1.17" },
  RequestAuthentication: { v1beta1: "1.17", v1: "1.17" },
  PeerAuthentication: { v1beta1: "1.17", v1: "1.22" },
  Telemetry: { v1alpha1: "1.17", v1: "1.22" },
  EnvoyFilter: { v1alpha3: "1.17" },
  ProxyConfig: { v1beta1: "1.17" },
  WasmPlugin: { v1alpha1: "1.17" },
  VirtualService: stable,
  DestinationRule: stable,
  Gateway: stable,
  ServiceEntry: stable,
  Sidecar: stable,
  WorkloadEntry: stable,
  WorkloadGroup: stable,
};

/** An apiVersion that the release does not serve. */
export const unservedVersion: Rule = {
  code: "MG0103",
  title: "an apiVersion that the release does not serve",
  severity: "error",
  consequence: 'The API server answers "no matches for kind", and the object is not applied.',
  fix: "Use a version that the release serves.",
  see: ["https://istio.io/latest/blog/2024/v1-apis/"],
  example: {
    bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: PERMISSIVE
`,
    good: `
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: PERMISSIVE
`,
    istio: "1.18",
  },
  *check(graph) {
    const { istio } = graph.surroundings.releases;
    for (const object of graph.objects) {
      const versions = served[checkedKind(object) ?? ""];
      if (versions === undefined) continue;
      const since = versions[object.apiVersion.slice(object.group.length + 1)];
      if (since !== undefined && minorNumber(since) <= minorNumber(istio.minor)) continue;
      const known = Object.keys(versions).filter((version) => minorNumber(versions[version] ?? "") <= minorNumber(istio.minor));
      const list = known.map((version) => `${object.group}/${version}`).join(", ");
      const came = since === undefined ? "no release serves it" : `it came with ${since}`;
      const message = `Istio ${istio.minor} does not serve ${object.kind} as ${object.apiVersion}: ${came}.`;
      yield { object, field: "apiVersion", message, fix: `Use ${list}.` };
    }
  },
};
