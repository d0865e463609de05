import type { App } from "cdk8s";
import type { Construct } from "constructs";
import { type ChainBudget, chainBudget } from "../checks/chain-budget";
import { externalProblems } from "../checks/externals";
import { meshObject } from "../checks/mesh-object";
import { ObjectGraph } from "../checks/object-graph";
import type { Rule } from "../checks/rule";
import { rulePagePath } from "../checks/rule-page";
import { allRules } from "../checks/rules/all-rules";
import { suppressionOfNothing } from "../checks/rules/general/mg0002-suppression-of-nothing";
import { runRules } from "../checks/run-rules";
import { bool, type Check, listOf, mapOf, matching, optional, satisfies, shape } from "../core/check";
import { acceptances, acceptedReason, type Finding, findings, type Suppressions } from "../core/finding";
import { residencyOf } from "../core/pool";
import { refuse } from "../core/problem";
import { type Releases, releasesOf } from "../istio/release";
import { factObjects } from "./fact-objects";
import { renderedObjects } from "./rendered-objects";
import type { WrittenObject } from "./written-object";

/** What the checks of a tree need to be told. */
export interface ChecksProps {
  /**
   * What manifests of this tree refer to and others make: `"Service shop/legacy"`, `"Gateway istio-system/*"`, `"Host api.example.no"`.
   *
   * @default - nothing: what is referred to must be in the tree
   */
  readonly externals?: readonly string[];
  /** Rules of one's own, beside the library's. @default - none */
  readonly rules?: readonly Rule[];
  /** Whether warnings stop the synth as errors do. @default false */
  readonly strict?: boolean;
  /** Codes that are accepted everywhere, each with the reason. They stay in the report. @default - none */
  readonly ignore?: Suppressions;
  /**
   * Day to judge ends of life by, ISO date. It is never the clock's, because the same program gives the same output every day.
   *
   * @default - nothing is said of releases that have ended
   */
  readonly today?: string;
}

/** Props of the checks that are well-formed. */
export const checksProps: Check = shape<ChecksProps>({
  externals: optional(listOf(externalProblems)),
  rules: optional(listOf(satisfies("a rule: its code, its texts and a check", isRule))),
  strict: optional(bool),
  ignore: optional(
    mapOf(
      matching(/^[A-Z][A-Z0-9_-]{1,39}$/, 'the code of a finding, such as "IST0101"'),
      satisfies("a reason, as text", (value) => typeof value === "string" && value.trim() !== ""),
    ),
  ),
  today: optional(matching(/^\d{4}-\d{2}-\d{2}$/, 'a day such as "2026-11-27"')),
});

/** Errors that the checks found in the manifests of a tree. Nothing was written. */
export class ChecksFailed extends Error {
  override readonly name: string = "ChecksFailed";
  /** What stopped the synth. */
  readonly findings: readonly Finding[];

  constructor(subject: string, stopping: readonly Finding[]) {
    const count = `${stopping.length} ${stopping.length === 1 ? "finding stops" : "findings stop"} the synth`;
    super([`${subject}: ${count}`, ...stopping.flatMap(lines), wayOut].join("\n"));
    this.findings = stopping;
    for (const field of ["name", "findings"]) Object.defineProperty(this, field, { enumerable: false });
  }
}

const wayOut = 'To accept one on a construct: suppress(construct, "CODE", "why").';

/** What the checks of a tree say. */
export interface CheckedTree {
  /** Everything that the constructs and the rules found, accepted findings among them. */
  readonly findings: readonly Finding[];
  /** Deadline and retries along every chain of the declared calls. */
  readonly chains: ChainBudget;
  /** The objects that were checked. */
  readonly graph: ObjectGraph;
}

/**
 * Checks a tree: what its constructs say of themselves, and what the rules find in its objects.
 *
 * @throws ChecksFailed when there is an error that nobody accepted; under `strict` a warning too.
 */
