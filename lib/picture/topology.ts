import type { ChainHop } from "../checks/chain-budget";
import type { Membership } from "../checks/graph/membership";
import type { MutualTlsMode } from "../checks/graph/mutual-tls";
import type { Severity } from "../core/finding";

/**
 * A mesh and the nodes under it, as plain data: what every renderer of the picture draws.
 *
 * Things are named by their id: `namespace:shop`, `service:shop/pricing`, `gateway:istio-system/edge`, `external:api.bank.example`,
 * `outside:10.1.2.0/24`, `pool:oslo`. Data from outside stands in it as found: a renderer quotes it.
 */
export interface Topology {
  /** Release of Istio that the objects are for. */
  readonly istio: string;
  /** Release of Kubernetes. */
  readonly kubernetes: string;
  /** Countries that nodes must stand in; empty for anywhere. */
  readonly residency: readonly string[];
  readonly namespaces: readonly NamespaceNode[];
  readonly services: readonly ServiceNode[];
  readonly gateways: readonly GatewayNode[];
  readonly externals: readonly ExternalNode[];
  readonly outsiders: readonly OutsideNode[];
  readonly pools: readonly PoolNode[];
  readonly edges: readonly Edge[];
  readonly capacity: readonly Capacity[];
  readonly chains: readonly Chain[];
  readonly findings: readonly PictureFinding[];
  /** What was left out because there is too much of it to be read. Zero for what is whole. */
  readonly leftOut: LeftOut;
}

/** Numbers of what is not in the picture. */
interface LeftOut {
  /** Services; they are counted in their namespaces all the same. */
  readonly services: number;
  readonly edges: number;
  readonly chains: number;
  readonly findings: number;
  /** Pools and nodes. */
  readonly pools: number;
}

/** A namespace, which groups services. */
export interface NamespaceNode {
  readonly id: string;
  readonly name: string;
  /** What its pods take, unless a policy of their own says otherwise. */
  readonly mtls: MutualTlsMode;
  /** The PeerAuthentication that says so. @default - none: Istio's own default */
  readonly policy?: string;
  /** What its labels say of proxies; `unknown` where the Namespace is not among the objects. */
  readonly injection: "sidecar" | "ambient" | "none" | "unknown";
  /** Whether an AuthorizationPolicy refuses whatever no other one lets in. */
  readonly closed: boolean;
  /** Number of its services, those that are left out among them. */
  readonly services: number;
}

/** A Service, and the pods behind it. */
export interface ServiceNode {
  readonly id: string;
  /** Id of its namespace. */
  readonly parent: string;
  readonly name: string;
  /** Ports of the Service, with their protocol where it is said: `8080 http`. */
  readonly ports: readonly string[];
  /** What the pods take; of several workloads, the weakest. */
  readonly mtls: MutualTlsMode;
  /** How the pods belong to the mesh. @default - no pods are among the objects */
  readonly proxy?: Membership;
  readonly versions: readonly Version[];
  /** Ports of the pods that take plaintext although the others do not. */
  readonly plaintext?: readonly PlaintextPort[];
  /** Ids of the pools that its pods may run on. @default - nothing is known of nodes */
  readonly pools?: readonly string[];
}

/** A version of a service. */
export interface Version {
  readonly name: string;
  /** Share of the requests that it gets. Unit: percent. @default - no route says */
  readonly weight?: number;
  /** Pods at rest: what is asked for, or the least that an autoscaler keeps. @default - not known */
  readonly replicas?: number;
}

/** A port that takes plaintext under a policy that refuses it elsewhere. */
export interface PlaintextPort {
  /** Port of the pods. */
  readonly port: number;
  readonly mode: MutualTlsMode;
  /** The PeerAuthentication that says so. */
  readonly policy?: string;
}

/** Where requests come in: a Gateway, an Ingress, or a Service that is open by itself. */
export interface GatewayNode {
  readonly id: string;
  readonly kind: "Gateway" | "Ingress" | "LoadBalancer" | "NodePort";
  readonly name: string;
  /** @default - it stands for every Service of its kind */
  readonly namespace?: string;
  /** Hosts with their port and protocol: `pay.example.no:443 HTTPS`. */
  readonly hosts: readonly string[];
}

