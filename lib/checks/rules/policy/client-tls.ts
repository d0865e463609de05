import { at, type Data, record, records } from "../../fields";
import { meshConfig } from "../../graph/mesh-config";
import { type LabelSelector, labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** What callers that follow a DestinationRule send: no TLS at all, TLS without the mesh's certificate, or the mesh's mTLS. */
export type Sending = "plaintext" | "tls" | "mutual";

/** What a DestinationRule makes callers send, and where it says so. */
export interface ClientTls {
  readonly field: string;
  readonly sending: Sending;
  /** `DISABLE`; undefined where nothing is written and automatic mTLS is switched off. */
  readonly written: string | undefined;
  /** The one port of the host that it is for. @default - all others */
  readonly port?: number;
  /** Ports of the host that something else is said for. */
  readonly except: ReadonlySet<number>;
  /** Labels of the subset that it is for. @default - the whole host */
  readonly subset?: LabelSelector;
}

/** What a DestinationRule makes callers send, each place of it that decides. What cannot be read, or keeps certificates of its own (`MUTUAL`), is left out. */
export function clientTls(graph: ObjectGraph, rule: MeshObject): readonly ClientTls[] {
  const isAutomatic = graph.derive(meshConfig).data.enableAutoMtls !== false;
  const whole = policyTls(record(rule.spec.trafficPolicy), "spec.trafficPolicy", isAutomatic ? undefined : "spec.host");
  const subsets = records(rule.spec.subsets).flatMap(({ labels, trafficPolicy }, index) =>
    policyTls(record(trafficPolicy), `spec.subsets[${index}].trafficPolicy`, undefined).map((tls) => ({
      ...tls,
      subset: labelSelector(labels),
    })),
  );
  return [...whole, ...subsets];
}

/**
 * What one traffic policy says.
 *
 * @param silent Field to blame where it says nothing, and nothing means plaintext; undefined where nothing means what is said elsewhere.
 */
function policyTls(policy: Data, field: string, silent: string | undefined): readonly ClientTls[] {
  const ports = records(policy.portLevelSettings).map((settings, index) => ({ settings, field: `${field}.portLevelSettings[${index}]` }));
  const named = ports.flatMap(({ settings, field: at }) => {
    const port = portOf(settings);
    return port === undefined ? [] : [{ port, field: at, settings }];
  });
  const except = new Set(named.map(({ port }) => port));
  return [
    ...said(policy, field, silent).map((tls) => ({ ...tls, except })),
    ...named.flatMap(({ port, field: at, settings }) =>
      said(settings, at, silent === undefined ? undefined : at).map((tls) => ({ ...tls, port, except: new Set<number>() })),
    ),
  ];
}

function said({ tls }: Data, field: string, silent: string | undefined): readonly Pick<ClientTls, "field" | "sending" | "written">[] {
  if (tls === undefined || tls === null) return silent === undefined ? [] : [{ field: silent, sending: "plaintext", written: undefined }];
  const { mode = "DISABLE" } = record(tls);
  const sending = sendings.get(mode);
  return sending === undefined || typeof tls !== "object" ? [] : [{ field: `${field}.tls.mode`, sending, written: String(mode) }];
}

const sendings: ReadonlyMap<unknown, Sending> = new Map<unknown, Sending>([
  ["DISABLE", "plaintext"],
  ["SIMPLE", "tls"],
  ["ISTIO_MUTUAL", "mutual"],
]);

function portOf(settings: Data): number | undefined {
  const port = at(settings, "port", "number");
  return typeof port === "number" ? port : undefined;
}
