import { describe, expect, test } from "vitest";
import { invalidRegex } from "../../../lib/checks/rules/workloads/ist0122-invalid-regex";
import { regexProblem } from "../../../lib/istio/re2-syntax";
import { findingsIn } from "../checked";
import { istio, yaml } from "./workload-objects";

describe("a regular expression of RE2", () => {
  test.each([
    "",
    "a|b||",
    "/prices/[0-9]+(\\.json)?",
    "^(?:a*)*?$",
    "(?i)a(?s-m:b)",
    "(?P<year>\\d{4})-(?<month>\\d\\d)",
    "[]a-]",
    "[^]]",
    "[[:alpha:]\\d\\pL\\p{Greek}\\x{1F600}-😀]",
    "\\Qa.b(\\E+\\A\\z\\b",
    "\\101\\07\\x41\\-\\.\\/\\ ",
    "a{2,5}b{3,}c{,3}d{x}{01}",
    "(?:a{30}){30}",
    "\\p{^Lu}\\P{Any}",
    "[[:]",
    "é{2}",
  ])("may be %j", (pattern) => {
    expect(regexProblem(pattern)).toBeUndefined();
  });

  test.each([
    ["a(?!b)", "(?!b) is not known there: RE2 has no look-around"],
    ["(?<=a)b", "(?<=a)b is not known there: RE2 has no look-around"],
    ["(?P<a>x)(?P<a>y)", "the group's name a is none, or used before"],
    ["(?P<a b>x)", "the group's name a b is none, or used before"],
    ["(a)\\1", "\\1 is not known: RE2 has no backreferences"],
    ["(a", "a group is not closed: ) is missing"],
    ["a)", ") closes nothing"],
    ["[a", "a class is not closed: ] is missing"],
    ["[z-a]", "the range z-a runs backwards"],
    ["[[:letter:]]", "[:letter:]] names no class"],
    ["[a-\\d]", "\\d is not known"],
    ["*a", "* has nothing to repeat"],
    ["(|+)", "+ has nothing to repeat"],
    ["a**", "* repeats a repetition: put it into a group"],
    ["a{2}{3}", "{3} repeats a repetition: put it into a group"],
    ["a{1001}", "{1001} repeats more than 1000 times"],
    ["a{3,2}", "{3,2} ends before it begins"],
    ["(?:a{40}){40}", "{40} and the repetitions in it make more than 1000"],
    ["a\\", "it ends with a backslash"],
    ["\\p{Elvish}", "\\p{Elvish} names no class of Unicode"],
    ["\\p{", "\\p{ names no class of Unicode"],
    ["\\Z", "\\Z is not known"],
    ["\\x{110000}", "\\x is not known"],
  ])("may not be %j", (pattern, problem) => {
    expect(regexProblem(pattern)).toBe(problem);
  });

  test("of a hundred thousand characters is read in no time", () => {
    const start = performance.now();
    for (const part of ["[[:", "(", "[a-", "\\Q", "a{", "(?<", "\\p{", "x*?", "(?i)"]) regexProblem(part.repeat(100_000 / part.length));
    expect(performance.now() - start).toBeLessThan(4_000);
  });
});

describe("a VirtualService", () => {
  const bad = { regex: "(?!a)" };
  const found = (http: unknown, istioRelease = "1.22"): readonly string[] =>
    findingsIn(yaml(istio("VirtualService", { http })), [invalidRegex], { istio: istioRelease }).map(({ field }) => field ?? "");

  test("has its regular expressions read, wherever requests are matched by them", () => {
    const match = { uri: bad, scheme: bad, method: bad, authority: bad, headers: { "x-a": bad }, queryParams: { b: bad } };
    expect(found([{}, { match: [match], corsPolicy: { allowOrigins: [{ exact: "a" }, bad] } }])).toEqual([
      "spec.http[1].match[0].uri.regex",
      "spec.http[1].match[0].scheme.regex",
      "spec.http[1].match[0].method.regex",
      "spec.http[1].match[0].authority.regex",
      'spec.http[1].match[0].headers["x-a"].regex',
      "spec.http[1].match[0].queryParams.b.regex",
      "spec.http[1].corsPolicy.allowOrigins[1].regex",
    ]);
  });

  test("is left alone where nothing is to read", () => {
    expect(found([{ match: [{ uri: { regex: "" } }, { uri: { prefix: "(?!a)" } }, { withoutHeaders: { a: bad } }] }])).toEqual([]);
  });

  test("is left to validation from Istio 1.23 on", () => {
    expect(found([{ match: [{ uri: bad }] }], "1.23")).toEqual([]);
  });
});
