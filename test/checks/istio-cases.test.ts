import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allRules } from "../../lib/checks/rules/all-rules";
import { type Analyzer, analyzers } from "./analyzers";
import { findingsIn } from "./checked";

/** Istio's own cases, where they are to be had. @see https://github.com/istio/istio/tree/master/pkg/config/analysis/analyzers/testdata */
const folder = process.env.MESHGROUND_ISTIO_CASES ?? join(__dirname, "../../../shared/istio-analysis");
const file = join(folder, "cases.json");

interface Case {
  readonly name: string;
  readonly files: readonly string[];
  readonly meshConfig: string | null;
  readonly analyzer: string;
  readonly expected: readonly { readonly code: string; readonly resource: string }[];
}

const input = (name: string): string => readFileSync(join(folder, "input", name), "utf8");
const rules = new Set(allRules.map(({ code }) => code));

/** `IST0101 VirtualService shop/pricing` for each message of the case, of the codes that its analyzer and the library share. */
const expectedOf = ({ expected }: Case, { codes }: Analyzer): readonly string[] =>
  expected.filter(({ code }) => rules.has(code) && codes.includes(code)).map(({ code, resource }) => `${code} ${resource}`);

const foundIn = ({ files, meshConfig }: Case, analyzer: Analyzer): readonly string[] =>
  findingsIn(files.map(input).join("\n---\n"), allRules, {
    today: "2026-11-27",
    ...(meshConfig !== null && { meshConfig: input(meshConfig) }),
  })
    .filter((finding) => analyzer.codes.includes(finding.code))
    .map(({ code, resource }) => `${code} ${resource?.kind} ${[resource?.namespace, resource?.name].filter(Boolean).join("/")}`);

const cases: readonly Case[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
const judged = cases.flatMap((one) => {
  const analyzer = analyzers[one.analyzer];
  return analyzer === undefined ? [] : [{ title: `${one.name} (${one.files.join(", ")})`, one, analyzer }];
});

describe.skipIf(cases.length === 0)("Istio's own cases", () => {
  test.each(judged)("$title", ({ one, analyzer }) => {
    expect([...foundIn(one, analyzer)].sort()).toEqual([...expectedOf(one, analyzer)].sort());
  });

  test("are told of in the documentation, code by code", async () => {
    await expect(table()).toMatchFileSnapshot(join(__dirname, "../../docs/istio-codes.md"));
  });
});

/** What is in one list and not in the other, as often as it is there more. */
function minus(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other];
  return list.filter((entry) => {
    const index = left.indexOf(entry);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function table(): string {
  const rows = new Map<string, { expected: number; missed: number; false: number }>();
  const count = (entries: readonly string[], column: "expected" | "missed" | "false"): void => {
    for (const entry of entries) {
      const code = entry.split(" ")[0] ?? "";
      const row = rows.get(code) ?? { expected: 0, missed: 0, false: 0 };
      rows.set(code, row);
      row[column] += 1;
    }
  };
  for (const { one, analyzer } of judged) {
    const [expected, found] = [expectedOf(one, analyzer), foundIn(one, analyzer)];
    count(expected, "expected");
    count(minus(expected, found), "missed");
    count(minus(found, expected), "false");
  }
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const total = lines.reduce((sum, [, row]) => sum + row.expected, 0);
  return [
    "# Istio's codes, held to Istio's own cases",
    "",
    `${judged.length} of the cases with which Istio tests its analyzers (istio/istio, commit 86c9f01) expect ${total} messages of codes that the library has.`,
    "A case runs one analyzer, so only the codes of that analyzer are compared. This page is written by the tests.",
    "",
    "| code | expected | caught | missed | false |",
    "|---|---|---|---|---|",
    ...lines.map(
      ([code, row]) => `| [${code}](rules/${code}.md) | ${row.expected} | ${row.expected - row.missed} | ${row.missed} | ${row.false} |`,
    ),
    "",
  ].join("\n");
}
