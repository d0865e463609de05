import { isDeepStrictEqual } from "node:util";
import { list, number, record, records, text } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";
import { isRecord } from "../core/check";
import { InvalidInput, join } from "../core/problem";
import { buildProgram } from "./built-program";
import { canaryProps, type ServiceObjects } from "./canary-props";
import type { ImportedChart, ImportedConstruct, ImportReleases } from "./program";

/** A service that divides its traffic between versions, and why it is no CanaryService all the same. */
export interface MissedCanary {
  readonly object: MeshObject;
  /** What it lacks for one; a sentence each. */
  readonly missing: readonly string[];
}

/** A chart in which what can be a CanaryService is one. */
export interface CanaryCharts {
  readonly chart: ImportedChart;
  readonly missed: readonly MissedCanary[];
}

/** Differences that are named. */
const most = 3;

/**
 * Puts a CanaryService in place of the objects of a service where it renders the very same, which is tried. All else stays as it is, and
 * what it lacks is told.
 */
export function withCanaryServices(chart: ImportedChart, releases: ImportReleases): CanaryCharts {
  const missed: MissedCanary[] = [];
  let current = chart;
  for (const virtualService of chart.constructs.map(({ objects: [object] }) => object)) {
    if (virtualService === undefined || !dividesTraffic(virtualService)) continue;
    const found = canaryOf(current, virtualService, releases);
    if ("missing" in found) missed.push({ object: virtualService, missing: found.missing });
    else current = replaced(current, found);
  }
  return { chart: current, missed };
}

/** Whether callers inside the mesh reach one host in several versions, by weight. */
function dividesTraffic({ kind, group, spec }: MeshObject): boolean {
  const [host, other] = list(spec.hosts);
  const routes = records(spec.http).map(({ route }) => records(route).map(({ destination }) => record(destination)));
  return (
    kind === "VirtualService" &&
    group === "networking.istio.io" &&
    other === undefined &&
    spec.gateways === undefined &&
    routes.some(
      (destinations) => destinations.length > 1 && destinations.every((each) => each.host === host && text(each.subset) !== undefined),
    )
  );
}

interface FoundCanary {
  readonly canary: ImportedConstruct;
  /** Constructs of its Deployments. */
  readonly workloads: readonly ImportedConstruct[];
}

type Outcome = FoundCanary | { readonly missing: readonly string[] };

function canaryOf(chart: ImportedChart, virtualService: MeshObject, releases: ImportReleases): Outcome {
  const host = text(list(virtualService.spec.hosts)[0]) ?? "";
  const one = (kind: string, is: (object: MeshObject) => boolean): ImportedConstruct | undefined =>
    chart.constructs.find(({ objects: [object] }) => object?.kind === kind && is(object));
  const service = one("Service", ({ name }) => name === host)?.objects[0];
  const destinationRule = one("DestinationRule", ({ spec }) => spec.host === host)?.objects[0];
  if (service === undefined || destinationRule === undefined) {
    const [noService, noRule] = [`no Service ${host} was read.`, `no DestinationRule for ${host} was read.`];
    return { missing: [...(service === undefined ? [noService] : []), ...(destinationRule === undefined ? [noRule] : [])] };
  }
  const versions = records(destinationRule.spec.subsets).flatMap(({ name }) => text(name) ?? []);
  const deployments = versions.map((version) => ({ version, construct: deploymentOf(chart, service, version) }));
  const without = deployments.filter(({ construct }) => construct === undefined);
  if (without.length > 0)
    return { missing: without.map(({ version }) => `no Deployment whose pods have the label version: ${version} was read.`) };
  const workloads = deployments.flatMap(({ version, construct }) => (construct === undefined ? [] : [{ version, construct }]));
  const variables = new Map(workloads.map(({ version, construct }) => [version, construct.variable]));
  const stablePods = number(workloads[0]?.construct.objects[0]?.spec.replicas);
  const constructs = workloads.map(({ construct }) => construct);
  return tried(
    { virtualService, destinationRule, service, deployments: variables, stablePods },
    { chart, workloads: constructs, releases },
  );
}

/** The Deployment whose pods a Service selects, of one version. */
function deploymentOf({ constructs }: ImportedChart, service: MeshObject, version: string): ImportedConstruct | undefined {
  const wanted = Object.entries({ ...record(service.spec.selector), version });
  return constructs.find(({ objects: [object] }) => {
    const labels = record(record(record(object?.spec.template).metadata).labels);
    return object?.kind === "Deployment" && wanted.every(([name, value]) => labels[name] === value);
  });
}

interface Trial {
  readonly chart: ImportedChart;
  readonly workloads: readonly ImportedConstruct[];
  readonly releases: ImportReleases;
}

function tried(objects: ServiceObjects, { chart, workloads, releases }: Trial): Outcome {
  const { virtualService, destinationRule, service } = objects;
  const canary: ImportedConstruct = {
    class: "CanaryService",
    id: `${service.name}-canary-service`,
    variable: `${workloads[0]?.variable ?? ""}CanaryService`,
    props: canaryProps(objects),
    patches: [],
    remarks: [],
    accepted: [],
    objects: [service, destinationRule, virtualService],
  };
  const constructs = [...workloads, canary];
  try {
    const { rendered } = buildProgram({ releases, externals: [], ignore: {}, charts: [{ ...chart, constructs }] });
    const missing = constructs.flatMap((construct) => construct.objects.flatMap((object) => differences(object, rendered(construct))));
    return missing.length === 0 ? { canary, workloads } : { missing: missing.slice(0, most) };
  } catch (error) {
    if (error instanceof InvalidInput) return { missing: error.problems.slice(0, most).map(({ path, message }) => `${path}: ${message}`) };
    throw error;
  }
}

/** `DestinationRule spec.trafficPolicy: a CanaryService would write nothing there.` */
function differences({ kind, data }: MeshObject, rendered: readonly unknown[]): readonly string[] {
  const other = rendered.find((each) => record(each).kind === kind);
  return differing("", structuredClone(data), other).map((path) => `${kind} ${path} is not what a CanaryService writes.`);
}

function differing(path: string, one: unknown, other: unknown): readonly string[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (!isRecord(one) || !isRecord(other)) return [path];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.flatMap((name) => differing(join(path, name), one[name], other[name]));
}

/** The chart with a CanaryService in place of the objects that it stands for, after the Deployments that it names. */
function replaced(chart: ImportedChart, { canary, workloads }: FoundCanary): ImportedChart {
  const gone = new Set(canary.objects);
  const kept = chart.constructs.filter(({ objects: [object] }) => object === undefined || !gone.has(object));
  const named = kept.map((construct) => (workloads.includes(construct) ? { ...construct, isNamed: true } : construct));
  const after = Math.max(...workloads.map((construct) => kept.indexOf(construct))) + 1;
  return { ...chart, constructs: [...named.slice(0, after), canary, ...named.slice(after)] };
}
