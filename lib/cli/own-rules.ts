import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Rule } from "../checks/rule";
import { UsageError } from "./usage-error";

/**
 * Rules that a module exports: each export that is a rule, or a list of rules.
 *
 * @throws UsageError when the module cannot be loaded, exports none, or what it exports is no rule.
 */
export async function ownRules(file: string): Promise<readonly Rule[]> {
  const exported = Object.values(await modules(file)).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]));
  const rules = new Set(exported.filter((value) => typeof value === "object" && value !== null && "check" in value));
  if (rules.size === 0) throw new UsageError([`--rules ${file}: it exports no rule. Export objects of the type Rule.`]);
  const problems = [...rules].flatMap((rule) => ruleProblems(rule as Partial<Rule>));
  if (problems.length > 0) throw new UsageError(problems.map((problem) => `--rules ${file}: ${problem}`));
  return [...rules] as readonly Rule[];
}

async function modules(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const loaded: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(file)).href);
    // What a CommonJS module exports stands under default as well.
    return { ...loaded, ...(loaded.default as object | undefined) };
  } catch (error) {
    throw new UsageError([`--rules ${file}: it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function ruleProblems(rule: Partial<Rule>): readonly string[] {
  const { code, severity, check } = rule;
  const texts = (["title", "consequence", "fix"] as const).filter((field) => typeof rule[field] !== "string");
  return [
    ...(typeof code === "string" && /^[A-Z][A-Z0-9_-]{1,39}$/.test(code) ? [] : ['a rule needs a code, such as "SHOP001".']),
    ...(severity === "error" || severity === "warning" || severity === "note"
      ? []
      : [`${code}: severity has to be error, warning or note.`]),
    ...(typeof check === "function" ? [] : [`${code}: check has to be a function.`]),
    ...texts.map((field) => `${code}: ${field} has to be text.`),
  ];
}
