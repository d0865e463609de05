import { catalogue, type IstioMinor } from "./catalogue";
import { endText, factsOf, kubernetesOf } from "./release-facts";

/** The reference page of the catalogue, as Markdown. It names no day of its own. */
export function releasesPage(): string {
  const rows = [...catalogue].reverse();
  return [
    "# Releases",
    "",
    "The releases of Istio that the library knows, newest first. `meshground versions` says which of them are supported today, `meshground versions --istio 1.30` shows one.",
    "A tree names its own: `new MeshApp({ istio, kubernetes })` refuses a pair that Istio does not support, with the nearest one that it does.",
    "",
    "| Istio | newest patch known | released | supported until | Kubernetes |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row.minor} | ${row.lastPatch} | ${row.released} | ${endText(row.endOfLife)} | ${kubernetesRange(row)} |`),
    "",
    "`about` marks an end of which Istio has named the month only.",
    "",
    "## What came and went",
    "",
    "| | value | releases |",
    "|---|---|---|",
    ...changes(catalogue).map(([name, value, releases]) => `| ${name} | ${value} | ${releases} |`),
    "",
    "## How long Kubernetes is maintained",
    "",
    "| Kubernetes | until |",
    "|---|---|",
    ...kubernetesRows().map(([minor, end]) => `| ${minor} | ${end} |`),
    "",
    "## What each row rests on",
    "",
    ...rows.map(({ minor, verified }) => `- ${minor}: ${verified}`),
    "",
  ].join("\n");
}

/** `1.32 to 1.36`. */
export function kubernetesRange({ kubernetes: { oldest, newest } }: IstioMinor): string {
  return `1.${oldest} to 1.${newest}`;
}

/** Each fact with each of its values, and the releases that have it. */
function changes(rows: readonly IstioMinor[]): readonly (readonly [name: string, value: string, releases: string])[] {
  const table = rows.map((row) => ({ minor: row.minor, facts: factsOf(row) }));
  return (table[0]?.facts ?? []).flatMap(([name], index) => {
    const valueIn = (facts: ReturnType<typeof factsOf>): string => facts[index]?.[1] ?? "";
    const values = [...new Set(table.map(({ facts }) => valueIn(facts)))];
    return values.map((value) => {
      const minors = table.filter(({ facts }) => valueIn(facts) === value).map(({ minor }) => minor);
      return [name, `\`${value}\``, spanText(minors, rows)] as const;
    });
  });
}

/** Releases that follow each other, by the first and the last. */
function spanText(minors: readonly string[], rows: readonly IstioMinor[]): string {
  if (minors.length === rows.length) return "all";
  const [first, last] = [minors[0] ?? "", minors.at(-1) ?? ""];
  if (last === rows.at(-1)?.minor) return `from ${first}`;
  return first === last ? first : `${first} to ${last}`;
}

function kubernetesRows(): readonly (readonly [minor: string, end: string])[] {
  const all = catalogue.flatMap(kubernetesOf).map(({ minor, endOfLife }) => [minor, endOfLife ?? "not known"] as const);
  return [...new Map(all)].reverse();
}
