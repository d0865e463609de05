import fc from "fast-check";
import {
  CanaryService,
  type CanaryServiceProps,
  checkApp,
  type Exposure,
  ExternalService,
  type ExternalServiceProps,
  InvalidInput,
  IstioControlPlane,
  type IstioControlPlaneProps,
  type MeshApp,
  type MeshGatewayProps,
  type PlaintextException,
  Release,
  type RetryOn,
  StrictMtlsNamespace,
  type StrictMtlsNamespaceProps,
} from "../../lib/index";
import type { Manifest } from "../support/examples";
import { meshApp, objectsOf } from "../support/tree";

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

const gatewayProps: fc.Arbitrary<MeshGatewayProps> = fc.record(
  {
    ports: fc.constantFrom(
      [
        { name: "http2", port: 80, targetPort: 8080 },
        { name: "https", port: 443, targetPort: 8443 },
      ],
      [
        { name: "http", port: 8080, targetPort: 18_080 },
        { name: "https-pay", port: 8443, targetPort: 18_443 },
      ],
    ),
    resources: fc.constant(small),
    serviceType: fc.constantFrom("LoadBalancer" as const, "NodePort" as const, "ClusterIP" as const),
    sourceRanges: list(ranges(fc.ipV4(), 32)),
    serviceAnnotations: fc.constant({ "example.no/team": "shop" }),
    autoscaling: bounds,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<MeshGatewayProps>;

/** A random system of constructs: whatever it holds is sound. */
export const systems = fc
  .record({
    controlPlane: controlPlaneProps,
    gateway: gatewayProps,
    namespace: namespaceProps,
    services: fc.array(serviceProps, { minLength: 1, maxLength: 4 }),
    calls: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 5 }),
    outsiders: fc.array(outsider, { maxLength: 2 }),
    externals: fc.array(external, { maxLength: 2 }),
    exposures: fc.array(exposure, { maxLength: 2 }),
  })
  .map(partsOf);

/** One construct, or one call of a construct's method: the props that it is given, and the name where it takes one. */
export interface Part {
  readonly id: string;
  readonly props: object;
}

/** What a system is made of. */
export interface System {
  readonly controlPlane: Part;
  readonly gateway: Part;
  readonly namespace: Part;
  readonly services: readonly Part[];
  readonly externals: readonly Part[];
  readonly outsiders: readonly (Part & { readonly to: number })[];
  readonly exposures: readonly (Part & { readonly to: number })[];
  /** Who calls whom, by the places of the services. */
  readonly calls: readonly (readonly [number, number])[];
}

interface Drawn {
  readonly controlPlane: IstioControlPlaneProps;
  readonly gateway: MeshGatewayProps;
  readonly namespace: StrictMtlsNamespaceProps;
  readonly services: readonly DrawnService[];
  readonly calls: readonly (readonly [number, number])[];
  readonly outsiders: readonly (object & { readonly to: number })[];
  readonly externals: readonly object[];
  readonly exposures: readonly (object & { readonly service: number })[];
}
type DrawnService = typeof serviceProps extends fc.Arbitrary<infer Value> ? Value : never;

function partsOf({ controlPlane, gateway, namespace, services, calls, outsiders, externals, exposures }: Drawn): System {
  // Pods that may do little have no room for Istio's init container.
  const cni = controlPlane.cni === true || (namespace.podSecurity ?? "privileged") !== "privileged";
  return {
    // A narrow scope of sidecars asks for a control plane that lets nothing else out.
    controlPlane: { id: "mesh", props: { ...controlPlane, cni, outbound: "REGISTRY_ONLY" } },
    gateway: { id: "edge", props: { ...gateway, suppress: { MG0202: reason } } },
    namespace: { id: "shop", props: namespace },
    services: services.map((props, index) => ({ id: `s${index}`, props: { ...unlike(props, index), suppress } })),
    externals: externals.map((props, index) => ({ id: `bank${index}`, props })),
    outsiders: outsiders.map(({ to, ...rest }, index) => ({
      id: `o${index}`,
      to,
      props: { ...rest, reason, suppress: { MG0402: reason } },
    })),
    exposures: exposures.map(({ service, ...rest }, index) => ({
      id: "",
      to: service,
      props: { ...rest, host: `h${index}.example.no` },
    })),
    calls,
  };
}

function treeOf(system: System): MeshApp {
  const app = meshApp({ istio: "1.31" });
  const mesh = new IstioControlPlane(app, system.controlPlane.id, system.controlPlane.props);
  const edge = mesh.addIngressGateway(system.gateway.id, system.gateway.props);
  const shop = new StrictMtlsNamespace(app, system.namespace.id, { ...system.namespace.props, controlPlane: mesh });
  const services = system.services.map(({ id, props }) => new CanaryService(shop, id, props as CanaryServiceProps));
  const at = (index: number): CanaryService => services[index % services.length] as CanaryService;
  for (const [from, to] of system.calls) at(from).calls(at(to));
  for (const [index, { id, props }] of system.externals.entries())
    at(index).calls(new ExternalService(shop, id, props as ExternalServiceProps));
  for (const { id, to, props } of system.outsiders) shop.allowPlaintext(id, { ...(props as PlaintextException), to: at(to) });
  for (const { to, props } of system.exposures) edge.expose(at(to), props as Exposure);
  return app;
}

/** What the library makes of a system. */
type Rendered =
  | { readonly refusedBy: "props" | "checks"; readonly why: string; readonly objects?: never }
  | { readonly refusedBy?: never; readonly objects: readonly Manifest[] };

/** Every object of a system, or who refused it: the constructs their props, or a synth its checks. Any other error is a fault. */
export function rendered(system: System): Rendered {
  try {
    const app = treeOf(system);
    // Nobody's probes are asked here: without rewriting, STRICT refuses them.
    const [error] = checkApp(app, { ignore: { MG0414: reason } }).filter(
      ({ severity, suppressed }) => severity === "error" && suppressed === undefined,
    );
    return error === undefined ? { objects: objectsOf(app) } : { refusedBy: "checks", why: error.message };
  } catch (error) {
    const { message } = error as Error;
    const isTaken = message.startsWith("There is already a Construct with name");
    if (error instanceof InvalidInput || isTaken) return { refusedBy: "props", why: message };
    if (message.startsWith("Validation failed")) return { refusedBy: "checks", why: message };
    throw error;
  }
}

/** Services share neither pods nor accounts, by which callers are told apart; and an autoscaler asks for a request. */
function unlike({ podSelector, serviceAccountName = "account", ...props }: DrawnService, index: number): CanaryServiceProps {
  return {
    ...props,
    ...(podSelector !== undefined && { podSelector: { "example.no/app": `s${index}` } }),
    serviceAccountName: `${serviceAccountName}-${index}`,
    ...(props.defaults === "none" && { resources: small }),
  };
}
