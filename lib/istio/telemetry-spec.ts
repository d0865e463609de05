import { all, anything, bool, type Check, numberBetween, oneOf, optional, satisfies } from "../core/check";
import type { DurationText } from "../core/duration";
import { problem } from "../core/problem";
import { celProblem } from "./cel-syntax";
import type { Kind } from "./kind";
import { atMostOneOf, dict, each, exactlyOneOf, isDeferred, noneOf, part, type Rule } from "./part";
import { oneTarget, type PolicyTarget, policyTarget, policyTargetSince } from "./selector";
import { type Since, under } from "./since";
import { duration, sentence, someText, text } from "./text";
import { isEmpty, isText, tolerated, toleratedRule } from "./tolerated";

/**
 * What pods report of their requests: metrics, traces and access logs.
 *
 * In the root namespace it is for the mesh, with a target for some pods; the narrower one counts.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/
 */
export interface TelemetrySpec extends PolicyTarget {
  /** At most one item: Istio looks at no further one. */
  readonly tracing?: readonly Tracing[];
  /** What is measured, and under which labels. */
  readonly metrics?: readonly Metrics[];
  /** What is written to the access log. */
  readonly accessLogging?: readonly AccessLogging[];
}

/** A provider of the mesh's configuration. */
export interface TelemetryProvider {
  readonly name: string;
}

/** Which side of a call reports: the caller's proxy (`CLIENT`), that of the pod called (`SERVER`), or both. */
export type WorkloadMode = "CLIENT_AND_SERVER" | "CLIENT" | "SERVER";

/** Traces. */
export interface Tracing {
  /** @default - both sides */
  readonly match?: { readonly mode?: WorkloadMode };
  /** Where traces go. At most one item: Istio looks at no further one. @default - the mesh's default provider */
  readonly providers?: readonly TelemetryProvider[];
  /** Requests that are traced when the caller did not decide. Unit: percent, 0 to 100. @default - as the mesh is configured, 1 */
  readonly randomSamplingPercentage?: number;
  /** Whether spans are not reported; the headers still go on. @default false */
  readonly disableSpanReporting?: boolean;
  /** Whether trace headers are not passed on either. From Istio 1.30. @default false */
  readonly disableContextPropagation?: boolean;
  /** Tags of each span, by name. */
  readonly customTags?: Readonly<Record<string, CustomTag>>;
  /** Whether spans carry Istio's own tags, such as `istio.mesh_id`. From Istio 1.25. @default true */
  readonly enableIstioTags?: boolean;
  /** Whether the request's id decides about sampling. @default true */
  readonly useRequestIdForTraceSampling?: boolean;
}

/** Where a tag's value comes from: exactly one of these. `formatter` takes Envoy's `%VARIABLES%`, from Istio 1.29. */
export type CustomTag =
  | { readonly literal: { readonly value: string } }
  | { readonly environment: { readonly name: string; readonly defaultValue?: string } }
  | { readonly header: { readonly name: string; readonly defaultValue?: string } }
  | { readonly formatter: { readonly value: string } };

/** Metrics. */
export interface Metrics {
  /** Where metrics go. @default - the mesh's default providers */
  readonly providers?: readonly TelemetryProvider[];
  /** Changes to single metrics, in this order. */
  readonly overrides?: readonly MetricsOverride[];
  /** How often counters are reported, where the provider is told. Unit: duration text, at least 1ms. @default "5s" */
  readonly reportingInterval?: DurationText;
}

/** A change to some metrics. */
export interface MetricsOverride {
  /** @default - every metric, on both sides */
  readonly match?: MetricSelector;
  /** Whether the metrics are left out. @default false */
  readonly disabled?: boolean;
  /** Labels by name. */
  readonly tagOverrides?: Readonly<Record<string, TagOverride>>;
}

/** Which metrics are meant: one of Istio's, or one by its name. */
export interface MetricSelector {
  /** One of Istio's own metrics. */
  readonly metric?: IstioMetric;
  /** A metric by its name. */
  readonly customMetric?: string;
  /** @default - both sides */
  readonly mode?: WorkloadMode;
}

/** Istio's own metrics. */
export type IstioMetric =
  | "ALL_METRICS"
  | "REQUEST_COUNT"
  | "REQUEST_DURATION"
  | "REQUEST_SIZE"
  | "RESPONSE_SIZE"
  | "TCP_OPENED_CONNECTIONS"
  | "TCP_CLOSED_CONNECTIONS"
  | "TCP_SENT_BYTES"
  | "TCP_RECEIVED_BYTES"
  | "GRPC_REQUEST_MESSAGES"
  | "GRPC_RESPONSE_MESSAGES";

