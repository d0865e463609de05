import { externalProblems } from "../checks/externals";
import { type MeshObject, objectName } from "../checks/mesh-object";
import { cut } from "../checks/report/safe-text";
import { type Problem, refuse } from "../core/problem";
import type { IstioRelease, Releases } from "../istio/release";
import { type BuiltProgram, buildProgram } from "./built-program";
import { type MissedCanary, withCanaryServices } from "./canary-services";
import { constructOf } from "./imported-construct";
import { camelCase, DistinctNames, kebabCase } from "./names";
import type { Acceptance, ImportedChart, ImportedConstruct, ImportedProgram, ImportReleases } from "./program";
import { type ProgramFile, programFiles } from "./program-text";
import { isSame } from "./same-objects";
import { isSecret, type LeftOut, leftOutReason, objectProblems } from "./selected-objects";
import { withoutServerFields } from "./server-fields";

/** Of a finding that is accepted. Unit: UTF-16 code units. */
const longestReason = 240;

/** A program, and what a reader should know of how it came to be. */
export interface ImportedObjects {
  readonly program: ImportedProgram;
  readonly files: readonly ProgramFile[];
  /** Objects that the program makes. */
  readonly objects: readonly MeshObject[];
  readonly leftOut: readonly LeftOut[];
  /** Objects of which the fields are left out that an API server writes. */
  readonly cleaned: readonly MeshObject[];
  /** VirtualServices that divide traffic between versions, and are no CanaryService. */
  readonly missed: readonly MissedCanary[];
}

/**
 * Makes of objects a program that renders the same objects: same data, in any order.
 *
 * The program is run before it is handed out. Errors that the checks find in it are accepted where they are, so that it synthesizes; each is a
 * line of the program that says what to put right.
 *
 * @throws InvalidInput naming every object that cannot be kept exactly.
 */
export function importObjects(objects: readonly MeshObject[], releases: Releases): ImportedObjects {
  const leftOut = objects.flatMap((object) => {
    const why = leftOutReason(object);
    return why === undefined ? [] : [{ object, why }];
  });
  const gone = new Set(leftOut.map(({ object }) => object));
  const kept = objects.filter((object) => !gone.has(object));
  refuse("import", objectProblems(kept));
  const own = kept.map(asWritten);
  const props = releaseProps(releases);
  const services = chartsOf(own, releases.istio).map((chart) => withCanaryServices(chart, props));
  const plan = { releases: props, externals: externalsOf(leftOut), ignore: {}, charts: services.map(({ chart }) => chart) };
  const built = buildProgram(plan);
  refuse("import", changedObjects(plan, built));
  const program = accepting(plan, built);
  const cleaned = kept.filter((object, index) => own[index] !== object);
  return { program, files: programFiles(program), objects: own, leftOut, cleaned, missed: services.flatMap(({ missed }) => missed) };
}

function asWritten(object: MeshObject): MeshObject {
  const data = withoutServerFields(object.data);
  return data === object.data ? object : { ...object, data };
}

function releaseProps({ istio, kubernetes, unsupported }: Releases): ImportReleases {
  return {
    istio: istio.text,
    kubernetes: kubernetes.text,
    ...(unsupported !== undefined && { allowUnsupported: { reason: unsupported } }),
  };
}

/** Secrets stay in the cluster: the checks may count on them. */
function externalsOf(leftOut: readonly LeftOut[]): readonly string[] {
  return leftOut
    .filter(({ object }) => isSecret(object))
    .map(({ object }) => objectName(object))
    .filter((name) => externalProblems("", name).length === 0);
}

/** What has no namespace first: namespaces and definitions are among it. */
function chartsOf(objects: readonly MeshObject[], release: IstioRelease): readonly ImportedChart[] {
  const ids = new DistinctNames();
  const groups = Map.groupBy(objects, ({ writtenNamespace }) => writtenNamespace || undefined);
  const namespaces = [...groups].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  return namespaces.map(([namespace, own]) => ({
    id: ids.take(idOf(namespace ?? "cluster")),
    namespace,
    constructs: constructsOf(own, release),
  }));
}

/** A text as an id: constructs puts two dashes for each slash. */
function idOf(text: string): string {
  return text.replaceAll("/", "--");
}

/** One word alone could be one of TypeScript's own. */
function variableOf(text: string): string {
  const name = camelCase(text);
  return /[A-Z\d]/.test(name) ? name : `${name}Object`;
}

function constructsOf(objects: readonly MeshObject[], release: IstioRelease): readonly ImportedConstruct[] {
  const ids = new DistinctNames();
  const variables = new DistinctNames(["app", "chart", "suppress"]);
  return objects.map((object) => {
    const name = `${object.name}-${kebabCase(object.kind)}`;
    return constructOf(object, { id: ids.take(idOf(name)), variable: variables.take(variableOf(name)) }, release);
  });
}

/** Objects that the program would not give as they were: a fault of the import, seen before anybody meets it. */
function changedObjects({ charts }: ImportedProgram, { rendered }: BuiltProgram): readonly Problem[] {
  const constructs = charts.flatMap((chart) => chart.constructs);
  return constructs
    .filter((construct) => !isSame(construct.objects, rendered(construct)))
    .flatMap(({ objects }) => objects)
    .map((object) => ({ path: objectName(object), message: "a program cannot give it as it is. Leave it out, and keep its file." }));
}

/** The program with what the checks would stop it for accepted, each at its construct. */
function accepting(program: ImportedProgram, { findings }: BuiltProgram): ImportedProgram {
  const open = findings().filter(({ finding: { severity, suppressed } }) => severity === "error" && suppressed === undefined);
  const at = Map.groupBy(open, ({ construct }) => construct);
  const acceptances = (construct: ImportedConstruct | undefined): readonly Acceptance[] => {
    const byCode = Map.groupBy(at.get(construct) ?? [], ({ finding }) => finding.code);
    return [...byCode].map(([code, [first]]) => ({ code, reason: cut(`found at import: ${first?.finding.message}`, longestReason) }));
  };
  return {
    ...program,
    ignore: Object.fromEntries(acceptances(undefined).map(({ code, reason }) => [code, reason])),
    charts: program.charts.map((chart) => ({
      ...chart,
      constructs: chart.constructs.map((construct) => ({ ...construct, accepted: acceptances(construct) })),
    })),
  };
}
