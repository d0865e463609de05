import { type ApiObject, type App, Chart, Testing } from "cdk8s";
import type { Construct } from "constructs";
import type { Problem } from "../../lib/core/problem";
import { AuthorizationPolicy, type AuthorizationPolicySpec } from "../../lib/istio/authorization-policy";
import type { IstioKind } from "../../lib/istio/catalogue";
import { DestinationRule, type DestinationRuleSpec } from "../../lib/istio/destination-rule";
import { Gateway, type GatewaySpec } from "../../lib/istio/gateway";
import { kinds } from "../../lib/istio/kinds";
import { PeerAuthentication, type PeerAuthenticationSpec } from "../../lib/istio/peer-authentication";
import { useReleases } from "../../lib/istio/release";
import { RequestAuthentication, type RequestAuthenticationSpec } from "../../lib/istio/request-authentication";
import { ServiceEntry, type ServiceEntrySpec } from "../../lib/istio/service-entry";
import { Sidecar, type SidecarSpec } from "../../lib/istio/sidecar";
import { Telemetry, type TelemetrySpec } from "../../lib/istio/telemetry";
import { VirtualService, type VirtualServiceSpec } from "../../lib/istio/virtual-service";

const virtualService: VirtualServiceSpec = {
  hosts: ["pricing.shop.svc.cluster.local", "pay.example.no"],
  gateways: ["istio-system/edge"],
  exportTo: ["."],
  http: [
    {
      name: "main",
      match: [
        {
          name: "api",
          uri: { prefix: "/api/" },
          scheme: { exact: "https" },
          method: { regex: "GET|HEAD" },
          authority: { prefix: "pay." },
          headers: { "x-canary": {}, "@request.auth.claims.group": { exact: "admin" } },
          withoutHeaders: { cookie: { regex: ".*beta.*" } },
          queryParams: { page: { exact: "1" } },
          port: 8080,
          sourceLabels: { "example.no/service": "payment" },
          sourceNamespace: "shop",
          gateways: ["mesh"],
          ignoreUriCase: true,
          statPrefix: "pricing",
        },
      ],
      route: [
        {
          destination: { host: "pricing", subset: "v1", port: { number: 8080 } },
          weight: 95,
          headers: { request: { set: { "x-version": "v1" } } },
        },
        { destination: { host: "pricing", subset: "v2" }, weight: 5 },
      ],
      rewrite: { uri: "/", authority: "pricing" },
      timeout: "2s",
      retries: { attempts: 3, perTryTimeout: "400ms", retryOn: "gateway-error,connect-failure,503", retryRemoteLocalities: true },
      fault: {
        abort: { httpStatus: 503, percentage: { value: 0.1 } },
        delay: { fixedDelay: "100ms", percentage: { value: 1 }, percent: 1 },
      },
      mirror: { host: "pricing-next" },
      mirrorPercentage: { value: 10 },
      mirrorPercent: 10,
      corsPolicy: {
        allowOrigins: [{ exact: "https://shop.example.no" }],
        allowOrigin: ["https://shop.example.no"],
        allowMethods: ["GET", "POST"],
        allowHeaders: ["*"],
        exposeHeaders: ["x-version"],
        maxAge: "24h",
        allowCredentials: true,
      },
      headers: {
        request: { set: { "x-start": "%START_TIME%" }, add: { "x-share": "100%%" }, remove: ["x-debug"] },
        response: { set: { via: "edge" }, add: { "x-pod": "%HOSTNAME%" }, remove: ["server"] },
      },
    },
    {
      match: [{ uri: { exact: "/old" } }],
      redirect: { uri: "/new", authority: "pay.example.no", scheme: "https", redirectCode: 308, port: 443 },
    },
    { match: [{ uri: { exact: "/health" } }], directResponse: { status: 200, body: { string: "ok" } } },
    { match: [{ uri: { prefix: "/team/" } }], delegate: { name: "team", namespace: "team" } },
  ],
  tls: [
    {
      match: [
        {
          sniHosts: ["pay.example.no"],
          port: 443,
          destinationSubnets: ["10.0.0.0/8"],
          sourceLabels: { app: "x" },
          sourceNamespace: "shop",
          gateways: ["mesh"],
        },
      ],
      route: [{ destination: { host: "bank" }, weight: 1 }],
    },
  ],
  tcp: [
    { match: [{ port: 5432, destinationSubnets: ["10.0.5.7"], sourceSubnet: "10.0.0.0/8" }], route: [{ destination: { host: "db" } }] },
  ],
};

