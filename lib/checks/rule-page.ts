import type { RuleExample, RuleText, RuleVersions } from "./rule";

/** Where the page of a code lies in this package. */
export function rulePagePath(code: string): string {
  return `docs/rules/${code}.md`;
}

/** The page of a rule, as Markdown: everything that the rule says of itself. */
export function rulePage(rule: RuleText): string {
  const { code, title, severity, consequence, fix, versions = {}, see = [], example } = rule;
  return [
    `# ${code}: ${title}`,
    "",
    `Severity: ${severity}. ${versionText(versions)}`,
    "",
    "## What breaks",
    "",
    consequence,
    "",
    "## What to do",
    "",
    fix,
    "",
    ...(example === undefined ? [] : examples(example)),
    "## To accept it",
    "",
    `\`suppress(construct, "${code}", "why")\` in a tree, or on the object of a file:`,
    "",
    fence(`metadata:\n  annotations:\n    suppress.meshground.io/${code}: "why"\n`),
    ...(see.length === 0 ? [] : ["", "## See", "", ...see.map((url) => `- <${url}>`)]),
    "",
  ].join("\n");
}

/** The list of all pages, by code. */
export function ruleIndex(texts: readonly RuleText[]): string {
  const sorted = [...texts].sort((a, b) => (a.code < b.code ? -1 : 1));
  return [
    "# Rules",
    "",
    `What the checks find, by code: ${sorted.length}. \`IST\` are Istio's own codes, \`KIA\` those of Kiali, \`MG\` the library's.`,
    "",
    "| code | what | severity |",
    "|---|---|---|",
    ...sorted.map(({ code, title, severity }) => `| [${code}](${code}.md) | ${title} | ${severity} |`),
    "",
  ].join("\n");
}

function versionText({ istioFrom, istioBefore, kubernetesFrom, kubernetesBefore }: RuleVersions): string {
  const istio = range("Istio", istioFrom, istioBefore);
  const kubernetes = range("Kubernetes", minor(kubernetesFrom), minor(kubernetesBefore));
  const parts = [istio, kubernetes].filter((part) => part !== undefined);
  return parts.length === 0 ? "True of every release." : `True of ${parts.join(" and ")}.`;
}

function range(what: string, from: string | undefined, before: string | undefined): string | undefined {
  if (from === undefined) return before === undefined ? undefined : `${what} before ${before}`;
  return before === undefined ? `${what} from ${from}` : `${what} from ${from}, before ${before}`;
}

function minor(number: number | undefined): string | undefined {
  return number === undefined ? undefined : `1.${number}`;
}

function examples(example: RuleExample): readonly string[] {
  return ["## Found in", "", fence(example.bad), "", "## Put right", "", fence(example.good), "", ...surroundings(example)];
}

function surroundings({ istio, kubernetes, meshConfig, today, residency, externals }: RuleExample): readonly string[] {
  const facts = [
    ...(istio === undefined ? [] : [`Istio ${istio}`]),
    ...(kubernetes === undefined ? [] : [`Kubernetes ${kubernetes}`]),
    ...(today === undefined ? [] : [`the day ${today}`]),
    ...(residency === undefined ? [] : [`residency in ${residency.join(", ")}`]),
    ...(externals === undefined ? [] : [`outside: ${externals.join(", ")}`]),
  ];
  return [
    ...(facts.length === 0 ? [] : [`Both are read for ${facts.join("; ")}.`, ""]),
    ...(meshConfig === undefined ? [] : ["With this MeshConfig:", "", fence(meshConfig), ""]),
  ];
}

function fence(yaml: string): string {
  return `\`\`\`yaml\n${yaml.trim()}\n\`\`\``;
}