export function checkTree(root: Construct, written: readonly WrittenObject[], releases: Releases, props: ChecksProps = {}): CheckedTree {
  const graph = treeGraph(root, written, releases, props);
  const all = treeFindings(root, graph, props);
  const stops = props.strict === true ? ["error", "warning"] : ["error"];
  const stopping = all.filter(({ severity, suppressed }) => suppressed === undefined && stops.includes(severity));
  if (stopping.length > 0) throw new ChecksFailed("MeshApp", stopping);
  return { findings: all, chains: chainBudget(graph), graph };
}

/**
 * Everything that the constructs and the rules find in an app, as {@link MeshApp} does at synth, without stopping at errors. For apps that are no MeshApp.
 *
 * @throws Error with what the tree's own validations say.
 * @throws InvalidInput when no release is named on the app, or a prop is wrong.
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { checkApp, useReleases, VirtualService } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new VirtualService(new Chart(app, "shop", { namespace: "shop" }), "pricing", {
 *   metadata: { name: "pricing" },
 *   spec: { hosts: ["pricing"], http: [{ route: [{ destination: { host: "pricing" } }] }] },
 * });
 * const errors = checkApp(app).filter(({ severity }) => severity === "error");
 * console.log(errors.map(({ code, path }) => `${code} ${path}`));
 * ```
 */
export function checkApp(app: App, props: ChecksProps = {}): readonly Finding[] {
  refuse("checkApp", checksProps("", props));
  return treeFindings(app, treeGraph(app, renderedObjects(app), releasesOf(app), props), props);
}

function treeFindings(root: Construct, graph: ObjectGraph, props: ChecksProps): readonly Finding[] {
  const found = runRules(graph, [...allRules, ...(props.rules ?? [])], props.ignore);
  return [...ownFindings(root, found), ...found, ...unused(root, found)];
}

function treeGraph(root: Construct, written: readonly WrittenObject[], releases: Releases, props: ChecksProps): ObjectGraph {
  const objects = [...written, ...factObjects(root)].flatMap(({ construct, data }) => {
    const { path } = construct.node;
    return meshObject(data, { path, accepts: (code) => acceptedReason(construct, code) }) ?? [];
  });
  const { externals = [], today } = props;
  return new ObjectGraph(objects, { releases, externals, residency: residencyOf(root), ...(today !== undefined && { today }) });
}

/** What constructs said of themselves, unless a rule says it more precisely of an object at or below the construct. */
function ownFindings(root: Construct, found: readonly Finding[]): readonly Finding[] {
  const said = placesOf(found);
  return findings(root).filter(({ code, path }) => !said.has(`${code} ${path}`));
}

/** What was accepted and is not there: the reason may be forgotten, or the code misspelt. */
function unused(root: Construct, found: readonly Finding[]): readonly Finding[] {
  const there = placesOf([...found, ...findings(root)]);
  return acceptances(root)
    .filter(({ code, path }) => !there.has(`${code} ${path}`))
    .map(({ code, path, reason }) => ({
      code: suppressionOfNothing.code,
      severity: suppressionOfNothing.severity,
      path,
      message: `accepts ${code} (${reason}), and nothing of this code is found here.`,
      fix: suppressionOfNothing.fix,
      link: rulePagePath(suppressionOfNothing.code),
    }));
}

/** `CODE path` for each construct at which a finding is, and for all above it. */
function placesOf(found: readonly Finding[]): ReadonlySet<string> {
  const places = new Set<string>();
  for (const { code, path } of found) {
    places.add(`${code} `);
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) places.add(`${code} ${path.slice(0, end)}`);
  }
  return places;
}

function lines({ code, severity, path, resource, field, message, fix }: Finding): readonly string[] {
  const namespace = resource?.namespace === undefined ? "" : `${resource.namespace}/`;
  const what = resource === undefined ? "" : ` (${resource.kind} ${namespace}${resource.name})`;
  return [`  ${severity} ${code} ${path}${field === undefined ? "" : ` ${field}`}${what}`, `    ${message}`, `    ${fix}`];
}

function isRule(value: unknown): boolean {
  const { code, check, severity } = (value ?? {}) as Partial<Rule>;
  return typeof code === "string" && typeof check === "function" && ["error", "warning", "note"].includes(String(severity));
}
