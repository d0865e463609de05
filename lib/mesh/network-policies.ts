import { firstOfRange } from "../core/cidr";
import type { OutgoingCalls } from "./outgoing-calls";
import { namespaceOfHost } from "./sidecar-scope";
import type { ControlPlane, Outsider, PodGroup } from "./tree";
import type { MeshWorkload } from "./workload";

/** Spec of a NetworkPolicy. @see https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
export interface NetworkPolicySpec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes: readonly ("Ingress" | "Egress")[];
  readonly ingress?: readonly { readonly from?: readonly NetworkPeer[]; readonly ports?: readonly NetworkPort[] }[];
  readonly egress?: readonly { readonly to?: readonly NetworkPeer[]; readonly ports?: readonly NetworkPort[] }[];
}

/** Pods of namespaces, or addresses. */
interface NetworkPeer {
  readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

/** A port and its protocol. */
interface NetworkPort {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/** Who reaches a service over the network. */
export interface IncomingCalls {
  /** Services and gateways. */
  readonly callers: readonly PodGroup[];
  /** Callers outside the mesh. */
  readonly outsiders: readonly Outsider[];
}

/** Addresses that are not on the internet. @see https://www.rfc-editor.org/rfc/rfc6890 */
const privateRanges = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
const privateRanges6 = ["fc00::/7", "fe80::/10"];

/** Ports of the sidecar that metrics are scraped from: those of the agent, merged with the application's, and Envoy's own. */
const metricsPorts = [15020, 15090];

/** Port of istiod that sidecars get certificates and configuration from. */
const istiodPort = 15012;

/**
 * What holds for every pod of a namespace: nothing goes in or out but what another policy allows, except names, certificates,
 * configuration and metrics.
 */
export function namespacePolicySpec(controlPlane: Pick<ControlPlane, "namespaceName" | "providers"> | undefined): NetworkPolicySpec {
  const istiod = { ...inNamespace(controlPlane?.namespaceName ?? "istio-system"), podSelector: { matchLabels: { app: "istiod" } } };
  return {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ namespaceSelector: {} }], ports: metricsPorts.map(tcp) }],
    egress: [
      // The second peer is the address that a node-local cache of names has.
      {
        to: [inNamespace("kube-system"), { ipBlock: { cidr: "169.254.20.10/32" } }],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
      { to: [istiod], ports: [tcp(istiodPort)] },
      ...(controlPlane?.providers ?? []).map(({ host, port }) => ({ to: providerPeers(host), ports: [tcp(port)] })),
    ],
  };
}

/** Who reaches a service, and what it reaches: what was declared, and nothing else. */
export function servicePolicySpec(service: MeshWorkload, incoming: IncomingCalls, outgoing: OutgoingCalls): NetworkPolicySpec {
  return {
    podSelector: { matchLabels: service.podSelector },
    policyTypes: ["Ingress", "Egress"],
    ingress: ingressRules(service, incoming),
    egress: [...outgoing.workloads.map(calleeRule), ...outgoing.externals.map(externalRule)],
  };
}

function ingressRules(service: MeshWorkload, { callers: groups, outsiders }: IncomingCalls): NonNullable<NetworkPolicySpec["ingress"]> {
  const callers = distinct(groups.map(podsOf));
  const ports = service.ports.map(({ targetPort }) => tcp(targetPort));
  return [
    ...(callers.length === 0 ? [] : [{ from: callers, ports }]),
    ...outsiders.map(({ port, from }) => ({
      ...(from.length > 0 && { from: [...from].sort().map(block) }),
      ports: [tcp(port)],
    })),
  ];
}

function calleeRule(callee: MeshWorkload): NonNullable<NetworkPolicySpec["egress"]>[number] {
  return { to: [podsOf(callee)], ports: callee.ports.map(({ targetPort }) => tcp(targetPort)) };
}

function externalRule({ addresses, ports }: OutgoingCalls["externals"][number]): NonNullable<NetworkPolicySpec["egress"]>[number] {
  const known = [...addresses].sort().map(block);
  return { to: known.length > 0 ? known : publicAddresses, ports: ports.map(({ number }) => tcp(number)) };
}

const publicAddresses: readonly NetworkPeer[] = [
  { ipBlock: { cidr: "0.0.0.0/0", except: privateRanges } },
  { ipBlock: { cidr: "::/0", except: privateRanges6 } },
];

/** One whose chart names no namespace is in the policy's own; one whose labels are not known may be any pod there. */
function podsOf({ namespaceName, podSelector = {} }: PodGroup): NetworkPeer {
  return { ...(namespaceName !== undefined && inNamespace(namespaceName)), podSelector: { matchLabels: podSelector } };
}

function inNamespace(name: string): NetworkPeer {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

/** The pods behind a Service's host are not known here, only their namespace. */
function providerPeers(host: string): readonly NetworkPeer[] {
  const namespace = namespaceOfHost(host);
  return namespace === undefined ? publicAddresses : [inNamespace(namespace)];
}

function block(range: string): NetworkPeer {
  return { ipBlock: { cidr: firstOfRange(range) } };
}

function tcp(port: number): NetworkPort {
  return { protocol: "TCP", port };
}

function distinct<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
