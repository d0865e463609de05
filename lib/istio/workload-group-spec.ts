import { type Check, matching, oneOf, optional, port } from "../core/check";
import { labelKey } from "../core/name";
import type { Kind } from "./kind";
import { dict, each, exactlyOneOf, noneOf, part, type Rule } from "./part";
import { count31, labelsUpTo, orEmpty, someText, text } from "./text";
import { isText, tolerated } from "./tolerated";
import { type WorkloadEndpoint, workloadTemplate } from "./workload-endpoint";

/**
 * Machines that run the same, and how each of them joins the mesh.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
export interface WorkloadGroupSpec {
  /** For the WorkloadEntries that are made of the group. */
  readonly metadata?: WorkloadGroupMetadata;
  /** What the WorkloadEntries look like. Their address is filled in when a machine joins. */
  readonly template: WorkloadEndpoint;
  /** How the agent on a machine finds out whether it is ready. @default - it is */
  readonly probe?: WorkloadProbe;
}

/** Metadata of the WorkloadEntries that are made of a group. */
interface WorkloadGroupMetadata {
  /** At most 256. */
  readonly labels?: Readonly<Record<string, string>>;
  /** At most 256. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How the agent on a machine finds out whether it is ready: exactly one of the last four. */
export interface WorkloadProbe {
  /** Time before the first probe. Unit: seconds. */
  readonly initialDelaySeconds?: number;
  /** Unit: seconds. @default 1 */
  readonly timeoutSeconds?: number;
  /** Time between probes. Unit: seconds. @default 10 */
  readonly periodSeconds?: number;
  /** Good answers in a row after which a machine is ready again. @default 1 */
  readonly successThreshold?: number;
  /** Bad answers in a row after which a machine is not ready. @default 3 */
  readonly failureThreshold?: number;
  /** Asks over HTTP. */
  readonly httpGet?: WorkloadHttpProbe;
  /** Connects. */
  readonly tcpSocket?: { readonly host?: string; readonly port: number };
  /** Runs a command. */
  readonly exec?: { readonly command: readonly string[] };
  /** Asks gRPC's own health service. In the schema from Istio 1.25, and refused by istiod. */
  readonly grpc?: { readonly port?: number; readonly service?: string };
}

/** A request that tells whether a machine is ready. */
interface WorkloadHttpProbe {
  readonly path?: string;
  /** Range: 1 to 65535. */
  readonly port: number;
  /** @default - the machine's address */
  readonly host?: string;
  /** @default "HTTP" */
  readonly scheme?: "HTTP" | "HTTPS";
  /** Headers of the request. */
  readonly httpHeaders?: readonly { readonly name: string; readonly value?: string }[];
}

const header: Check = part<{ readonly name: string; readonly value?: string }>({
  name: matching(/^[-A-Za-z0-9]+$/, "a header name of letters, digits and dashes"),
  value: optional(text),
});

const httpGet: Check = part<WorkloadHttpProbe>({
  path: optional(text),
  port,
  host: optional(text),
  scheme: optional(orEmpty(oneOf("HTTP", "HTTPS"))),
  httpHeaders: optional(each(header)),
});

/** The schema has it, and istiod's own validation does not know it. */
const unknownToIstiod: Rule<WorkloadProbe> = (probe, path) =>
  noneOf(probe, path, "istiod refuses it: use httpGet, tcpSocket or exec", "grpc");

const probe: Check = part<WorkloadProbe>(
  {
    initialDelaySeconds: optional(count31),
    timeoutSeconds: optional(count31),
    periodSeconds: optional(count31),
    successThreshold: optional(count31),
    failureThreshold: optional(count31),
    httpGet: optional(httpGet),
    tcpSocket: optional(part<{ readonly host?: string; readonly port: number }>({ host: optional(text), port })),
    exec: optional(part<{ readonly command: readonly string[] }>({ command: each(someText, { min: 1 }) })),
    grpc: optional(part<{ readonly port?: number; readonly service?: string }>({ port: optional(port), service: optional(text) })),
  },
  exactlyOneOf("httpGet", "tcpSocket", "exec", "grpc"),
  unknownToIstiod,
);

const workloadGroup: Check = part<WorkloadGroupSpec>({
  metadata: optional(
    part<WorkloadGroupMetadata>({
      labels: optional(labelsUpTo(256)),
      annotations: optional(dict(tolerated(labelKey, isText), text, { max: 256 })),
    }),
  ),
  template: workloadTemplate,
  probe: optional(probe),
});

/** What is to know of a WorkloadGroup to check it. */
export const workloadGroupKind: Kind<"WorkloadGroup"> = { kind: "WorkloadGroup", spec: workloadGroup, since: {} };
