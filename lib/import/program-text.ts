import { safeText } from "../checks/report/safe-text";
import { type LiteralPlace, literal, quoted } from "./literal";
import { camelCase, DistinctNames, fileName } from "./names";
import type { Patch } from "./patched-data";
import type { ImportedChart, ImportedConstruct, ImportedProgram } from "./program";

/** A file of a program. */
export interface ProgramFile {
  /** Path below the output folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** What a program calls the function of a chart, and where it stands. */
interface ChartModule {
  readonly chart: ImportedChart;
  readonly function: string;
  /** Without its extension, from the folder of the program. */
  readonly path: string;
}

/** A program as TypeScript: `main.ts`, a file for each namespace, and one for what has none. */
export function programFiles(program: ImportedProgram): readonly ProgramFile[] {
  const modules = modulesOf(program.charts);
  return [
    { path: "main.ts", text: mainText(program, modules) },
    ...modules.map((module) => ({ path: `${module.path}.ts`, text: moduleText(module) })),
  ];
}

function modulesOf(charts: readonly ImportedChart[]): readonly ChartModule[] {
  const functions = new DistinctNames();
  const files = new DistinctNames();
  return charts.map((chart) => ({
    chart,
    function: functions.take(chart.namespace === undefined ? "clusterObjects" : `${camelCase(chart.namespace)}Namespace`),
    path: chart.namespace === undefined ? "cluster" : `namespaces/${files.take(fileName(chart.namespace))}`,
  }));
}

function mainText({ releases, externals, ignore }: ImportedProgram, modules: readonly ChartModule[]): string {
  const checks = { ...(externals.length > 0 && { externals }), ...(Object.keys(ignore).length > 0 && { ignore }) };
  const props = { ...releases, ...(Object.keys(checks).length > 0 && { checks }) };
  const paths = [...modules].sort((a, b) => (a.path < b.path ? -1 : 1));
  return text([
    'import { MeshApp } from "meshground";',
    ...paths.map((module) => `import { ${module.function} } from "./${module.path}";`),
    "",
    `const app = ${construction("MeshApp", "", props, { level: 0, beside: "const app = ".length })};`,
    ...modules.map((module) => `${module.function}(app);`),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the program's text
    "console.log(`${app.synth()}`);",
  ]);
}

function moduleText(module: ChartModule): string {
  const { chart } = module;
  const namespace = chart.namespace === undefined ? "" : `, ${literal({ namespace: chart.namespace }, { level: 1, beside: 40 })}`;
  return text([
    ...imports(chart),
    "",
    `/** ${chart.namespace === undefined ? "Objects for which no namespace is written: those of the whole cluster, and those that go where kubectl's context says" : `The namespace ${safeText(chart.namespace).replaceAll("*/", "*\\/")}`}. */`,
    `export function ${module.function}(app: MeshApp): void {`,
    `  const chart = new Chart(app, ${quoted(chart.id)}${namespace});`,
    ...chartLines(chart),
    "}",
  ]);
}

function imports({ constructs }: ImportedChart): readonly string[] {
  const classes = new Set<string>(constructs.map((construct) => construct.class));
  const patches = constructs.some((construct) => construct.patches.length > 0);
  const accepts = constructs.some(({ accepted }) => accepted.length > 0);
  const cdk8s = [...(classes.has("ApiObject") ? ["ApiObject"] : []), "Chart", ...(patches ? ["JsonPatch"] : [])];
  const own = [...classes].filter((name) => name !== "ApiObject");
  const meshground = [...own, "type MeshApp", ...(classes.has("CanaryService") ? ["Release"] : []), ...(accepts ? ["suppress"] : [])];
  return [importLine(cdk8s, "cdk8s"), importLine(meshground.sort(byName), "meshground")];
}

function byName(a: string, b: string): number {
  const [one, other] = [a, b].map((name) => name.replace("type ", "").toLowerCase());
  return (one ?? "") < (other ?? "") ? -1 : 1;
}

function importLine(names: readonly string[], from: string): string {
  const line = `import { ${names.join(", ")} } from "${from}";`;
  return line.length <= 100 ? line : `import {\n${names.map((name) => `  ${name},\n`).join("")}} from "${from}";`;
}

function chartLines({ constructs }: ImportedChart): readonly string[] {
  let file: string | undefined;
  return constructs.flatMap((construct) => {
    const from = construct.objects[0]?.origin.file;
    const heading = from === undefined || from === file ? [] : [`  // From ${safeText(from)}`];
    file = from;
    return ["", ...heading, ...construct.remarks.map((remark) => `  // ${safeText(remark)}`), ...statement(construct)];
  });
}

/** A construct, with what is put right and accepted. It has a variable only where it is named again. */
function statement({ class: className, id, props, patches, accepted, variable, isNamed = false }: ImportedConstruct): readonly string[] {
  const before = isNamed || accepted.length > 0 ? `const ${variable} = ` : "";
  const made = construction(className, `chart, ${quoted(id)}, `, props, { level: 1, beside: 2 + before.length });
  const acceptances = accepted.map(({ code, reason }) => `  ${call("suppress", [variable, quoted(code), quoted(reason)])};`);
  const isChained = before === "" && patches.length > 0;
  const changes = patches.length === 0 ? [] : [`${isChained ? "" : `  ${variable}`}.${call("addJsonPatch", patches.map(patchText))};`];
  return isChained ? [`  ${made}${changes.join("")}`] : [`  ${before}${made};`, ...changes, ...acceptances];
}

/** A call in a statement: on one line where there is room, else one line for each argument. */
function call(name: string, parts: readonly string[]): string {
  const line = `${name}(${parts.join(", ")})`;
  const isShort = line.length <= 80 && !line.includes("\n");
  return isShort ? line : `${name}(\n${parts.map((part) => `    ${part},\n`).join("")}  )`;
}

function construction(className: string, before: string, props: unknown, { level, beside }: LiteralPlace): string {
  const start = `new ${className}(${before}`;
  return `${start}${literal(props, { level, beside: beside + start.length + ");".length })})`;
}

function patchText({ operation, path, value }: Patch): string {
  const start = `JsonPatch.${operation}(${quoted(path)}, `;
  return `${start}${literal(value, { level: 2, beside: 4 + start.length + "),".length })})`;
}

function text(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
