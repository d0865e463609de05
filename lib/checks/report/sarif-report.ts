import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding } from "../../core/finding";
import type { RuleText } from "../rule";
import { rulePage } from "../rule-page";
import { safeJson } from "./safe-text";

/** What a SARIF log says beside the findings. */
export interface SarifReportProps {
  /** Version of this package. */
  readonly version: string;
  /** Folder that names of files are relative to: the root of the repository in CI. Absolute. */
  readonly root: string;
  /** Texts of the rules: those of codes that were found go into the log. */
  readonly rules: readonly RuleText[];
  /** Codes that were accepted everywhere; all others were accepted where they are. */
  readonly ignored: Readonly<Record<string, string>>;
}

/** Findings as a SARIF 2.1.0 log, for code scanning. Ends with a line break. */
export function sarifReport(findings: readonly Finding[], props: SarifReportProps): string {
  const rules = rulesOf(findings, props.rules);
  const index = new Map(rules.map(({ code }, place) => [code, place]));
  const prints = new Fingerprints();
  const results = findings.map((finding) => ({
    ruleId: finding.code,
    ...(index.has(finding.code) && { ruleIndex: index.get(finding.code) }),
    level: finding.severity,
    message: { text: `${finding.field === undefined ? "" : `${finding.field}: `}${finding.message} ${finding.fix}` },
    locations: [location(finding, props.root)],
    partialFingerprints: { "meshground/v1": prints.of(finding) },
    ...(finding.suppressed !== undefined && { suppressions: [suppression(finding, finding.suppressed, props)] }),
  }));
  const driver = { name: "meshground", version: props.version, rules: rules.map(descriptor) };
  return safeJson({
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver }, columnKind: "utf16CodeUnits", results }],
  });
}

function rulesOf(findings: readonly Finding[], rules: readonly RuleText[]): readonly RuleText[] {
  const found = new Set(findings.map(({ code }) => code));
  return rules.filter(({ code }) => found.has(code));
}

function descriptor(rule: RuleText): object {
  const { code, title, severity, consequence, fix, see = [] } = rule;
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: consequence === "" ? title : consequence },
    help: { text: [consequence, fix, ...see].join("\n"), markdown: rulePage(rule) },
    defaultConfiguration: { level: severity },
    properties: { tags: ["istio", "kubernetes"], precision: "high", "problem.severity": severity === "note" ? "recommendation" : severity },
  };
}

function location({ file, line, column, path, resource }: Finding, root: string): object {
  const name =
    resource === undefined ? path : `${resource.kind} ${resource.namespace === undefined ? "" : `${resource.namespace}/`}${resource.name}`;
  const region = { startLine: line ?? 1, ...(column !== undefined && { startColumn: column }) };
  return {
    ...(file !== undefined && { physicalLocation: { artifactLocation: artifactLocation(file, root), region } }),
    logicalLocations: [{ name, fullyQualifiedName: path, kind: resource === undefined ? "module" : "object" }],
  };
}

/** Below the root a relative address, elsewhere a whole one. */
function artifactLocation(file: string, root: string): object {
  const absolute = resolve(root, file);
  const below = relative(root, absolute);
  if (below.startsWith("..") || isAbsolute(below)) return { uri: pathToFileURL(absolute).href };
  return { uri: below.split(sep).map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
}

function suppression({ code }: Finding, reason: string, { ignored }: SarifReportProps): object {
  return { kind: ignored[code] === reason ? "external" : "inSource", justification: reason };
}

/** What tells a finding from others when lines move: its code, its object and its field; a number where that is not enough. */
class Fingerprints {
  readonly #seen: Map<string, number> = new Map();

  of({ code, path, resource, field }: Finding): string {
    const { apiVersion, kind, namespace, name } = resource ?? {};
    const facts = [code, resource === undefined ? path : "", apiVersion?.split("/")[0], kind, namespace, name, field];
    const hash = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
    const count = (this.#seen.get(hash) ?? 0) + 1;
    this.#seen.set(hash, count);
    return `${hash}:${count}`;
  }
}