/** A host that a ServiceEntry declares. */
export interface ExternalNode {
  readonly id: string;
  readonly name: string;
  /** Namespace of the ServiceEntry. */
  readonly namespace: string;
  readonly ports: readonly string[];
  /** Whether it counts as a part of the mesh. */
  readonly inMesh: boolean;
}

/** Addresses outside the mesh that a policy lets in. */
export interface OutsideNode {
  readonly id: string;
  /** `10.1.2.0/24`. */
  readonly name: string;
}

/**
 * How it is known that one leads to the other.
 *
 * - `declared`: a CallGraph says so.
 * - `exposed`: requests come in there.
 * - `routed`: a VirtualService for the one sends requests to the other.
 * - `allowed`: an AuthorizationPolicy lets it in. Whether it calls is not known.
 * - `seen`: a Sidecar lets it see the other, or a ServiceEntry is exported to it. Whether it calls is not known.
 */
export type EdgeKind = "declared" | "exposed" | "routed" | "allowed" | "seen";

/** Who calls, or may call, whom. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** Ports, where they are said. */
  readonly port?: number;
  /** Whether it comes without mTLS. */
  readonly plaintext?: true;
  /** Why somebody lets it in. @default - nobody says */
  readonly reason?: string;
  /** Longest that the caller waits. Unit: milliseconds. @default - no limit, or not known */
  readonly timeout?: number;
  /** Most tries of a request. @default - not known */
  readonly tries?: number;
  /** Whether a deadline before it ends while the caller still waits. */
  readonly late?: true;
}

/** Nodes that are alike. */
export interface PoolNode {
  readonly id: string;
  readonly name: string;
  /** @default - a Node by itself, or nobody says */
  readonly country?: string;
  /** Unit: nodes. */
  readonly nodes?: number;
  /** Unit: cores of each. */
  readonly cores?: number;
  /** Unit: bytes of each. */
  readonly memory?: number;
  /** Most pods on each. */
  readonly pods: number;
  /** `k3s v1.36.2+k3s1, control plane`. */
  readonly role: string;
  /** `dedicated=mesh:NoSchedule`. */
  readonly taints: readonly string[];
  readonly kernel: readonly KernelEntry[];
}

/** A kernel setting of a node. */
export interface KernelEntry {
  readonly key: string;
  readonly value: string;
  /** Whether the value is a floor. */
  readonly floor?: true;
  /** `node`: it holds for pods too. `network-namespace`: pods keep the kernel's own. `unknown`: the library does not know the key. */
  readonly reach: "node" | "network-namespace" | "unknown";
  /** What pods of the pool are told to ask for themselves. @default - nothing */
  readonly pods?: string;
  /** What it limits or switches. @default - the library does not know the key */
  readonly what?: string;
}

/** What must run on a set of pools, against what they have. */
export interface Capacity {
  /** Ids of the pools. */
  readonly pools: readonly string[];
  readonly cores: Amount;
  /** Unit: bytes. */
  readonly memory: Amount;
  readonly pods: Amount;
}

/** What is asked for, and what there is. */
export interface Amount {
  readonly asked: number;
  /** @default - nobody says */
  readonly has?: number;
}

/** A chain of calls with its deadlines. */
export interface Chain {
  readonly holds: boolean;
  /** Id of the service that the last hop leads back to. */
  readonly circle?: string;
  readonly hops: readonly ChainStep[];
}

/** A hop of a chain. Unit of every time: milliseconds; what has no limit is left out. */
export interface ChainStep extends Pick<ChainHop, "kind" | "port" | "tries" | "requests" | "written"> {
  /** Id, or a name for what is not in the picture. */
  readonly from: string;
  readonly to: string;
  readonly timeout?: number;
  readonly perTry?: number;
  readonly longest?: number;
  readonly remaining?: number;
  readonly holds?: boolean;
}

/** Something that the checks found. */
export interface PictureFinding {
  readonly code: string;
  readonly severity: Severity;
  /** Id of what it is about, or of what that belongs to. @default - nothing in the picture */
  readonly at?: string;
  /** `VirtualService shop/pricing`, or the path of a construct. */
  readonly object: string;
  readonly field?: string;
  /** `shop.yaml:12`. */
  readonly place?: string;
  readonly message: string;
  readonly fix: string;
  /** Why it is accepted. */
  readonly accepted?: string;
}
