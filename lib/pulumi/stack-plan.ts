import { App } from "cdk8s";
import { anything, type Check, didYouMean, isRecord, mapOf, optional, satisfies, shape, wholeNumber } from "../core/check";
import { type Finding, findings } from "../core/finding";
import { dnsLabel } from "../core/name";
import { nodePoolsOf } from "../core/pool";
import { join, type Problem, problem, refuse } from "../core/problem";
import type { HelmRelease } from "../mesh/helm-values";
import { IstioControlPlane } from "../mesh/istio-control-plane";
import { mtlsExpectationOf } from "../mesh/mtls-expectation";
import { TunedNodePool } from "../nodes/tuned-node-pool";
import type { ExpectedNamespace } from "../prometheus/mtls-expectation";
import { checkTree } from "../synth/check-tree";
import { releaseOverride } from "../synth/environment";
import { MeshApp } from "../synth/mesh-app";
import { type RenderedObject, renderedObjects } from "../synth/rendered-objects";
import { treeReleases } from "../synth/tree-releases";
import { type ClusterObject, clusterObjectProblems, clusterObjects } from "./cluster-object";
import { kubernetesPackage } from "./kubernetes-resource";
import type { MachineDriver, MachinePool } from "./machine-driver";
import type { MeshStackArgs } from "./mesh-stack-args";
import { type MtlsGateArgs, mtlsGate } from "./mtls-gate-args";
import { peerProblems } from "./peer";
import { kubeconfigProblems, needsCluster, needsMachines, type Stage, stageProblems, stagesOf } from "./stage";

/** A pool and where its machines come from. */
export interface PlannedPool {
  readonly pool: TunedNodePool;
  readonly driver: MachineDriver;
  readonly request: MachinePool;
  /** Names of its machines. */
  readonly names: readonly string[];
}

/** What a stack is made of, all of it checked. */
export interface StackPlan {
  readonly stack: string;
  readonly stages: ReadonlySet<Stage>;
  readonly atATime: number;
  readonly pools: readonly PlannedPool[];
  /** Istio's Helm releases, in the order in which each control plane needs them. */
  readonly releases: readonly HelmRelease[];
  readonly objects: readonly ClusterObject[];
  /** Namespaces that a gate stands before, and how it asks. */
  readonly gate: { readonly args: MtlsGateArgs; readonly namespaces: readonly ExpectedNamespace[] } | undefined;
  /** What the report of the tree says. */
  readonly findings: readonly Finding[];
}

/**
 * Looks at everything before a resource is made.
 *
 * @throws InvalidInput with every problem at once.
 * @throws Error with what the tree's own validations say.
 * @throws ChecksFailed when a rule finds an error that nobody accepted.
 */
export function stackPlan(stack: string, args: MeshStackArgs): StackPlan {
  const subject = `MeshStack ${JSON.stringify(stack)}`;
  const problems = [...dnsLabel("name", stack), ...argsForm("", args)];
  if (!(isRecord(args) && args.app instanceof App)) refuse(subject, problems);
  const { app, stages: asked, kubeconfig, atATime = 5 } = args;
  const formed = stageProblems("stages", asked).length === 0;
  const stages = stagesOf(formed ? asked : undefined, kubeconfig !== undefined);
  const pools = nodePoolsOf(app).filter((pool): pool is TunedNodePool => pool instanceof TunedNodePool);
  refuse(subject, [
    ...problems,
    ...overrideProblems(),
    ...(formed ? [...kubeconfigProblems(asked, kubeconfig !== undefined), ...machineProblems(stack, args, { pools, stages })] : []),
    ...(stages.has("kubernetes") ? clusterProblems(pools) : []),
    ...(needsCluster(stages) ? peerProblems("stages", kubernetesPackage, "The stages above the machines need") : []),
  ]);
  const planned = needsMachines(stages)
    ? pools.map((pool) => plannedPool(stack, pool, args.machines?.[pool.poolName] as MachineDriver))
    : [];
  const rendered = renderedObjects(app);
  refuse(subject, [...sharedNames(planned), ...clusterObjectProblems(rendered)]);
  const controlPlanes = app.node.findAll().filter((construct) => construct instanceof IstioControlPlane);
  const roots = [...new Set(controlPlanes.map(({ namespaceName }) => namespaceName))];
  return {
    stack,
    stages,
    atATime,
    pools: planned,
    releases: treeReleases(app),
    gate: args.mtlsGate === undefined ? undefined : { args: args.mtlsGate, namespaces: mtlsExpectationOf(app).namespaces },
    objects: clusterObjects(stack, rendered, roots),
    findings: treeFindings(app, rendered).filter(({ severity }) => severity !== "note"),
  };
}

/** What was set for a look at other releases must not reach a cluster. */
function overrideProblems(): readonly Problem[] {
  if (releaseOverride() === undefined) return [];
  const message = "MESHGROUND_ISTIO or MESHGROUND_KUBERNETES is set: a deployment takes the releases that the program names. Unset both.";
  return [{ path: "app", message }];
}

/** An app that is no MeshApp is not checked: nobody told its releases or what lives outside. */
function treeFindings(app: App, rendered: readonly RenderedObject[]): readonly Finding[] {
  return app instanceof MeshApp ? checkTree(app, rendered, app.releases, app.checks).findings : findings(app);
}