const destinationRule: DestinationRuleSpec = {
  host: "pricing.shop.svc.cluster.local",
  exportTo: ["."],
  workloadSelector: { matchLabels: { "example.no/service": "payment" } },
  trafficPolicy: {
    loadBalancer: {
      simple: "LEAST_REQUEST",
      localityLbSetting: {
        enabled: true,
        distribute: [{ from: "north/*", to: { "north/*": 80, "south/a": 20 } }],
        failoverPriority: ["topology.kubernetes.io/region"],
      },
      warmupDurationSecs: "30s",
    },
    connectionPool: {
      tcp: {
        maxConnections: 100,
        connectTimeout: "1s",
        tcpKeepalive: { probes: 3, time: "7200s", interval: "75s" },
        maxConnectionDuration: "1h",
      },
      http: {
        http1MaxPendingRequests: 100,
        http2MaxRequests: 1000,
        maxRequestsPerConnection: 0,
        maxRetries: 3,
        idleTimeout: "5m",
        h2UpgradePolicy: "DO_NOT_UPGRADE",
        useClientProtocol: true,
      },
    },
    outlierDetection: {
      consecutive5xxErrors: 5,
      consecutiveGatewayErrors: 0,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 5,
      interval: "10s",
      baseEjectionTime: "30s",
      maxEjectionPercent: 50,
      minHealthPercent: 0,
      consecutiveErrors: 5,
    },
    tls: {
      mode: "MUTUAL",
      clientCertificate: "/c",
      privateKey: "/k",
      caCertificates: "/a",
      subjectAltNames: ["bank"],
      sni: "bank.example.no",
    },
    portLevelSettings: [{ port: { number: 8443 }, tls: { mode: "SIMPLE", credentialName: "bank" } }],
    tunnel: { protocol: "CONNECT", targetHost: "bank.example.no", targetPort: 443 },
  },
  subsets: [
    {
      name: "v1",
      labels: { version: "v1" },
      trafficPolicy: {
        loadBalancer: { consistentHash: { httpCookie: { name: "shop", path: "/", ttl: "0s" }, maglev: { tableSize: 65537 } } },
      },
    },
    { name: "v2", trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 1024 } } } } },
  ],
};

const gateway: GatewaySpec = {
  selector: { istio: "ingressgateway" },
  servers: [
    {
      name: "pay",
      port: { number: 443, protocol: "HTTPS", name: "https" },
      hosts: ["pay.example.no", "shop/*.example.no"],
      tls: {
        mode: "MUTUAL",
        credentialName: "pay-tls",
        subjectAltNames: ["partner"],
        verifyCertificateHash: ["ab"],
        verifyCertificateSpki: ["ab"],
        minProtocolVersion: "TLSV1_2",
        maxProtocolVersion: "TLSV1_3",
        cipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256"],
      },
      bind: "0.0.0.0",
      defaultEndpoint: "127.0.0.1:8080",
    },
    { port: { number: 80, protocol: "HTTP", name: "http" }, hosts: ["*"], tls: { httpsRedirect: true } },
    {
      port: { number: 8443, protocol: "TLS", name: "files" },
      hosts: ["*.example.no"],
      tls: { mode: "SIMPLE", serverCertificate: "/c", privateKey: "/k", caCertificates: "/a" },
    },
  ],
};

const serviceEntry: ServiceEntrySpec = {
  hosts: ["db.example.no"],
  addresses: ["10.0.5.0/24"],
  ports: [{ number: 5432, name: "postgres", protocol: "TCP", targetPort: 6432 }],
  location: "MESH_EXTERNAL",
  resolution: "STATIC",
  endpoints: [
    {
      address: "10.0.5.7",
      ports: { postgres: 6432 },
      labels: { zone: "a" },
      network: "vm",
      locality: "north/a",
      weight: 1,
      serviceAccount: "db",
    },
  ],
  subjectAltNames: ["db.example.no"],
  exportTo: ["~"],
};

const sidecar: SidecarSpec = {
  workloadSelector: { labels: { "example.no/service": "pricing" } },
  ingress: [
    {
      port: { number: 8443, protocol: "HTTPS", name: "https" },
      bind: "0.0.0.0",
      captureMode: "DEFAULT",
      defaultEndpoint: "127.0.0.1:8080",
      tls: { mode: "SIMPLE", serverCertificate: "/c", privateKey: "/k" },
    },
  ],
  egress: [
    { hosts: ["./*"], port: { number: 0, protocol: "HTTP", name: "uds" }, bind: "unix:///run/shop.sock", captureMode: "NONE" },
    { hosts: ["istio-system/*", "shop/pricing.shop.svc.cluster.local"] },
  ],
  outboundTrafficPolicy: {
    mode: "ALLOW_ANY",
    egressProxy: { host: "egress.shop.svc.cluster.local", port: { number: 15443 }, subset: "v1" },
  },
};

