import { type Check, optional } from "../core/check";
import type { Kind } from "./kind";
import { dict, part } from "./part";
import { type WorkloadSelector, workloadSelector } from "./selector";
import type { Since } from "./since";
import { count31, text, textOf } from "./text";

/**
 * How the proxies of some pods run, from their start.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export interface ProxyConfigSpec {
  /** Pods it is for. @default - every pod of the namespace; in the root namespace, of the mesh */
  readonly selector?: WorkloadSelector;
  /** Threads of a proxy; 0 for one a core. @default - as the mesh is configured */
  readonly concurrency?: number;
  /** Further environment of the proxy. Values of at most 2048 characters. */
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** Which image of the proxy is injected: `default`, `debug` or `distroless`. */
  readonly image?: { readonly imageType?: string };
}

/** Nothing came since Istio 1.17. */
const since: Since = {};

const proxyConfig: Check = part<ProxyConfigSpec>({
  selector: optional(workloadSelector),
  concurrency: optional(count31),
  environmentVariables: optional(dict(text, textOf(0, 2048))),
  image: optional(part<{ readonly imageType?: string }>({ imageType: optional(text) })),
});

/** What is to know of a ProxyConfig to check it. */
export const proxyConfigKind: Kind<"ProxyConfig"> = { kind: "ProxyConfig", spec: proxyConfig, since };
