import type { Manifest } from "../../support/examples";

/** What is read of a container. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly ports?: readonly { readonly containerPort: number; readonly name?: string }[];
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
  readonly readinessProbe?: {
    readonly httpGet?: { readonly path: string; readonly port: number };
    readonly tcpSocket?: { readonly port: number };
  };
  /** `Always` on an init container makes it a sidecar that Kubernetes knows: it starts before the others, and ends after them. */
  readonly restartPolicy?: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>>; readonly requests?: Readonly<Record<string, string>> };
}

/** What a kubelet does when a container has started, or before it is told to stop. */
interface Handler {
  readonly sleep?: { readonly seconds: number };
  readonly exec?: { readonly command: readonly string[] };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly resourceFieldRef?: { readonly resource: string; readonly divisor?: string };
  };
}

/** A Pod, as the API server has it. */
export interface PodObject extends Manifest {
  readonly metadata: Manifest["metadata"] & {
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly serviceAccountName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly [field: string]: unknown;
  };
}

/** The container with Envoy: a native sidecar stands among the init containers. */
export function proxyOf({ spec }: PodObject): Container | undefined {
  return [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === "istio-proxy");
}

/** Sidecars that Kubernetes knows as such. */
export function nativeSidecarsOf({ spec }: PodObject): readonly Container[] {
  return (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
}

/** The container that our application stands for; undefined in a gateway. */
export function applicationOf({ spec }: PodObject): Container | undefined {
  return spec.containers.find(({ name }) => name !== "istio-proxy");
}

/** Ports of the application's containers. */
export function applicationPorts({ spec }: PodObject): readonly number[] {
  return spec.containers
    .filter(({ name }) => name !== "istio-proxy")
    .flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
}

/** A container's environment, as a kubelet makes it. */
export function environmentOf(
  { env = [], resources }: Container,
  { metadata, spec }: PodObject,
  at: { readonly ip: string; readonly host: string },
): Record<string, string> {
  const fields: Record<string, string | undefined> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "spec.nodeName": String(spec.nodeName),
    "spec.serviceAccountName": spec.serviceAccountName ?? "default",
    "status.hostIP": at.host,
    "status.podIP": at.ip,
  };
  const known: Record<string, string> = {};
  for (const { name, value, valueFrom } of env) {
    const limit = resources?.limits === undefined ? undefined : assumedLimits[valueFrom?.resourceFieldRef?.resource ?? ""];
    const given = value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ""] ?? limit;
    if (given !== undefined) known[name] = withVariables(given, known);
  }
  return known;
}

/** What a kubelet would work out of a container's limits: the runtimes of Go and Envoy ask for them, and nothing here holds a pod to them. */
const assumedLimits: Readonly<Record<string, string>> = { "limits.cpu": "2", "limits.memory": `${2 ** 30}` };

/** A text with each `$(NAME)` replaced by its value. */
export function withVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => values[name] ?? whole);
}