const peerAuthentication: PeerAuthenticationSpec = {
  selector: { matchLabels: { "example.no/service": "pricing" } },
  mtls: { mode: "STRICT" },
  portLevelMtls: { 9090: { mode: "PERMISSIVE" } },
};

const authorizationPolicy: AuthorizationPolicySpec = {
  selector: { matchLabels: { "example.no/service": "pricing" } },
  action: "DENY",
  rules: [
    {
      from: [
        {
          source: {
            principals: ["cluster.local/ns/shop/sa/payment"],
            notPrincipals: ["*/sa/test"],
            requestPrincipals: ["*"],
            notRequestPrincipals: ["https://id.example.no/guest"],
            namespaces: ["shop"],
            notNamespaces: ["test"],
            ipBlocks: ["10.0.5.0/24"],
            notIpBlocks: ["10.0.5.7"],
            remoteIpBlocks: ["2001:db8::/32"],
            notRemoteIpBlocks: ["2001:db8::1"],
          },
        },
      ],
      to: [
        {
          operation: {
            hosts: ["*.example.no"],
            notHosts: ["test.example.no"],
            ports: ["8080"],
            notPorts: ["9090"],
            methods: ["GET"],
            notMethods: ["TRACE"],
            paths: ["/api/*"],
            notPaths: ["/api/private"],
          },
        },
      ],
      when: [{ key: "request.headers[x-team]", values: ["shop"], notValues: ["test"] }],
    },
  ],
};

const requestAuthentication: RequestAuthenticationSpec = {
  selector: { matchLabels: { "example.no/service": "pricing" } },
  jwtRules: [
    {
      issuer: "https://id.example.no",
      audiences: ["shop"],
      jwksUri: "https://id.example.no/keys",
      fromHeaders: [{ name: "authorization", prefix: "Bearer " }],
      fromParams: ["token"],
      forwardOriginalToken: true,
      outputPayloadToHeader: "x-payload",
      outputClaimToHeaders: [{ header: "x-user", claim: "sub" }],
    },
    { issuer: "https://id.example.org", jwks: '{"keys":[]}' },
  ],
};

const telemetry: TelemetrySpec = {
  selector: { matchLabels: { "example.no/service": "pricing" } },
  tracing: [
    {
      match: { mode: "CLIENT" },
      providers: [{ name: "tempo" }],
      randomSamplingPercentage: 5,
      disableSpanReporting: false,
      customTags: {
        team: { literal: { value: "shop" } },
        pod: { environment: { name: "POD_NAME", defaultValue: "none" } },
        user: { header: { name: "x-user", defaultValue: "none" } },
      },
      useRequestIdForTraceSampling: true,
    },
  ],
  metrics: [
    {
      providers: [{ name: "prometheus" }],
      overrides: [
        {
          match: { metric: "REQUEST_COUNT", mode: "SERVER" },
          disabled: false,
          tagOverrides: { port: { value: "string(destination.port)" }, request_host: { operation: "REMOVE" } },
        },
        { match: { customMetric: "shop_total" }, disabled: true },
      ],
      reportingInterval: "5s",
    },
  ],
  accessLogging: [
    { match: { mode: "SERVER" }, providers: [{ name: "envoy" }], disabled: false, filter: { expression: "response.code >= 400" } },
  ],
};

const keepAlive = {
  http: { http2KeepAlive: { interval: "30s", timeout: "5s" }, maxConcurrentStreams: 100 },
  tcp: { idleTimeout: "0s" },
} as const;
const targetRef = { kind: "Gateway", group: "gateway.networking.k8s.io", name: "edge" } as const;

const newerVirtualService: VirtualServiceSpec = {
  hosts: ["pricing"],
  http: [
    {
      match: [{ uri: { prefix: "/old" } }],
      redirect: { prefixRewrite: "/new" },
    },
    {
      route: [{ destination: { host: "pricing" } }],
      mirrors: [{ destination: { host: "next" }, percentage: { value: 5 } }],
      rewrite: { uriRegexRewrite: { match: "/v1/(.*)", rewrite: "/\\1" } },
      retries: { attempts: 1, backoff: "10ms", retryIgnorePreviousHosts: true },
      corsPolicy: { unmatchedPreflights: "IGNORE" },
    },
  ],
};

