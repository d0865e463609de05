import { type KernelKeyFacts, kernelKeyFacts } from "./kernel-key-facts";
import { kernelKeyNames } from "./kernel-keys";
import type { KernelKeyName } from "./kernel-settings";

/** What is known of a kernel key, as Markdown that a terminal shows as well. */
export function kernelKeyPage(key: KernelKeyName): string {
  return `# ${key}\n\n${section(kernelKeyFacts(key))}`;
}

/** The reference page of all keys, as Markdown. */
export function kernelKeysPage(): string {
  const facts = kernelKeyNames.map(kernelKeyFacts);
  return [
    "# Kernel keys",
    "",
    `The ${facts.length} keys that a \`KernelProfile\` checks, in the order in which files name them. \`meshground explain <key>\` shows one; keys that are not here go through`,
    "`profile.withUnknown`, with a reason.",
    "",
    "| key | what | one for each | `KernelProfile.mesh` |",
    "|---|---|---|---|",
    ...facts.map(
      ({ key, summary, scope, mesh }) => `| [${key}](#${anchor(key)}) | ${summary} | ${scopeWord(scope)} | ${mesh?.value ?? ""} |`,
    ),
    "",
    ...facts.flatMap((fact) => [`## ${fact.key}`, "", section(fact)]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function section({ summary, values, range, stock, pods, mesh, overwrittenBy, caution, seen, module, see }: KernelKeyFacts): string {
  const lines = [
    ["Values", range === undefined ? values : `${values}. Range: ${range}`],
    ["The kernel's own", stock],
    ["Pods", pods],
    [
      "KernelProfile.mesh",
      mesh === undefined ? "leaves it alone" : `sets ${mesh.value}, as the published system does that it follows. ${mesh.reason}`,
    ],
    ["Overwritten by", overwrittenBy],
    ["Mind", caution],
    [
      "Needs",
      module === undefined
        ? undefined
        : `the kernel module ${module}: without it the key does not exist, and sysctl passes it over in silence`,
    ],
    ["Measured", seen],
    ["Source", `<${see}>`],
  ] as const;
  const told = lines.flatMap(([name, text]) => (text === undefined ? [] : [`- ${name}: ${text}`]));
  return `${[summary, "", ...told].join("\n")}\n`;
}

function scopeWord(scope: KernelKeyFacts["scope"]): string {
  return scope === "node" ? "node" : "network namespace";
}

/** As pages of Markdown name the anchor of a heading. */
function anchor(key: string): string {
  return key.replaceAll(".", "");
}
