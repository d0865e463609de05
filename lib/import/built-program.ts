import { ApiObject, Chart, JsonPatch } from "cdk8s";
import type { Construct } from "constructs";
import type { Data } from "../checks/fields";
import { isRecord } from "../core/check";
import type { Finding } from "../core/finding";
import { AuthorizationPolicy } from "../istio/authorization-policy";
import { DestinationRule } from "../istio/destination-rule";
import { Gateway } from "../istio/gateway";
import { PeerAuthentication } from "../istio/peer-authentication";
import { RequestAuthentication } from "../istio/request-authentication";
import { ServiceEntry } from "../istio/service-entry";
import { Sidecar } from "../istio/sidecar";
import { Telemetry } from "../istio/telemetry";
import { VirtualService } from "../istio/virtual-service";
import { CanaryService } from "../mesh/canary-service";
import { Release } from "../mesh/release-strategy";
import { checkApp } from "../synth/check-tree";
import { MeshApp } from "../synth/mesh-app";
import { renderedObjects } from "../synth/rendered-objects";
import { Expression } from "./literal";
import type { ImportedChart, ImportedClass, ImportedConstruct, ImportedProgram } from "./program";

/** What comes out when a program runs. */
export interface BuiltProgram {
  /** The objects that a construct renders, as plain data. */
  readonly rendered: (construct: ImportedConstruct) => readonly unknown[];
  /** What the checks find. */
  readonly findings: () => readonly ConstructFinding[];
}

/** A finding, and the construct that it is at. */
interface ConstructFinding {
  readonly finding: Finding;
  readonly construct: ImportedConstruct | undefined;
}

/**
 * Runs a program without its text: the same constructs with the same props.
 *
 * @throws InvalidInput when a construct refuses its props.
 */
export function buildProgram({ releases, externals, charts }: ImportedProgram): BuiltProgram {
  const app = new MeshApp({ ...releases, outdir: "." });
  const made = new Map<Construct, ImportedConstruct>();
  for (const chart of charts) for (const [construct, plan] of chartConstructs(app, chart)) made.set(construct, plan);
  const byPath = new Map([...made].map(([construct, plan]) => [construct.node.path, plan]));
  const objects = new Map<ImportedConstruct | undefined, unknown[]>();
  for (const { construct, data } of renderedObjects(app)) {
    const plan = construct.node.scopes.map((scope) => made.get(scope as Construct)).find((found) => found !== undefined);
    objects.set(plan, [...(objects.get(plan) ?? []), jsonOf(data)]);
  }
  return {
    rendered: (construct) => objects.get(construct) ?? [],
    findings: () => checkApp(app, { externals }).map((finding) => ({ finding, construct: planAt(byPath, finding.path) })),
  };
}

type Plans = ReadonlyMap<string, ImportedConstruct>;

/** The construct at a path, or the nearest above it. */
function planAt(plans: Plans, path: string): ImportedConstruct | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const found = plans.get(path.slice(0, end));
    if (found !== undefined) return found;
  }
  return undefined;
}

function chartConstructs(app: MeshApp, { id, namespace, constructs }: ImportedChart): ReadonlyMap<Construct, ImportedConstruct> {
  const chart = new Chart(app, id, namespace === undefined ? {} : { namespace });
  const variables = new Map<string, Construct>();
  const made = new Map<Construct, ImportedConstruct>();
  for (const plan of constructs) {
    const construct = new classes[plan.class](chart, plan.id, evaluated(plan.props, variables) as never);
    variables.set(plan.variable, construct);
    made.set(construct, plan);
    for (const { operation, path, value } of plan.patches) (construct as ApiObject).addJsonPatch(JsonPatch[operation](path, value));
  }
  return made;
}

const classes: Readonly<Record<ImportedClass, new (scope: Construct, id: string, props: never) => Construct>> = {
  ApiObject,
  AuthorizationPolicy,
  CanaryService,
  DestinationRule,
  Gateway,
  PeerAuthentication,
  RequestAuthentication,
  ServiceEntry,
  Sidecar,
  Telemetry,
  VirtualService,
};

/** Props with what their expressions stand for. */
function evaluated(value: unknown, variables: ReadonlyMap<string, Construct>): unknown {
  if (value instanceof Expression) {
    if (value.argument === undefined) return variables.get(value.words);
    return Release.pinned(evaluated(value.argument, variables) as Parameters<typeof Release.pinned>[0]);
  }
  if (Array.isArray(value)) return value.map((item) => evaluated(item, variables));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, evaluated(field, variables)]));
}

/** Data as it stands in a manifest: undefined is left out of maps, and null in lists. */
function jsonOf(data: unknown): Data {
  return JSON.parse(JSON.stringify(data)) as Data;
}
