import { safeJson } from "../checks/report/safe-text";
import { rulePage } from "../checks/rule-page";
import { allTexts } from "../checks/rules/all-rules";
import { didYouMean } from "../core/check";
import { kernelKeyFacts } from "../nodes/kernel-key-facts";
import { kernelKeyPage } from "../nodes/kernel-key-page";
import { kernelKeyNames, kernelKeys } from "../nodes/kernel-keys";
import { meantKey } from "../nodes/kernel-setting";
import { UsageError } from "./usage-error";

/**
 * What a code of a finding or a kernel key means: a page as Markdown, or JSON.
 *
 * @param name - code in any case; key with dots, with slashes, or as a path below /proc/sys
 * @throws UsageError for a name that is neither, with the nearest that is.
 */
export function explanation(name: string, json: boolean): string {
  const text = allTexts.find(({ code }) => code === name.toUpperCase());
  if (text !== undefined) return json ? safeJson(text) : rulePage(text);
  const dotted = name.replace(/^\/proc\/sys\//, "").replaceAll("/", ".");
  const key = kernelKeyNames.find((known) => known === dotted);
  if (key !== undefined) return json ? safeJson(kernelKeyFacts(key)) : kernelKeyPage(key);
  throw new UsageError([`no rule has the code "${name}", and no kernel key that is known has the name. ${hint(name, dotted)}`]);
}

/** Everything that can be explained, a line each, or as JSON. */
export function explanations(json: boolean): string {
  const codes = [...allTexts].sort((a, b) => (a.code < b.code ? -1 : 1)).map(({ code, title, severity }) => ({ code, title, severity }));
  const keys = kernelKeyNames.map((key) => ({ key, summary: kernelKeys[key].summary }));
  if (json) return safeJson({ codes, kernelKeys: keys });
  const width = Math.max(...kernelKeyNames.map(({ length }) => length));
  return [
    "Codes of findings:",
    ...codes.map(({ code, severity, title }) => `  ${code}  ${severity.padEnd(7)}  ${title}`),
    "",
    "Kernel keys:",
    ...keys.map(({ key, summary }) => `  ${key.padEnd(width)}  ${summary}`),
    "",
  ].join("\n");
}

function hint(name: string, dotted: string): string {
  const meant = dotted.includes(".")
    ? meantKey(dotted)
    : didYouMean(
        name.toUpperCase(),
        allTexts.map(({ code }) => code),
      );
  return meant ?? meantKey(dotted) ?? "What there is: meshground explain";
}
