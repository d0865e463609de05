import { Chart } from "cdk8s";
import type { Construct } from "constructs";
import type { NodePool } from "../core/pool";
import type { MeshIdentity, MeshWorkload } from "./workload";

/** What the rest of a tree needs to know of its control plane. */
export interface ControlPlane {
  /** Namespace of istiod, and the mesh's root namespace. */
  readonly namespaceName: string;
  /** First part of every identity in the mesh. */
  readonly trustDomain: string;
  /** Name of this control plane among several; undefined for the only one. */
  readonly revision: string | undefined;
  /** Whether pods are wired by Istio's CNI plugin, so that they need no init container with privileges. */
  readonly cni: boolean;
  /** What sidecars write to their access logs. */
  readonly accessLog: "off" | "errors" | "all";
  /** Whether sidecars let out calls to hosts that the mesh does not know. */
  readonly outbound: "ALLOW_ANY" | "REGISTRY_ONLY";
  /** Services that sidecars themselves call, whatever their application does: collectors of traces. */
  readonly providers: readonly { readonly host: string; readonly port: number }[];
}

/** Pods by their labels, in a namespace. */
export interface PodGroup {
  /** Undefined when the chart names none. */
  readonly namespaceName: string | undefined;
  /** Labels that pick the pods. @default - every pod of the namespace */
  readonly podSelector?: Readonly<Record<string, string>>;
}

/** A caller outside the mesh that a workload takes plaintext from. */
export interface Outsider {
  /** Port that the workload listens on. */
  readonly port: number;
  /** Address ranges that it calls from; none where they are not those that arrive. */
  readonly from: readonly string[];
}

/** What a service needs to know of the namespace it stands in. */
export interface MeshNamespace {
  /** Name of the namespace. */
  readonly namespaceName: string;
  /** Whether plaintext is still taken. */
  readonly stage: "permissive" | "strict";
  /** Whether only declared callers get through. */
  readonly access: "declared" | "open";
  /** Nodes that its services run on. */
  readonly pool: NodePool | undefined;
  /** Pod Security level that was asked for; undefined for the one that suits the control plane. */
  readonly podSecurity: "privileged" | "baseline" | "restricted" | undefined;
  /** Control plane that injects its sidecars; undefined for the only one of the tree. */
  readonly controlPlane: ControlPlane | undefined;
  /** Whether sidecars know the whole mesh, or only what their service was declared to call. */
  readonly sidecarScope: "mesh" | "calls";
  /** Whether the network lets through what was declared, and nothing else. */
  readonly networkPolicies: "none" | "calls";
  /** Callers outside the mesh that one of its workloads takes plaintext from. */
  outsidersOf(workload: MeshWorkload): readonly Outsider[];
}

/** A call that the tree declares. */
export interface DeclaredCall {
  /** The service that calls. */
  readonly from: MeshIdentity & { readonly serviceName: string };
  /** The workload that is called. */
  readonly to: MeshWorkload;
}

interface MeshTree {
  readonly controlPlanes: ControlPlane[];
  readonly gateways: Set<string>;
  readonly namespaces: Map<string, MeshNamespace>;
  readonly accounts: Map<string, Set<string>>;
  readonly calls: DeclaredCall[];
}

const trees = new WeakMap<object, MeshTree>();
const namespaces = new WeakMap<object, MeshNamespace>();

/** Makes a control plane known to everything in the same tree. */
export function registerControlPlane(scope: Construct, controlPlane: ControlPlane): void {
  treeOf(scope).controlPlanes.push(controlPlane);
}

/** Every control plane of a tree. */
export function controlPlanesOf(scope: Construct): readonly ControlPlane[] {
  return treeOf(scope).controlPlanes;
}

/** The control plane that a construct belongs to: the one that its namespace names, else the only one of the tree. */
export function controlPlaneOf(scope: Construct): ControlPlane | undefined {
  const { controlPlanes } = treeOf(scope);
  return namespaceOf(scope)?.controlPlane ?? (controlPlanes.length === 1 ? controlPlanes[0] : undefined);
}

/** Takes a gateway's name in a namespace; false when another gateway of the tree has it. */
export function claimGateway(scope: Construct, namespace: string, name: string): boolean {
  const { gateways } = treeOf(scope);
  const free = !gateways.has(`${namespace}/${name}`);
  gateways.add(`${namespace}/${name}`);
  return free;
}

/** Makes a namespace known to everything below it, and to the tree by its name. */
export function registerNamespace(construct: Construct, namespace: MeshNamespace): void {
  namespaces.set(construct, namespace);
  treeOf(construct).namespaces.set(namespace.namespaceName, namespace);
}

/** The namespace that a construct stands in; undefined outside any of ours. */
export function namespaceOf(construct: Construct): MeshNamespace | undefined {
  for (let scope: Construct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
    const found = namespaces.get(scope);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The tree's own namespace of a name; undefined when the tree has none. */
export function namespaceNamed(scope: Construct, name: string): MeshNamespace | undefined {
  return treeOf(scope).namespaces.get(name);
}

/** Records which account a service runs as. */
export function registerAccount(scope: Construct, { namespaceName, serviceAccountName, serviceName }: DeclaredCall["from"]): void {
  const { accounts } = treeOf(scope);
  const key = `${namespaceName}/${serviceAccountName}`;
  accounts.set(key, (accounts.get(key) ?? new Set()).add(serviceName));
}

/** Services that run as an account. */
export function servicesOf(scope: Construct, { namespaceName, serviceAccountName }: MeshIdentity): readonly string[] {
  return [...(treeOf(scope).accounts.get(`${namespaceName}/${serviceAccountName}`) ?? [])];
}

/** Namespace that the chart around a construct gives to its objects; undefined when there is no chart, or it names none. */
export function namespaceNameOf(construct: Construct): string | undefined {
  for (let scope: Construct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
    if (Chart.isChart(scope)) return (scope as Chart).namespace;
  }
  return undefined;
}

/** Records a call of the declared call graph. */
export function declareCall(scope: Construct, call: DeclaredCall): void {
  treeOf(scope).calls.push(call);
}

/** The declared call graph of a tree, in the order of declaration. */
export function declaredCalls(scope: Construct): readonly DeclaredCall[] {
  return treeOf(scope).calls;
}

/** The scope of a construct's objects: itself where it stands in a chart, else a chart of its own, the same at each call. */
export function chartFor(construct: Construct, namespace: string | undefined): Construct {
  for (let scope: Construct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
    if (Chart.isChart(scope)) return construct;
  }
  return construct.node.tryFindChild("Default") ?? new Chart(construct, "Default", namespace === undefined ? {} : { namespace });
}

function treeOf(scope: Construct): MeshTree {
  const root = scope.node.root;
  const tree = trees.get(root) ?? { controlPlanes: [], gateways: new Set(), namespaces: new Map(), accounts: new Map(), calls: [] };
  trees.set(root, tree);
  return tree;
}
