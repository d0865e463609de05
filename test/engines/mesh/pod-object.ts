import type { Manifest } from "../../support/examples";

/** What is read of a container. */
export interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly ports?: readonly { readonly containerPort: number; readonly name?: string }[];
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly resources?: { readonly limits?: Readonly<Record<string, string>>; readonly requests?: Readonly<Record<string, string>> };
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

/** The containers that run as long as the pod. */
export function containersOf({ spec }: PodObject): readonly Container[] {
  return spec.containers;
}

/** Ports of the application's containers. */
export function applicationPorts({ spec }: PodObject): readonly number[] {
  return spec.containers
    .filter(({ name }) => name !== "istio-proxy")
    .flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
}

/** How long a container waits before it is told to stop. Unit: seconds. */
export function secondsBeforeStop({ lifecycle }: Container): number {
  return lifecycle?.preStop?.sleep?.seconds ?? 0;
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
    const limit = valueFrom?.resourceFieldRef?.resource.replace("limits.", "");
    const given =
      value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ""] ?? (limit === "cpu" ? "2" : resources?.limits?.[limit ?? ""] && "1073741824");
    if (given !== undefined) known[name] = withVariables(given, known);
  }
  return known;
}

/** A text with each `$(NAME)` replaced by its value. */
export function withVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => values[name] ?? whole);
}
