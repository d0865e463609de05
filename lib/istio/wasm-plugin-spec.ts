import { type Check, isRecord, oneOf, optional, port, satisfies, wholeNumber } from "../core/check";
import { schemeOfGo } from "./go-url";
import type { Kind } from "./kind";
import { distinct, each, noneOf, part, type Rule } from "./part";
import { oneTarget, type PolicyTarget, policyTarget, policyTargetSince } from "./selector";
import type { Since } from "./since";
import { orEmpty, text, textOf } from "./text";
import { isText, tolerated } from "./tolerated";

/**
 * A WebAssembly module in the filters of some proxies.
 *
 * @see https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
 */
export interface WasmPluginSpec extends PolicyTarget {
  /** Where the module is, with `oci://`, `https://`, `http://` or `file://`. @default - the scheme is `oci` */
  readonly url: string;
  /** SHA-256 of the module, as 64 digits of lower-case hex. */
  readonly sha256?: string;
  /** When a proxy fetches the module again. @default - `Always` for the tag `latest`, else `IfNotPresent` */
  readonly imagePullPolicy?: "UNSPECIFIED_POLICY" | "IfNotPresent" | "Always";
  /** Secret with credentials for the registry. */
  readonly imagePullSecret?: string;
  /** Not looked at yet. */
  readonly verificationKey?: string;
  /** What the module is configured with: any JSON. */
  readonly pluginConfig?: object;
  /** Name in Envoy's configuration, at most 256 characters. */
  readonly pluginName?: string;
  /** Before which of Istio's own filters it stands. @default - at the end, before the router */
  readonly phase?: "UNSPECIFIED_PHASE" | "AUTHN" | "AUTHZ" | "STATS";
  /** Order among the plugins of a phase, the highest first. @default 0 */
  readonly priority?: number;
  /** What happens to requests when the module fails. From Istio 1.19, `FAIL_RELOAD` from 1.27. @default "FAIL_CLOSE" */
  readonly failStrategy?: "FAIL_CLOSE" | "FAIL_OPEN" | "FAIL_RELOAD";
  /** The machine that the module runs in. */
  readonly vmConfig?: { readonly env?: readonly WasmVariable[] };
  /** Requests that pass it; one must hold. @default - all */
  readonly match?: readonly WasmTraffic[];
  /** Whether it filters requests or connections. From Istio 1.20. @default "HTTP" */
  readonly type?: "UNSPECIFIED_PLUGIN_TYPE" | "HTTP" | "NETWORK";
}

/** A variable in the environment of a module. */
interface WasmVariable {
  /** At most 256 characters, once in the list. */
  readonly name: string;
  /** Whether the value stands here, or is that of the proxy's own environment. @default "INLINE" */
  readonly valueFrom?: "INLINE" | "HOST";
  /** At most 2048 characters. Not for `HOST`. */
  readonly value?: string;
}

/** Which traffic passes a module. */
interface WasmTraffic {
  /** @default - both directions */
  readonly mode?: "UNDEFINED" | "CLIENT" | "SERVER" | "CLIENT_AND_SERVER";
  /** Ports called. @default - all */
  readonly ports?: readonly { readonly number: number }[];
}

const since: Since = {
  ...policyTargetSince,
  failStrategy: "1.19",
  "failStrategy=FAIL_RELOAD": "1.27",
  type: "1.20",
};

const schemes: readonly string[] = ["oci", "https", "http", "file"];
const url: Check = tolerated(
  satisfies(
    "the address of a module, with oci://, https://, http:// or file:// or without a scheme",
    (value) => isTaken(value) && isModuleAddress(value),
  ),
  isTaken,
);

const sha256: Check = satisfies("64 digits of lower-case hex", (value) => typeof value === "string" && /^[a-f0-9]{64}$/.test(value));

const json: Check = satisfies("an object", isRecord);

const inlineValue: Rule<WasmVariable> = (variable, path) =>
  variable.valueFrom === "HOST" ? noneOf(variable, path, "HOST takes the value of the proxy's environment", "value") : [];

const variable: Check = part<WasmVariable>(
  { name: textOf(1, 256), valueFrom: optional(oneOf("INLINE", "HOST")), value: optional(textOf(0, 2048)) },
  inlineValue,
);

const vmConfig: Check = part<{ readonly env?: readonly WasmVariable[] }>({ env: optional(each(variable, { max: 256 })) }, ({ env }, path) =>
  distinct(env, `${path}.env`, ({ name }) => name, "name"),
);

const traffic: Check = part<WasmTraffic>(
  {
    mode: optional(oneOf("UNDEFINED", "CLIENT", "SERVER", "CLIENT_AND_SERVER")),
    ports: optional(each(part<{ readonly number: number }>({ number: port }))),
  },
  ({ ports }, path) => distinct(ports, `${path}.ports`, ({ number }) => number, "number"),
);

const wasmPlugin: Check = part<WasmPluginSpec>(
  {
    ...policyTarget,
    url,
    sha256: optional(orEmpty(sha256)),
    imagePullPolicy: optional(oneOf("UNSPECIFIED_POLICY", "IfNotPresent", "Always")),
    imagePullSecret: optional(textOf(1, 253)),
    verificationKey: optional(text),
    pluginConfig: optional(json),
    pluginName: optional(textOf(1, 256)),
    phase: optional(oneOf("UNSPECIFIED_PHASE", "AUTHN", "AUTHZ", "STATS")),
    priority: optional(wholeNumber(-(2 ** 31), 2 ** 31 - 1)),
    failStrategy: optional(oneOf("FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD")),
    vmConfig: optional(vmConfig),
    match: optional(each(traffic)),
    type: optional(oneOf("UNSPECIFIED_PLUGIN_TYPE", "HTTP", "NETWORK")),
  },
  oneTarget,
);

/** What is to know of a WasmPlugin to check it. */
export const wasmPluginKind: Kind<"WasmPlugin"> = { kind: "WasmPlugin", spec: wasmPlugin, since };

/** As Go reads it: `localhost:5000/x` has the scheme `localhost`. */
/** Istio takes some that no one can call. */
function isTaken(value: unknown): value is string {
  if (!isText(value) || value === "") return false;
  const scheme = schemeOfGo(value);
  return scheme === undefined ? schemeOfGo(`http://${value}`) !== undefined : ["", ...schemes].includes(scheme);
}

function isModuleAddress(value: string): boolean {
  const [, scheme] = /^([a-z][-+.\w]*):/i.exec(value) ?? [];
  if (/^[^/?#]*[{}|^`\\]/.test(value.replace(/^[a-z][-+.\w]*:\/\//i, ""))) return false;
  if (scheme === undefined) return value !== "" && URL.canParse(value.startsWith("/") ? `file://${value}` : `http://${value}`);
  return schemes.includes(scheme.toLowerCase()) && URL.canParse(value);
}
