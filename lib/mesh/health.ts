import { type Check, matching, optional, shape } from "../core/check";

/** How the kubelet learns whether the application is alive. Under Istio it asks the sidecar's agent, which asks the application. */
export interface Health {
  /**
   * Path that answers 200 when the application can take requests.
   *
   * @default - none: it is enough that the port accepts connections
   */
  readonly path?: string;
  /**
   * Path that answers 200 unless the application must be started again.
   *
   * @default - none: a wrong liveness probe ends healthy pods under load
   */
  readonly livenessPath?: string;
}

const path = optional(matching(/^\/[\w\-./~%?=&+:@]*$/, "a path such as /healthz", 1024));

/** A health setting whose parts are well-formed. */
export const health: Check = shape<Health>({ path, livenessPath: path });

/** The probes of the application's container. It may take 60 seconds to start. */
export function probes({ path, livenessPath }: Health, port: number): Record<string, unknown> {
  const ready = path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } };
  return {
    startupProbe: { ...ready, periodSeconds: 2, failureThreshold: 30 },
    readinessProbe: { ...ready, periodSeconds: 5, failureThreshold: 2 },
    ...(livenessPath !== undefined && { livenessProbe: { httpGet: { path: livenessPath, port }, periodSeconds: 10, failureThreshold: 3 } }),
  };
}
