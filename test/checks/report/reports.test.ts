import Ajv from "ajv";
import { expect, test } from "vitest";
import { githubReport } from "../../../lib/checks/report/github-report";
import { jsonReport } from "../../../lib/checks/report/json-report";
import { sarifReport } from "../../../lib/checks/report/sarif-report";
import { countText, textReport } from "../../../lib/checks/report/text-report";
import { allTexts } from "../../../lib/checks/rules/all-rules";
import type { Finding } from "../../../lib/core/finding";
import { accepted, hostile as hostileFinding, ofTree, port } from "./findings";
import { sarifSchema } from "./sarif-schema";

/** What a terminal would obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const commands = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/;
const { suppressed: _, ...hostile } = hostileFinding;
const all: readonly Finding[] = [port, accepted, ofTree];
const source = ["spec:", "  route:", "    destination:\t# here"];
const text = (findings: readonly Finding[], colour = false): string =>
  textReport(findings, { colour, sourceLine: (_file, line) => source[line - 1], subject: "2 objects in 1 file" });
const sarif = (findings: readonly Finding[], ignored: Readonly<Record<string, string>> = {}): string =>
  sarifReport(findings, { version: "1.2.3", root: "/repo", rules: allTexts, ignored });

test("text shows place, object, the line itself, what is wrong and what to do, by file or construct", () => {
  expect(text(all)).toMatchInlineSnapshot(`
    "shop/pricing.yaml:3:5 error IST0112 VirtualService shop/pricing
          3 |     destination: # here
            |     ^
        spec.http[0].route[0].destination.host: pricing has the ports 8080, 9090, and the destination names none of them.
        Set destination.port.number to one of the host's ports.
    shop/pricing.yaml:3:5 accepted IST0102 VirtualService shop/pricing
          3 |     destination: # here
            |     ^
        spec.http[0].route[0].destination.host: pricing has the ports 8080, 9090, and the destination names none of them.
        accepted: made by another team

    shop/mesh warning MG0203
        calls may leave for any host.
        Set outbound to REGISTRY_ONLY.

    1 error, 1 warning; 1 accepted. 2 objects in 1 file.
    "
  `);
});

test("text counts what is open and what is accepted", () => {
  expect(countText([...all, port, { ...port, severity: "note" }])).toBe("2 errors, 1 warning, 1 note; 1 accepted");
  expect(countText([])).toBe("Nothing found");
  expect(text([])).toBe("Nothing found. 2 objects in 1 file.\n");
});

test("text has colours where they are asked for, and the same words", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const escapes = /\u001b\[\d+m/g;
  expect(text(all, true)).toMatch(escapes);
  expect(text(all, true).replace(escapes, "")).toBe(text(all));
});

test("text says nothing to the terminal itself, whatever names and messages hold", () => {
  for (const sourceLine of [() => "\u001b[2J\u009b1m\u202e", () => undefined]) {
    const shown = textReport([hostile], { colour: false, sourceLine, subject: "x\u001b[1m" });
    expect(shown.replaceAll("\n", "")).not.toMatch(commands);
    expect(shown).toContain("Service\\x1b]0;x\\x07 a\\x0d\\x0a::set-output");
  }
});

test("text cuts what would fill the screen", () => {
  expect(text([{ ...port, message: "x".repeat(100_000) }]).length).toBeLessThan(3000);
});

test("JSON has the fields in their order, and leaves out what is absent", () => {
  expect(JSON.parse(jsonReport(all))).toEqual({ findings: all });
  expect(Object.keys(JSON.parse(jsonReport([accepted])).findings[0])).toEqual(
    "code severity resource field file line column path message fix link suppressed".split(" "),
  );
  expect(jsonReport([])).toBe('{\n  "findings": []\n}\n');
});

test("JSON and SARIF say nothing to a terminal either, and are read as what was written", () => {
  for (const json of [jsonReport([hostile]), sarif([hostile])]) expect(json.replaceAll("\n", "")).not.toMatch(commands);
  expect(JSON.parse(jsonReport([hostile]))).toEqual({ findings: [hostile] });
});

test("annotations are one line each, and leave out what is accepted", () => {
  expect(githubReport(all)).toMatchInlineSnapshot(`
    "::error file=shop/pricing.yaml,line=3,col=5,title=IST0112 VirtualService shop/pricing::spec.http[0].route[0].destination.host: pricing has the ports 8080, 9090, and the destination names none of them. Set destination.port.number to one of the host's ports.
    ::warning title=MG0203 shop/mesh::calls may leave for any host. Set outbound to REGISTRY_ONLY.
    "
  `);
});

test("annotations cannot be made to say anything else", () => {
  const lines = githubReport([hostile]).split("\n");
  expect(lines).toHaveLength(2);
  const [, properties = "", data = ""] = /^::error ([^:]*)::(.*)$/.exec(lines[0] ?? "") ?? [];
  expect(Object.fromEntries(properties.split(",").map((property) => property.split("=")))).toEqual({
    file: "a%2Cb%3Ac%25%0A\u001b[31m.yaml",
    line: "1",
    col: "1",
    title: expect.stringContaining("\\x0d\\x0a%3A%3Aset-output name"),
  });
  expect(data).toContain("got \\x1b[31m\\x0a::warning::z. Do \\x00 not\\u2028 obey.");
});

test("SARIF is what its schema says, for every finding", () => {
  const validate = new Ajv({ strict: false }).compile(sarifSchema);
  for (const findings of [
    [],
    all,
    [hostile],
    [
      { ...port, file: "../else/where.yaml" },
      { ...port, line: undefined as never },
    ],
  ]) {
    validate(JSON.parse(sarif(findings)));
    expect(validate.errors).toBeNull();
  }
});

test("SARIF names the rule with its page, the place below the root, and why a finding is accepted", () => {
  const [run] = JSON.parse(sarif([port, accepted], { IST0102: "made by another team" })).runs;
  expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(["IST0102", "IST0112"]);
  expect(run.tool.driver.rules[1].help.markdown).toContain("# IST0112");
  expect(run.results[0]).toMatchObject({
    ruleId: "IST0112",
    ruleIndex: 1,
    level: "error",
    locations: [{ physicalLocation: { artifactLocation: { uri: "shop/pricing.yaml" }, region: { startLine: 3, startColumn: 5 } } }],
  });
  expect(run.results[1].suppressions).toEqual([{ kind: "external", justification: "made by another team" }]);
  expect(JSON.parse(sarif([accepted])).runs[0].results[0].suppressions).toMatchObject([{ kind: "inSource" }]);
});

test.each([
  ["/repo/shop/søt fisk.yaml", "shop/s%C3%B8t%20fisk.yaml"],
  ["./shop.yaml", "shop.yaml"],
  ["../shop.yaml", "file:///shop.yaml"],
  ["/else/where.yaml", "file:///else/where.yaml"],
  ["<stdin>", "%3Cstdin%3E"],
])("SARIF names the file %s as %s", (file, uri) => {
  const [result] = JSON.parse(sarif([{ ...port, file }])).runs[0].results;
  expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
});

test("SARIF's fingerprints stay when lines move, and tell findings apart", () => {
  const prints = (findings: readonly Finding[]): readonly string[] =>
    JSON.parse(sarif(findings)).runs[0].results.map(
      (result: { partialFingerprints: Record<string, string> }) => result.partialFingerprints["meshground/v1"],
    );
  const [print] = prints([port]);
  expect(prints([{ ...port, line: 99, column: 1, message: "other words." }])).toEqual([print]);
  const others = [port, port, { ...port, field: "spec" }, { ...port, code: "IST0101" }, ofTree, { ...ofTree, path: "shop/other" }];
  expect(new Set(prints(others)).size).toBe(others.length);
});