/** A changed or removed label of a metric. */
export interface TagOverride {
  /** @default "UPSERT" */
  readonly operation?: "UPSERT" | "REMOVE";
  /** An expression over the request's attributes, such as `string(destination.port)`. Required for UPSERT. */
  readonly value?: string;
}

/** Access logs. */
export interface AccessLogging {
  /** @default - both sides */
  readonly match?: { readonly mode?: WorkloadMode };
  /** Where logs go. @default - the mesh's default providers */
  readonly providers?: readonly TelemetryProvider[];
  /** @default false */
  readonly disabled?: boolean;
  /** Which requests are logged: a CEL expression such as `response.code >= 400`. @default - all */
  readonly filter?: { readonly expression: string };
}

const since: Since = {
  ...policyTargetSince,
  ...under(["tracing[]"], { "customTags{}.formatter": "1.29", disableContextPropagation: "1.30", enableIstioTags: "1.25" }),
};

const mode: Check = oneOf("CLIENT_AND_SERVER", "CLIENT", "SERVER");
const match: Check = part<{ readonly mode?: WorkloadMode }>({ mode: optional(mode) });
const provider: Check = part<TelemetryProvider>({ name: someText });
const value: Check = part<{ readonly value: string }>({ value: someText });
const reference: Check = part<{ readonly name: string; readonly defaultValue?: string }>({ name: someText, defaultValue: optional(text) });

const expression: Check = satisfies(
  "an expression of CEL such as response.code >= 400",
  (value) => typeof value === "string" && celProblem(value) === undefined,
  (value) => (typeof value === "string" ? sentence(celProblem(value)) : undefined),
);

interface CustomTagFields {
  readonly literal?: object;
  readonly environment?: object;
  readonly header?: object;
  readonly formatter?: object;
}

const customTag: Check = part<CustomTagFields>(
  { literal: optional(value), environment: optional(reference), header: optional(reference), formatter: optional(value) },
  toleratedRule(exactlyOneOf<CustomTagFields>("literal", "environment", "header", "formatter"), isEmpty),
);

/** Istio takes several, and reads one. */
function oneRead(item: Check): Check {
  return all(
    each(item),
    tolerated(each(anything, { max: 1 }), () => true),
  );
}

const tracing: Check = part<Tracing>({
  match: optional(match),
  providers: optional(oneRead(provider)),
  randomSamplingPercentage: optional(numberBetween(0, 100)),
  disableSpanReporting: optional(bool),
  disableContextPropagation: optional(bool),
  customTags: optional(dict(someText, customTag)),
  enableIstioTags: optional(bool),
  useRequestIdForTraceSampling: optional(bool),
});

/** A label that is set needs its value, one that is removed has none. */
const valueForOperation: Rule<TagOverride> = (tag, path) => {
  if (isDeferred(tag.operation)) return [];
  if (tag.operation === "REMOVE") return noneOf(tag, path, "the operation is REMOVE", "value");
  return tag.value === undefined || tag.value === ""
    ? [problem(`${path}.value`, tag.value, "an expression, because the operation is UPSERT")]
    : [];
};

const override: Check = part<MetricsOverride>({
  match: optional(
    part<MetricSelector>(
      {
        metric: optional(
          oneOf(
            "ALL_METRICS",
            "REQUEST_COUNT",
            "REQUEST_DURATION",
            "REQUEST_SIZE",
            "RESPONSE_SIZE",
            "TCP_OPENED_CONNECTIONS",
            "TCP_CLOSED_CONNECTIONS",
            "TCP_SENT_BYTES",
            "TCP_RECEIVED_BYTES",
            "GRPC_REQUEST_MESSAGES",
            "GRPC_RESPONSE_MESSAGES",
          ),
        ),
        customMetric: optional(someText),
        mode: optional(mode),
      },
      atMostOneOf("metric", "customMetric"),
    ),
  ),
  disabled: optional(bool),
  tagOverrides: optional(
    dict(
      tolerated(someText, isText),
      part<TagOverride>({ operation: optional(oneOf("UPSERT", "REMOVE")), value: optional(text) }, valueForOperation),
    ),
  ),
});

const telemetry: Check = part<TelemetrySpec>(
  {
    ...policyTarget,
    tracing: optional(oneRead(tracing)),
    metrics: optional(
      each(
        part<Metrics>({ providers: optional(each(provider)), overrides: optional(each(override)), reportingInterval: optional(duration) }),
      ),
    ),
    accessLogging: optional(
      each(
        part<AccessLogging>({
          match: optional(match),
          providers: optional(each(provider)),
          disabled: optional(bool),
          filter: optional(part<{ readonly expression: string }>({ expression })),
        }),
      ),
    ),
  },
  oneTarget,
);

/** What is to know of a Telemetry to check it. */
export const telemetryKind: Kind<"Telemetry"> = { kind: "Telemetry", spec: telemetry, since };
