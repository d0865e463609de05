import type { Manifest } from "../../support/examples";
import type { Mesh } from "../mesh/mesh";

/** Where the API server keeps the kinds from which istiod makes an Envoy's configuration. */
const resources = {
  Namespace: "namespaces",
  Service: "services",
  Pod: "pods",
  EndpointSlice: "endpointslices",
  PeerAuthentication: "peerauthentications",
  AuthorizationPolicy: "authorizationpolicies",
  DestinationRule: "destinationrules",
  VirtualService: "virtualservices",
  Sidecar: "sidecars",
} as const;

interface Write {
  readonly path: string;
  readonly object: unknown;
}

/** A kind from which istiod makes an Envoy's configuration. */
export type ConfigurationKind = keyof typeof resources;

/** Applies objects of some kinds of a tree, many at a time. */
export async function applyKinds(mesh: Mesh, objects: readonly Manifest[], kinds: readonly ConfigurationKind[]): Promise<void> {
  for (const kind of kinds)
    await applyAll(
      mesh,
      objects.filter((object) => object.kind === kind).map((object) => ({ path: pathOf(object), object })),
    );
}

/** Makes up a pod for each Deployment of a tree, with a sidecar and an address, and tells of it as endpoint of its Service. */
export async function applyPods(mesh: Mesh, objects: readonly Manifest[]): Promise<void> {
  const pods = objects.filter(({ kind }) => kind === "Deployment").map(madeUpPod);
  await applyKinds(
    mesh,
    pods.map(({ pod }) => pod),
    ["Pod"],
  );
  await applyAll(
    mesh,
    pods.map(({ pod, address }) => ({ path: `${pathOf(pod)}/status`, object: runningAt(pod, address) })),
  );
  const services = objects.filter(({ kind }) => kind === "Service");
  const slices = services.map(({ metadata }) =>
    endpointSlice(
      metadata,
      pods.filter(({ service }) => service === metadata.name),
    ),
  );
  await applyKinds(mesh, slices, ["EndpointSlice"]);
}

interface MadeUpPod {
  readonly pod: Manifest;
  readonly address: string;
  readonly service: string;
}

/** A pod as istiod sees one that has a sidecar. It is kept from the injector, which would take as long as all the rest. */
function madeUpPod({ metadata, spec }: Manifest, index: number): MadeUpPod {
  const template = spec?.template as { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: object };
  const sidecar = { "sidecar.istio.io/inject": "false", "security.istio.io/tlsMode": "istio" };
  return {
    pod: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `${metadata.name}-made-up`, ...inNamespace(metadata), labels: { ...template.metadata.labels, ...sidecar } },
      spec: { ...template.spec, nodeName: "node-1" },
    },
    address: `10.60.${index >> 8}.${index & 255}`,
    service: template.metadata.labels["meshground.io/service"] ?? "",
  };
}

function runningAt({ apiVersion, kind, metadata: { name, namespace } }: Manifest, address: string): unknown {
  const conditions = [{ type: "Ready", status: "True" }];
  const status = { phase: "Running", podIP: address, podIPs: [{ ip: address }], hostIP: "10.60.255.255", conditions };
  return { apiVersion, kind, metadata: { name, namespace }, status };
}

function endpointSlice(metadata: Manifest["metadata"], pods: readonly MadeUpPod[]): Manifest {
  const labels = { "kubernetes.io/service-name": metadata.name };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${metadata.name}-made-up`, ...inNamespace(metadata), labels },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: pods.map(({ pod, address }) => ({
      addresses: [address],
      conditions: { ready: true },
      nodeName: "node-1",
      targetRef: { kind: "Pod", ...inNamespace(metadata), name: pod.metadata.name },
    })),
  };
}

function inNamespace({ namespace = "default" }: Manifest["metadata"]): { namespace: string } {
  return { namespace };
}

function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): string {
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${group}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${resources[kind as ConfigurationKind]}/${name}`;
}

async function applyAll({ api }: Mesh, writes: readonly Write[]): Promise<void> {
  const left = [...writes].reverse();
  const writer = async (): Promise<void> => {
    for (let write = left.pop(); write !== undefined; write = left.pop()) await api.apply(write.path, write.object);
  };
  await Promise.all(Array.from({ length: 16 }, writer));
}