const driver = satisfies(
  "a machine driver, such as ssh([…])",
  (value) =>
    isRecord(value) &&
    typeof value.makesMachines === "boolean" &&
    [value.names, value.problems, value.begin].every((part) => typeof part === "function"),
);

const argsForm: Check = shape<MeshStackArgs>({
  app: satisfies("the tree: a MeshApp", (value) => value instanceof App),
  machines: optional(mapOf(anything, driver)),
  stages: stageProblems,
  kubeconfig: (path, value) => (value === "" ? [{ path, message: "expected the text of a kubeconfig, got an empty one." }] : []),
  atATime: optional(wholeNumber(1, 1_000)),
  mtlsGate: optional(mtlsGate),
});

interface Ground {
  readonly pools: readonly TunedNodePool[];
  readonly stages: ReadonlySet<Stage>;
}

/** What is wrong between the pools and the drivers. */
function machineProblems(stack: string, { machines = {} }: MeshStackArgs, { pools, stages }: Ground): readonly Problem[] {
  if (!isRecord(machines)) return [];
  const names = pools.map(({ poolName }) => poolName);
  const unknown = Object.keys(machines).filter((name) => !names.includes(name));
  const hint = (name: string): string => didYouMean(name, names) ?? `Pools: ${names.length === 0 ? "none" : names.join(", ")}.`;
  return [
    ...unknown.map((name) => ({ path: join("machines", name), message: `no pool of the app has this name. ${hint(name)}` })),
    ...(needsMachines(stages) ? pools.flatMap((pool) => poolProblems(stack, pool, machines, stages)) : []),
  ];
}

/** What is wrong with the cluster that the pools are to be: one, which all of them are part of. */
function clusterProblems(pools: readonly TunedNodePool[]): readonly Problem[] {
  const wayOut = 'or give the kubeconfig of a cluster that exists, or leave the stage "kubernetes" out.';
  const path = (pool: TunedNodePool): string => join(join("app", pool.node.path), "kubernetes");
  if (pools.length === 0)
    return [{ path: "app", message: `holds no pool of which the stage "kubernetes" could make a cluster. Add one, ${wayOut}` }];
  const without = pools.filter(({ kubernetes }) => kubernetes === undefined);
  const clusters = new Set(pools.flatMap(({ kubernetes }) => kubernetes?.cluster ?? []));
  const other = pools.filter(({ kubernetes }) => kubernetes !== undefined && kubernetes.cluster !== [...clusters][0]);
  return [
    ...without.map((pool) =>
      problem(path(pool), undefined, "what the machines are, such as k3s.server() or kubeadm.worker()", `Say it, ${wayOut}`),
    ),
    ...other.map((pool) => ({
      path: path(pool),
      message: "is another cluster than that of the pools before. A stack makes one: give each a stack of its own.",
    })),
  ];
}

/** Names of machines are identities, so no two pools share one. */
function sharedNames(pools: readonly PlannedPool[]): readonly Problem[] {
  const owners = new Map<string, string>();
  return pools.flatMap(({ pool, names }) =>
    names.flatMap((name) => {
      const owner = owners.get(name) ?? pool.poolName;
      owners.set(name, owner);
      return owner === pool.poolName ? [] : [problem(join("machines", pool.poolName), name, `a name that no machine of pool ${owner} has`)];
    }),
  );
}

function poolProblems(
  stack: string,
  pool: TunedNodePool,
  machines: NonNullable<MeshStackArgs["machines"]>,
  stages: ReadonlySet<Stage>,
): readonly Problem[] {
  const path = join("machines", pool.poolName);
  const given: unknown = machines[pool.poolName];
  if (given === undefined) {
    return [problem(path, undefined, `a driver for the ${pool.nodes.count} machine(s) of pool ${JSON.stringify(pool.poolName)}`)];
  }
  if (driver(path, given).length > 0) return [];
  const { driver: own, request } = { driver: given as MachineDriver, request: machinePool(stack, pool) };
  const problems = own.problems(request);
  if (problems.length > 0) return problems.map((found) => ({ ...found, path: within(path, found.path) }));
  return [...nameProblems(path, own.names(request), pool), ...(own.makesMachines ? madeProblems(path, stages) : [])];
}

function nameProblems(path: string, names: readonly string[], { nodes, poolName }: TunedNodePool): readonly Problem[] {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const count =
    names.length === nodes.count ? [] : [problem(path, names.length, `${nodes.count} machines, as many as the pool ${poolName} has`)];
  return [
    ...count,
    ...names.flatMap((name) => dnsLabel(path, name)),
    ...[...new Set(twice)].map((name) => problem(path, name, "a name that no other machine of the pool has")),
  ];
}

/** A machine that another stack made is, to this one, a server that exists. */
function madeProblems(path: string, stages: ReadonlySet<Stage>): readonly Problem[] {
  if (stages.has("machines")) return [];
  const message =
    'the driver makes machines, and the stage "machines" is not among those asked for. Add it, or give the machines that are there with ssh([…]).';
  return [{ path, message }];
}

function plannedPool(stack: string, pool: TunedNodePool, own: MachineDriver): PlannedPool {
  const request = machinePool(stack, pool);
  return { pool, driver: own, request, names: own.names(request) };
}

function machinePool(stack: string, { poolName, nodes }: TunedNodePool): MachinePool {
  return { stack, name: poolName, nodes };
}

function within(outer: string, inner: string): string {
  return inner === "" || inner.startsWith("[") ? `${outer}${inner}` : `${outer}.${inner}`;
}
