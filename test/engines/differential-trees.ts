import fc from "fast-check";
import {
  type CanaryService,
  type CanaryServiceProps,
  ExternalService,
  type ExternalServiceProps,
  IstioControlPlane,
  type IstioControlPlaneProps,
  Release,
  type RetryOn,
  type StrictMtlsNamespaceProps,
} from "../../lib/index";
import type { Manifest } from "../support/examples";
import { meshApp, namespace, objectsOf, service } from "../support/tree";

const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(value, { nil: undefined });
const small = { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "1G" } } as const;
const percent = fc.integer({ min: 1, max: 100 });
const count = fc.integer({ min: 1, max: 2 ** 31 - 1 });
/** Ports beside those that the other parts of a service have. */
const port = fc.integer({ min: 1, max: 14_999 });
const duration = fc
  .tuple(fc.integer({ min: 1, max: 900 }), fc.constantFrom("ms", "s", "m"))
  .map(([amount, unit]) => `${amount}${unit}` as const) as fc.Arbitrary<`${number}${"ms" | "s" | "m"}`>;
const words: fc.Arbitrary<RetryOn> = fc.constantFrom("5xx", "gateway-error", "connect-failure", "reset", "unavailable", "retriable-4xx");
const list = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<[Value, ...Value[]]> =>
  fc.uniqueArray(of, { minLength: 1, maxLength: 3 }) as unknown as fc.Arbitrary<[Value, ...Value[]]>;

const retries = fc.record({
  attempts: fc.nat(10),
  perTryTimeout: duration,
  on: fc.oneof(fc.constant("default" as const), list(words)),
  methods: fc.oneof(fc.constant("all" as const), list(fc.constantFrom("GET" as const, "HEAD" as const, "PUT" as const)).map(withPost)),
});

/** Every call of gRPC is a POST. */
function withPost<Method>(methods: readonly Method[]): [Method | "POST", ...(Method | "POST")[]] {
  return ["POST", ...methods];
}

const circuitBreaker = fc.record(
  {
    maxConnections: count,
    maxPendingRequests: count,
    maxRequests: count,
    maxRequestsPerConnection: count,
    maxRetries: count,
    eject: fc.record(
      { after5xx: fc.integer({ min: 1, max: 1000 }), for: duration, interval: duration, keepAtLeast: fc.integer({ min: 1, max: 3 }) },
      { requiredKeys: ["after5xx", "for"] },
    ),
  },
  { requiredKeys: [] },
);

const header = fc.stringMatching(/^[a-z][-a-z0-9]{0,20}$/);
const sessionAffinity = fc.oneof(
  fc.record({
    by: fc.constant("cookie" as const),
    name: fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,20}$/),
    ttl: fc.constantFrom("1s" as const, "24h" as const),
  }),
  fc.record({ by: fc.constant("header" as const), name: header }),
  fc.record({ by: fc.constant("source-ip" as const) }),
);
const bounds = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 20 }), some(percent))
  .map(([min, more, targetCpu]) => ({ min, max: min + more, ...(targetCpu !== undefined && { targetCpu }) }));
const replicas = fc.oneof(fc.integer({ min: 1, max: 50 }), bounds);
const release = fc
  .record({ weights: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }), rollBack: fc.boolean() })
  .map(({ weights, rollBack }) => {
    const [first, ...others] = weights.map((weight, index) => ({
      name: `v${index + 2}`,
      image: `registry.example.no/x:${index + 2}`,
      weight,
    }));
    return Release.pinned({
      stable: { name: "v1", image: "registry.example.no/x:1" },
      canary: [first as NonNullable<typeof first>, ...others],
      rollBack,
    });
  });
const reason = "a random system";
const suppress = Object.fromEntries(["MG0301", "MG0302", "MG0303", "MG0304", "MG0305", "MG0306"].map((code) => [code, reason]));

/** All that a service may be given. Undefined props are left out before they come to it. */
const serviceProps = fc.record(
  {
    port,
    targetPort: port,
    protocol: fc.constantFrom("http" as const, "http2" as const, "grpc" as const),
    extraPorts: fc.constantFrom(
      [{ name: "http-metrics", port: 15_100, targetPort: 15_101 }],
      [{ name: "tcp-db", port: 15_102, targetPort: 15_103 }],
    ),
    podSelector: fc.constant({ "example.no/app": "x" }),
    serviceAccountName: fc.stringMatching(/^[a-z][-a-z0-9]{0,20}[a-z0-9]$/),
    release,
    replicas,
    nodeSelector: fc.constant({ "example.no/pool": "fast" }),
    timeout: duration,
    retries,
    circuitBreaker,
    testers: fc.record({ header, value: fc.stringMatching(/^[!-~]{1,20}$/), to: fc.constant("v1") }),
    mirror: fc.record({ to: fc.constant("v2"), percent }),
    sessionAffinity,
    sidecar: fc.constant({ cpu: "100m", memory: "128Mi", cpuLimit: "2", memoryLimit: "1Gi" } as const),
    tls: fc.constantFrom("by-stage" as const, "ISTIO_MUTUAL" as const, "unset" as const),
    env: fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/), fc.string(), { maxKeys: 3 }),
    resources: fc.constant(small),
    health: fc.record({ path: fc.constant("/ready"), livenessPath: fc.constant("/live") }),
    defaults: fc.constantFrom("safe" as const, "none" as const),
  },
  { requiredKeys: ["port", "release"] },
);

