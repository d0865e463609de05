import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostResult } from "../../../lib/cli/live-hosts/host-result";
import { exitCodeOf } from "../../../lib/cli/live-hosts/host-result";
import { resultText } from "../../../lib/cli/live-hosts/result-text";
import { hostileText } from "../../core/hostile";

const host = { name: "oslo-1", pool: "oslo", address: "10.0.0.11:22" };

const result: fc.Arbitrary<HostResult> = fc
  .record({ text: hostileText, state: fc.constantFrom("pending", "changed", "drifted", "failed") })
  .map(({ text, state }) => ({
    ...host,
    name: text,
    state,
    changes: [
      { kind: "value", key: text, from: text, to: text, floor: true },
      { kind: "file", path: text, action: "update" },
      { kind: "module", name: text },
    ],
    mismatches: [{ kind: "file", name: text, wanted: text, got: text }],
    overriding: [{ key: text, value: text, file: text, line: 1 }],
    error: { reason: "unexpected", message: text },
  }));

describe("a report for people", () => {
  test("holds nothing that a terminal would obey, whatever a host says", () =>
    fc.assert(
      fc.property(fc.array(result), (results) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(resultText(results, { colour: false })).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }),
    ));

  test("colours what became of a host, and nothing else", () => {
    expect(resultText([{ ...host, state: "holds" }], { colour: true })).toBe(
      "oslo-1 (10.0.0.11:22, pool oslo): \u001b[32mhas the whole profile\u001b[39m\n\n1 host: 1 as wanted.\n",
    );
  });

  test("says of a host with an earlier profile's remains alone what would be done there", () => {
    expect(resultText([{ ...host, state: "pending", changes: [] }], { colour: false })).toContain("0 changes\n  only what is kept there");
  });

  test("says that a run was cut off, which comes before all else", () => {
    expect(resultText([{ ...host, state: "drifted", interrupted: true }], { colour: false })).toContain("an earlier run was cut off there");
  });
});

describe("the exit code", () => {
  test.each([
    [[], 0],
    [["unchanged", "changed", "holds"], 0],
    [["holds", "drifted"], 1],
    [["unchanged", "pending"], 1],
    [["pending", "failed"], 3],
    [["changed", "not-begun"], 3],
  ] as const)("of hosts that are %j is %i", (states, code) => {
    expect(exitCodeOf(states.map((state) => ({ ...host, state })))).toBe(code);
  });
});
