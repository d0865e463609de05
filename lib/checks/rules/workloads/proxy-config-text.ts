import { isIP } from "node:net";
import { join, shown } from "../../../core/problem";
import { type Data, record } from "../../fields";
import { readCarefully } from "../../read/careful-reader";

/** What is wrong with a value of the proxy's configuration: a phrase; undefined when nothing is. */
type FieldCheck = (value: unknown, path: string) => string | undefined;

const bool = value("true or false, without quotes", (found) => typeof found === "boolean");
const text = value("text: put it into quotes", (found) => typeof found === "string");
const some = value("text that is not empty", (found) => typeof found === "string" && found !== "");
const integer = value("a whole number", isInteger);
const decimal = value("a number", (found) => typeof found === "number" || (typeof found === "string" && /^-?\d+(?:\.\d+)?$/.test(found)));
const port = value("a port from 1 to 65535", (found) => isInteger(found) && Number(found) >= 1 && Number(found) <= 65_535);
const duration = value('a duration such as "30s"', (found) => isDuration(found));
const drain = value('a duration of whole seconds such as "45s"', (found) => isDuration(found) && wholeSeconds(String(found)));
const address = value("a host and a port, such as zipkin.tracing:9411", isAddress);
const texts = value("a list of texts", (found) => Array.isArray(found) && found.every((item) => typeof item === "string"));
const anything = fields({});
const interception = oneOf("REDIRECT", "TPROXY", "NONE");

/** Fields of Istio's ProxyConfig of which something is known; Istio passes over those that it does not know. */
const proxyConfig: FieldCheck = fields({
  configPath: some,
  binaryPath: some,
  serviceCluster: some,
  customConfigFile: text,
  zipkinAddress: text,
  availabilityZone: text,
  proxyBootstrapTemplatePath: text,
  meshId: text,
  drainDuration: drain,
  terminationDrainDuration: duration,
  discoveryRefreshDelay: duration,
  fileFlushInterval: duration,
  discoveryAddress: address,
  statsdUdpAddress: address,
  envoyMetricsServiceAddress: address,
  proxyAdminPort: port,
  statusPort: port,
  statNameLength: integer,
  concurrency: integer,
  fileFlushMinSizeKb: integer,
  holdApplicationUntilProxyStarts: bool,
  statsCompression: bool,
  interceptionMode: interception,
  controlPlaneAuthPolicy: oneOf("NONE", "MUTUAL_TLS"),
  tracingServiceName: oneOf("APP_LABEL_AND_NAMESPACE", "CANONICAL_NAME_ONLY", "CANONICAL_NAME_AND_NAMESPACE"),
  proxyMetadata: textMap,
  runtimeValues: textMap,
  extraStatTags: texts,
  caCertificatesPem: texts,
  proxyStatsMatcher: fields({ inclusionPrefixes: texts, inclusionSuffixes: texts, inclusionRegexps: texts }),
  tracing: fields({
    zipkin: fields({ address }),
    lightstep: fields({ address, accessToken: some }),
    datadog: fields({ address }),
    sampling: decimal,
    maxPathTagLength: integer,
    enableIstioTags: bool,
    customTags: anything,
  }),
  gatewayTopology: fields({ numTrustedProxies: integer, proxyProtocol: anything }),
  envoyAccessLogService: fields({ address }),
  envoyMetricsService: fields({ address }),
  image: fields({ imageType: text }),
  readinessProbe: anything,
  privateKeyProvider: anything,
  proxyHeaders: anything,
  connectionSettings: anything,
  sds: anything,
});

/** What is wrong with the text of the annotation `proxy.istio.io/config`: a phrase; undefined when nothing is that can be seen. */
export function proxyConfigProblem(yaml: string): string | undefined {
  const { data, faults } = readCarefully(yaml);
  const [fault] = faults;
  if (fault !== undefined) return `it takes the proxy's configuration as YAML, and this is none: ${fault.message.replace(/\.$/, "")}`;
  return data === undefined || data === null ? undefined : proxyConfig(data, "");
}

function value(expected: string, isRight: (found: unknown) => boolean): FieldCheck {
  return (found, path) => (isRight(found) ? undefined : `${path} is ${shown(found)}, and has to be ${expected}`);
}

function oneOf(...names: readonly string[]): FieldCheck {
  return value(names.join(" or "), (found) => isInteger(found) || names.includes(found as string));
}

/** A map whose fields are checked; those that are null, or not known, pass. Names may be written in either of protobuf's ways. */
function fields(known: Readonly<Record<string, FieldCheck>>): FieldCheck {
  const checks = new Map(Object.entries(known));
  return (found, path) => {
    if (!isMap(found)) return noMap(found, path);
    for (const [name, inner] of Object.entries(found)) {
      const check = inner === null ? undefined : checks.get(camelCase(name));
      const problem = check?.(inner, join(path, name));
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function noMap(found: unknown, path: string): string {
  return `${path === "" ? "it" : path} is ${shown(found)}, and has to be a map`;
}

function textMap(found: unknown, path: string): string | undefined {
  if (!isMap(found)) return noMap(found, path);
  const wrong = Object.entries(found).find(([, inner]) => typeof inner !== "string" && inner !== null);
  return wrong === undefined ? undefined : text(wrong[1], join(path, wrong[0]));
}

function isMap(found: unknown): found is Data {
  return record(found) === found;
}

function isInteger(found: unknown): boolean {
  return Number.isSafeInteger(found) || (typeof found === "string" && /^-?\d{1,15}$/.test(found));
}

/** A duration of Go: numbers with units, one after the other. */
function isDuration(found: unknown): boolean {
  return typeof found === "string" && /^[+-]?(?:0|(?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h)){1,6})$/.test(found);
}

/** Whether it is made of seconds, minutes and hours, without a fraction. */
function wholeSeconds(duration: string): boolean {
  return /^\+?(?:\d+[smh])+$/.test(duration) && /[1-9]/.test(duration);
}

function isAddress(found: unknown): boolean {
  const named = typeof found === "string" ? found.replace("$(HOST_IP)", "127.0.0.1") : "";
  const [, bracketed, plain = "", digits = ""] = /^(?:\[([^\]]{1,60})\]|([^:]{1,255})):(\d{1,5})$/.exec(named) ?? [];
  const number = Number(digits);
  return number >= 1 && number <= 65_535 && (isIP(bracketed ?? plain) > 0 || (bracketed === undefined && isDomain(plain)));
}

function isDomain(name: string): boolean {
  const labels = name.replace(/\.$/, "").split(".");
  return labels.every((label) => /^[A-Za-z\d](?:[A-Za-z\d-]{0,61}[A-Za-z\d])?$/.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
}

function camelCase(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