const newerDestinationRule: DestinationRuleSpec = {
  host: "pricing",
  trafficPolicy: {
    connectionPool: keepAlive,
    loadBalancer: {
      zoneAwareLbSetting: { enabled: true, failover: [{ from: "north", to: "south" }], failoverPriority: ["rack"], minClusterSize: 3 },
      warmup: { duration: "30s", minimumPercent: 10, aggression: 1.5 },
      consistentHash: { httpCookie: { name: "shop", ttl: "1h", attributes: [{ name: "SameSite", value: "Lax" }] } },
    },
    outlierDetection: { outlierDetectionHttpErrorCodes: [500, 503] },
    tls: { mode: "MUTUAL", clientCertificate: "/c", privateKey: "/k", caCrl: "/r" },
    proxyProtocol: { version: "V2" },
    retryBudget: { percent: 20, minRetryConcurrency: 3, budgetInterval: "10s" },
    portLevelSettings: [{ port: { number: 8080 }, connectionPool: keepAlive }],
  },
  subsets: [{ name: "v1", trafficPolicy: { retryBudget: { percent: 10 } } }],
};

const newerGateway: GatewaySpec = {
  servers: [
    {
      port: { number: 443, protocol: "HTTPS", name: "two" },
      hosts: ["*"],
      tls: { mode: "SIMPLE", credentialNames: ["rsa", "ecdsa"], caCertCredentialName: "ca", insecureSkipVerify: false },
    },
    {
      port: { number: 8443, protocol: "HTTPS", name: "files" },
      hosts: ["*"],
      tls: { mode: "MUTUAL", tlsCertificates: [{ serverCertificate: "/c", privateKey: "/k" }], caCertificates: "/a", caCrl: "/r" },
    },
  ],
};

const newerSidecar: SidecarSpec = {
  inboundConnectionPool: keepAlive,
  ingress: [{ port: { number: 8080, protocol: "HTTP" }, connectionPool: keepAlive }],
};

const newerAuthorizationPolicy: AuthorizationPolicySpec = {
  targetRefs: [targetRef],
  rules: [
    { from: [{ source: { serviceAccounts: ["shop/payment"], trustDomains: ["*.example.no"] } }] },
    { from: [{ source: { notServiceAccounts: ["test"], notTrustDomains: ["test"] } }] },
  ],
};

const newerRequestAuthentication: RequestAuthenticationSpec = {
  targetRefs: [{ kind: "Service", name: "pricing" }],
  jwtRules: [{ issuer: "https://id.example.no", fromCookies: ["token"], timeout: "1s", spaceDelimitedClaims: ["groups"] }],
};

const newerTelemetry: TelemetrySpec = {
  targetRef,
  tracing: [
    { customTags: { host: { formatter: { value: "%REQ(:AUTHORITY)%" } } }, enableIstioTags: false, disableContextPropagation: true },
  ],
};

/** One kind, and how it is checked and made. */
export interface Sample {
  readonly kind: IstioKind;
  /** Uses every field that all releases of the catalogue know. */
  readonly spec: object;
  /** Uses every field that came later. */
  readonly newer?: object;
  readonly problems: (spec: object) => readonly Problem[];
  readonly make: (scope: Construct, spec: object) => ApiObject;
}

interface Made<Spec> {
  readonly newer?: Spec;
  readonly type: new (
    scope: Construct,
    id: string,
    props: { readonly spec: Spec; readonly metadata: { readonly name: string } },
  ) => ApiObject;
}

function sample<Spec extends object>(kind: IstioKind, spec: Spec, { type: Type, newer }: Made<Spec>): Sample {
  return {
    kind,
    spec,
    ...(newer !== undefined && { newer }),
    problems: (other) => kinds[kind].spec("spec", other),
    make: (scope, other) => new Type(scope, kind, { metadata: { name: "sample" }, spec: other as Spec }),
  };
}

export const samples: readonly Sample[] = [
  sample("VirtualService", virtualService, { type: VirtualService, newer: newerVirtualService }),
  sample("DestinationRule", destinationRule, { type: DestinationRule, newer: newerDestinationRule }),
  sample("Gateway", gateway, { type: Gateway, newer: newerGateway }),
  sample("ServiceEntry", serviceEntry, { type: ServiceEntry }),
  sample("Sidecar", sidecar, { type: Sidecar, newer: newerSidecar }),
  sample("PeerAuthentication", peerAuthentication, { type: PeerAuthentication }),
  sample("AuthorizationPolicy", authorizationPolicy, {
    type: AuthorizationPolicy,
    newer: newerAuthorizationPolicy,
  }),
  sample("RequestAuthentication", requestAuthentication, {
    type: RequestAuthentication,
    newer: newerRequestAuthentication,
  }),
  sample("Telemetry", telemetry, { type: Telemetry, newer: newerTelemetry }),
];

/** A chart for a release. */
export function chartFor(istio: string, kubernetes: string): Chart {
  const app: App = Testing.app();
  useReleases(app, { istio, kubernetes });
  return new Chart(app, "shop");
}

/** Problems, one a line, as an error shows them. */
export function lines(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ path, message }) => `${path}: ${message}`);
}
