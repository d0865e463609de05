import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Qualification, QualificationRow } from "../../lib/hosts/qualification";
import { judge } from "../../lib/hosts/qualification-judgement";
import { type Measurements, tryMeasurements } from "../../lib/hosts/qualification-measurements";
import { qualificationTable } from "../../lib/hosts/qualification-table";
import { hostileText } from "../core/hostile";
import { captured, measurements, requirements } from "./measured";

const accept = { nvme: "the vendor's contract says NVMe", linkSpeed: "iperf3 says 9.4 Gbit/s" };
const real = tryMeasurements(captured("qualification.txt")) as Measurements;
const good: Qualification = { host: "10.0.0.11:22", pool: "oslo", rows: judge(requirements, measurements) };
const bad: Qualification = { host: "10.0.0.12:22", pool: "oslo", rows: judge({ ...requirements, cores: 4, accept }, real) };

const golden = (name: string): string => `../golden/hosts/qualification.${name}.txt`;

test("one host has a table, and what to do below it", async () => {
  await expect(qualificationTable(bad)).toMatchFileSnapshot(golden("one"));
});

test("several hosts have one table, and each thing to do once", async () => {
  const third: Qualification = { ...bad, host: "10.0.0.13:2222", rows: bad.rows.slice(4, 6) };
  await expect(qualificationTable([good, { ...bad, rows: bad.rows.slice(0, 6) }, third])).toMatchFileSnapshot(golden("several"));
});

test("a host that holds everything has nothing below its table", () => {
  expect(qualificationTable(good)).toMatch(/^10\.0\.0\.11:22, pool oslo: qualified\n/);
  expect(qualificationTable(good).trimEnd().split("\n")).toHaveLength(2 + good.rows.length);
});

describe("hostile names, findings and reasons", () => {
  const row = fc.record({
    measure: fc.constantFrom<QualificationRow["measure"]>("fsync", "cores"),
    wanted: hostileText,
    got: hostileText,
    verdict: fc.constantFrom<QualificationRow["verdict"]>("holds", "fails", "accepted", "not measured"),
    reason: hostileText,
    fix: hostileText,
  });
  const host = fc.record({ host: hostileText, pool: hostileText, rows: fc.array(row, { maxLength: 4 }) });

  test("make no line, no column and no escape sequence of their own", () => {
    fc.assert(
      fc.property(fc.array(host, { minLength: 1, maxLength: 3 }), (hosts) => {
        const table = qualificationTable(hosts.length === 1 && hosts[0] !== undefined ? hosts[0] : hosts);
        const [top = "", below = ""] = table.split("\n\n");
        expect(table.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(top.trimEnd().split("\n")).toHaveLength(hosts.length + 1 + hosts.reduce((sum, { rows }) => sum + rows.length, 0));
        expect(below.trimEnd().split("\n").length).toBeLessThanOrEqual(Math.max(1, 4 * hosts.length));
        for (const line of table.split("\n")) expect(line.length).toBeLessThan(1_200);
      }),
    );
  });
});