const controlPlaneProps: fc.Arbitrary<IstioControlPlaneProps> = fc.record(
  {
    mtls: fc.constantFrom("permissive" as const, "strict" as const),
    trustDomain: fc.constantFrom("cluster.local", "shop.example"),
    accessLog: fc.constantFrom("off" as const, "errors" as const, "all" as const),
    tracing: fc.record({
      samplingPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      collector: fc.constant("otel.observability.svc.cluster.local"),
    }),
    probeRewrite: fc.boolean(),
    cni: fc.boolean(),
    sidecar: fc.constant({ requests: { cpu: "10m" } } as const),
    defaults: fc.constantFrom("safe" as const, "none" as const),
  },
  { requiredKeys: [] },
);

const namespaceProps: fc.Arbitrary<StrictMtlsNamespaceProps> = fc.record(
  {
    stage: fc.constantFrom("permissive" as const, "strict" as const),
    access: fc.constantFrom("declared" as const, "open" as const),
    podSecurity: fc.constantFrom("privileged" as const, "baseline" as const, "restricted" as const),
    labels: fc.constant({ "example.no/team": "shop" }),
    sidecarScope: fc.constantFrom("mesh" as const, "calls" as const),
    networkPolicies: fc.constantFrom("none" as const, "calls" as const),
  },
  { requiredKeys: [] },
);

const outsider = fc.record({
  to: fc.nat(9),
  port,
  from: list(fc.oneof(ranges(fc.ipV4(), 32), ranges(fc.ipV6(), 128))),
  addressOf: fc.constantFrom("peer" as const, "original-caller" as const),
});
const external = fc.record(
  {
    hosts: list(fc.constantFrom("api.bank.example", "*.bank.example", "db.bank.example")),
    ports: fc.uniqueArray(
      fc.record({ number: port, protocol: fc.constantFrom("TLS" as const, "HTTPS" as const, "HTTP" as const, "GRPC" as const) }),
      {
        selector: ({ number }) => number,
        minLength: 1,
        maxLength: 3,
      },
    ),
    addresses: list(ranges(fc.ipV4(), 32)),
  },
  { requiredKeys: ["hosts"] },
);
const exposure = fc.record({
  service: fc.nat(9),
  tls: fc.oneof(
    fc.constant("none" as const),
    fc.record({ secret: fc.constant("edge-tls"), mode: fc.constantFrom("SIMPLE" as const, "MUTUAL" as const) }),
  ),
  redirect: fc.boolean(),
});

function ranges(address: fc.Arbitrary<string>, bits: number): fc.Arbitrary<string> {
  return fc.tuple(address, fc.integer({ min: 1, max: bits })).map(([text, prefix]) => `${text}/${prefix}`);
}

/** A random system of constructs: whatever it holds is sound. */
export const systems = fc.record({
  controlPlane: controlPlaneProps,
  namespace: namespaceProps,
  services: fc.array(serviceProps, { minLength: 1, maxLength: 4 }),
  calls: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 5 }),
  outsiders: fc.array(outsider, { maxLength: 2 }),
  externals: fc.array(external, { maxLength: 2 }),
  exposures: fc.array(exposure, { maxLength: 2 }),
});

/** A random system. */
export type System = typeof systems extends fc.Arbitrary<infer Value> ? Value : never;

/** Every object of a system. */
export function objectsOfSystem(system: System): readonly Manifest[] {
  const app = meshApp({ istio: "1.31" });
  // A narrow scope of sidecars asks for a control plane that lets nothing else out.
  const mesh = new IstioControlPlane(app, "mesh", {
    ...system.controlPlane,
    cni: system.controlPlane.cni === true || asksForCni(system),
    outbound: "REGISTRY_ONLY",
  });
  const edge = mesh.addIngressGateway("edge");
  const shop = namespace({ ...system.namespace, controlPlane: mesh }, app);
  const services = system.services.map((props, index) => service(shop, `s${index}`, { ...unlike(props, index), suppress }));
  const at = (index: number): CanaryService => services[index % services.length] as CanaryService;
  for (const [from, to] of system.calls) at(from).calls(at(to));
  for (const [index, props] of system.externals.entries())
    at(index).calls(new ExternalService(shop, `bank${index}`, props as unknown as ExternalServiceProps));
  for (const [index, { to, ...rest }] of system.outsiders.entries())
    shop.allowPlaintext(`o${index}`, { ...rest, to: at(to), reason, suppress: { MG0402: reason } });
  for (const [index, { service: of, ...rest }] of system.exposures.entries())
    edge.expose(at(of), { ...rest, host: `h${index}.example.no` });
  return objectsOf(app);
}

/** Pods that may do little have no room for Istio's init container. */
function asksForCni({ namespace: { podSecurity = "privileged" } }: System): boolean {
  return podSecurity !== "privileged";
}

/** Services share neither pods nor accounts, by which callers are told apart; and an autoscaler asks for a request. */
function unlike({ podSelector, serviceAccountName = "account", ...props }: System["services"][number], index: number): CanaryServiceProps {
  return {
    ...props,
    ...(podSelector !== undefined && { podSelector: { "example.no/app": `s${index}` } }),
    serviceAccountName: `${serviceAccountName}-${index}`,
    ...(props.defaults === "none" && { resources: small }),
  };
}
